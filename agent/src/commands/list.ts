/** `oracle-agent list`: who belongs to the fleet, who leads, and what is in force. Works with no agent alive. */
import type { CommandInput } from "../command-line/command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../exit-codes.ts";
import type { FleetPicture } from "./support/fleet-picture.ts";
import { fleetLines } from "./support/fleet-text.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";
import { watchedReport } from "./support/watched-report.ts";

export async function list(input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const { picture } = await watchedReport(session, silentLeader);
  const leaderMissing = input.has("require-leader") && picture.leader === null;
  return {
    exitCode: leaderMissing ? EXIT_FAILURE : EXIT_OK,
    failed: false,
    lines: fleetLines(picture, session.terminal),
    data: { ...picture },
  };
}

function silentLeader({ members }: FleetPicture): readonly string[] {
  const leader = members.find(({ role, state }) => role === "leader" && state === "silent");
  return leader === undefined ? [] : [leader.botId];
}
