/** `oracle-agent force-leader`: revokes the lease and names the next leader, without asking the present one. */
import type { IntentReceipt } from "@jeju-oracle/kit";
import { candidateNamed, type FleetReport } from "@jeju-oracle/plugin-leader-lock";
import type { CommandInput } from "../command-line/command.ts";
import { judgeNewTerm } from "./failover.ts";
import { confirm } from "./support/confirm.ts";
import { describeMs } from "./support/duration.ts";
import { requesterOf } from "./support/requester.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";
import { type Judge, resultOf, waitForFleet } from "./support/waiting.ts";
import { leaderWords } from "./support/words.ts";

/** The revoked lease runs out within one; a nominee that is gone is waited for in vain and passed over. */
const PATIENCE_TTLS = 2;

export async function forceLeader(input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const { office, env } = session;
  const [to = ""] = input.arguments;
  const asked = requesterOf(input, env);
  const before = await office.report();
  candidateNamed(before, to);
  const { ttlMs, renewMs } = timesOf(session, before);
  await confirm(
    input,
    session,
    `This revokes the lease of ${leaderWords(before)} and names ${to}. Nobody pushes until it lets go, or until its lease has run out (${describeMs(ttlMs)}).`,
  );
  const receipt = await office.control.forceLeader({ to, ...asked });
  const outcome = await waitForFleet(session, judgeForced(to, receipt, ttlMs, renewMs), {
    deadlineMs: PATIENCE_TTLS * ttlMs + renewMs,
  });
  return resultOf("force-leader", receipt, outcome);
}

function timesOf({ office: { timing } }: FleetSession, { lease }: FleetReport) {
  return { ttlMs: Math.max(timing.ttlMs, lease?.ttlMs ?? 0), renewMs: timing.renewMs };
}

/** The new term begins when the old leader let go, or a ttl after the revocation: it cannot renew any more. */
export function judgeForced(to: string, receipt: IntentReceipt, ttlMs: number, renewMs: number): Judge {
  return ({ lease }, elapsedMs) => {
    const old = receipt.leaderId ?? "the old leader";
    if (lease !== undefined && lease.term > receipt.term && lease.holder !== null) {
      return judgeNewTerm(to, receipt, { ...lease, leader: lease.holder.botId });
    }
    if (lease?.term === receipt.term && lease.nominee !== undefined && lease.nominee !== to) {
      return {
        kind: "refused",
        why: `the lease now names ${lease.nominee} (${lease.why})`,
        nextStep:
          "Somebody else forced a leader meanwhile: agree with them; oracle-agent list shows the fleet.",
      };
    }
    const nextStep = `Look at oracle-agent list; check the service of ${to} on its host.`;
    if (lease?.holder === null) {
      return { kind: "waiting", text: `${old} let go, waiting for ${to} to take the lead`, nextStep };
    }
    const leftMs = ttlMs - elapsedMs;
    if (leftMs <= 0) {
      return { kind: "waiting", text: `the lease of ${old} has run out, waiting for ${to}`, nextStep };
    }
    const text =
      elapsedMs <= renewMs
        ? `waiting for ${old} to let go at its next renewal`
        : `${old} does not answer; its lease runs out in ${describeMs(leftMs)}`;
    return { kind: "waiting", text, nextStep };
  };
}
