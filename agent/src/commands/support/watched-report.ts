/** The fleet, with time for whoever seems silent to be heard: clocks of two hosts may differ, a change of a record is proof. */
import type { FleetReport } from "@jeju-oracle/plugin-leader-lock";
import { type FleetPicture, fleetPicture } from "./fleet-picture.ts";
import type { FleetSession } from "./session.ts";

/** Whoever seems silent is watched for this many renewals, but not longer than a person likes to wait. */
const WATCHED_RENEWALS = 1.5;
const LONGEST_WATCH_MS = 10_000;

export interface WatchedReport {
  readonly report: FleetReport;
  readonly picture: FleetPicture;
}

/**
 * Looks once, and watches those whom `doubtful` names until all were heard or the time is over.
 * @throws {StoreUnavailableError} {StoreUnusableError}
 */
export async function watchedReport(
  session: FleetSession,
  doubtful: (picture: FleetPicture) => readonly string[],
): Promise<WatchedReport> {
  const { office, clock } = session;
  const first = await office.report();
  const picture = fleetPicture(first, clock.wallMs(), office.timing.ttlMs);
  const watched = doubtful(picture);
  if (watched.length === 0) return { report: first, picture };
  const report = await watchFor(session, first, watched);
  return {
    report,
    picture: fleetPicture(report, clock.wallMs(), office.timing.ttlMs, heardSince(first, report)),
  };
}

/** Everybody who seems silent by its own clock. */
export function silentMembers({ members }: FleetPicture): readonly string[] {
  return members.flatMap(({ botId, state }) => (state === "silent" ? [botId] : []));
}

async function watchFor(
  session: FleetSession,
  first: FleetReport,
  botIds: readonly string[],
): Promise<FleetReport> {
  const { office, clock, terminal, interrupted } = session;
  const watchMs = Math.min(office.timing.renewMs * WATCHED_RENEWALS, LONGEST_WATCH_MS);
  const endMs = clock.monotonicMs() + watchMs;
  const who = botIds.length === 1 ? `${botIds[0]} seems` : `${botIds.join(", ")} seem`;
  terminal.status(`${who} silent by the own clock: watching whether a record changes`);
  let latest = first;
  const missing = () => {
    const heard = heardSince(first, latest);
    return botIds.some((botId) => !heard.has(botId));
  };
  while (clock.monotonicMs() < endMs && !interrupted.aborted && missing()) {
    await office.changed(Math.min(500, endMs - clock.monotonicMs()), interrupted);
    latest = await office.report();
  }
  terminal.status("");
  return latest;
}

function heardSince(first: FleetReport, latest: FleetReport): ReadonlySet<string> {
  const before = new Map(first.members.map((entry) => [entry.identity.botId, entry.timestamp]));
  const heard = latest.members.filter(({ identity, timestamp }) => before.get(identity.botId) !== timestamp);
  return new Set(heard.map(({ identity }) => identity.botId));
}
