/** `oracle-agent restart`: one agent's process ends in order, and its supervisor starts it again. */
import type { IntentReceipt } from "@jeju-oracle/kit";
import { type MemberEntry, runningMember } from "@jeju-oracle/plugin-leader-lock";
import type { CommandInput } from "../command-line/command.ts";
import { confirm } from "./support/confirm.ts";
import { requesterOf } from "./support/requester.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";
import { type Judge, resultOf, waitForFleet } from "./support/waiting.ts";
import { leaderWords, mayAnswer } from "./support/words.ts";

/** A supervisor waits some seconds before it starts a process again (RestartSec), and a start takes some more. */
const SUPERVISOR_MS = 60_000;

export async function restart(input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const { office, env } = session;
  const [botId = ""] = input.arguments;
  const asked = requesterOf(input, env);
  const before = await office.report();
  const member = runningMember(before, botId);
  const { host, pid } = member.identity;
  const effect = member.leads
    ? "It leads: the lead goes to another member."
    : `${leaderWords(before)} leads.`;
  await confirm(
    input,
    session,
    `This ends ${botId}, process ${pid} on ${host}, for its supervisor to start. ${effect}`,
  );
  const receipt = await office.control.restart({ botId, ...asked });
  const { ttlMs, renewMs } = office.timing;
  const outcome = await waitForFleet(session, judgeRestart(member.identity, receipt), {
    deadlineMs: ttlMs + renewMs + SUPERVISOR_MS,
  });
  return resultOf("restart", receipt, outcome);
}

/** Done when another process reports under this name. */
export function judgeRestart(old: MemberEntry["identity"], receipt: IntentReceipt): Judge {
  const { botId, host, pid } = old;
  return (report) => {
    const entry = report.members.find(({ identity }) => identity.botId === botId);
    if (entry !== undefined && entry.identity.incarnation !== old.incarnation && mayAnswer(entry)) {
      const { identity, leads } = entry;
      return {
        kind: "done",
        success: {
          text: `${botId} runs again as process ${identity.pid} on ${identity.host}`,
          notes: [`The lead is with ${leaderWords(report)}.`],
          data: {
            botId,
            leads,
            oldIncarnation: old.incarnation,
            incarnation: identity.incarnation,
            pid: identity.pid,
            host: identity.host,
            askedInTerm: receipt.term,
          },
        },
      };
    }
    if (entry === undefined || !mayAnswer(entry)) {
      return {
        kind: "waiting",
        text: `${botId} ended, and no supervisor has brought it back yet`,
        nextStep: `Start its service on ${host}.`,
      };
    }
    return {
      kind: "waiting",
      text: `${botId} has not ended yet`,
      nextStep: `It does not answer: restart its service on ${host} (process ${pid}) by hand.`,
    };
  };
}
