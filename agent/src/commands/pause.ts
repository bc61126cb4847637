/** `oracle-agent pause`: no agent of the fleet pushes any more, and nothing of the leader is in flight when this returns. */
import type { CommandInput } from "../command-line/command.ts";
import { chainEnd, LONGEST_S, SHORTEST_S } from "./support/chain-end.ts";
import { confirm } from "./support/confirm.ts";
import { sendDirective } from "./support/directive.ts";
import { durationOptionS } from "./support/duration.ts";
import { requesterOf } from "./support/requester.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";
import { leaderWords, requireFleet } from "./support/words.ts";

export async function pause(input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const { office, env } = session;
  const asked = requesterOf(input, env);
  const lasts = input.value("for");
  const lastsS = lasts === undefined ? undefined : durationOptionS("for", lasts, SHORTEST_S, LONGEST_S);
  const before = await office.report();
  requireFleet(before);
  const end = lastsS === undefined ? undefined : await chainEnd(session, lastsS);
  const until = end?.text ?? "until somebody resumes";
  const leader = leaderWords(before);
  await confirm(input, session, `This stops the updates of the whole fleet (leader: ${leader}) ${until}.`);
  const effect = `The fleet is paused ${until}`;
  return sendDirective(session, before, { kind: "pause", effect }, () =>
    office.control.pause({
      ...asked,
      ...(end === undefined ? {} : { untilChainTimeS: end.untilChainTimeS }),
    }),
  );
}
