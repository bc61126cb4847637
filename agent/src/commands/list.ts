/** `oracle-agent list`: who belongs to the fleet, who leads, and what is in force. Works with no agent alive. */
import type { FleetReport } from "@jeju-oracle/plugin-leader-lock";
import type { CommandInput } from "../command-line/command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../exit-codes.ts";
import { type FleetPicture, fleetPicture } from "./support/fleet-picture.ts";
import { fleetLines } from "./support/fleet-text.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";

/** A leader that seems silent is watched for this many renewals, but not longer than a person likes to wait. */
const WATCHED_RENEWALS = 1.5;
const LONGEST_WATCH_MS = 10_000;

export async function list(input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const picture = await pictureOfFleet(session);
  const leaderMissing = input.has("require-leader") && picture.leader === null;
  return {
    exitCode: leaderMissing ? EXIT_FAILURE : EXIT_OK,
    failed: false,
    lines: fleetLines(picture, session.terminal),
    data: { ...picture },
  };
}

/** Clocks of two hosts may differ: whoever seems silent by its own clock is given the chance to be heard. */
async function pictureOfFleet(session: FleetSession): Promise<FleetPicture> {
  const { office, clock } = session;
  const first = await office.report();
  const picture = fleetPicture(first, clock.wallMs(), office.timing.ttlMs);
  const doubtful = picture.members.find(({ role, state }) => role === "leader" && state === "silent");
  if (doubtful === undefined) return picture;
  const latest = await watchFor(session, first, doubtful.botId);
  return fleetPicture(latest, clock.wallMs(), office.timing.ttlMs, heardSince(first, latest));
}

async function watchFor(session: FleetSession, first: FleetReport, botId: string): Promise<FleetReport> {
  const { office, clock, terminal, interrupted } = session;
  const watchMs = Math.min(office.timing.renewMs * WATCHED_RENEWALS, LONGEST_WATCH_MS);
  const endMs = clock.monotonicMs() + watchMs;
  terminal.status(`${botId} seems silent by its own clock: watching whether it renews its lease`);
  let latest = first;
  while (clock.monotonicMs() < endMs && !interrupted.aborted && !heardSince(first, latest).has(botId)) {
    await office.changed(Math.min(500, endMs - clock.monotonicMs()), interrupted);
    latest = await office.report();
  }
  return latest;
}

function heardSince(first: FleetReport, latest: FleetReport): ReadonlySet<string> {
  const before = new Map(first.members.map((entry) => [entry.identity.botId, entry.timestamp]));
  const heard = latest.members.filter(({ identity, timestamp }) => before.get(identity.botId) !== timestamp);
  return new Set(heard.map(({ identity }) => identity.botId));
}
