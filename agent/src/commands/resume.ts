/** `oracle-agent resume`: ends a pause of the fleet, or a hold after a foreign update. */
import type { CommandInput } from "../command-line/command.ts";
import { confirm } from "./support/confirm.ts";
import { sendDirective } from "./support/directive.ts";
import { requesterOf } from "./support/requester.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";
import { leaderWords, requireFleet } from "./support/words.ts";

export async function resume(input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const { office, env } = session;
  const asked = requesterOf(input, env);
  const before = await office.report();
  requireFleet(before);
  const held = before.members.find(({ leads, report }) => leads && report.pausedBy !== undefined);
  const why = held === undefined ? "" : ` It is ${held.report.pausedBy}.`;
  await confirm(
    input,
    session,
    `This lets the fleet (leader: ${leaderWords(before)}) push again and accepts the price on chain as it is.${why}`,
  );
  return sendDirective(session, before, { kind: "resume", effect: "The fleet is resumed" }, () =>
    office.control.resume(asked),
  );
}
