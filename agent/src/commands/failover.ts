/** `oracle-agent failover`: the leader hands over in order, to the best member or to a named one. */
import type { IntentReceipt } from "@jeju-oracle/kit";
import { candidateNamed, type FleetReport, heldLease } from "@jeju-oracle/plugin-leader-lock";
import type { CommandInput } from "../command-line/command.ts";
import { confirm } from "./support/confirm.ts";
import { requesterOf } from "./support/requester.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";
import { type Judge, resultOf, type Verdict, waitForFleet } from "./support/waiting.ts";
import { leaderWords } from "./support/words.ts";

const POLLS = 4;

export async function failover(input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const { office, env } = session;
  const to = input.value("to");
  const asked = requesterOf(input, env);
  const before = await office.report();
  heldLease(before);
  if (to !== undefined) candidateNamed(before, to);
  const target = to ?? "the best other member";
  await confirm(input, session, `This hands the lead from ${leaderWords(before)} to ${target}.`);
  const receipt = await office.control.failover({ to, ...asked });
  const outcome = await waitForFleet(session, judgeFailover(to, receipt), {
    deadlineMs: failoverDeadlineMs(session, before),
  });
  return resultOf("failover", receipt, outcome);
}

/** A leader that hears nothing renews within `renew`; one that is gone loses its lease within `ttl`; others see it in a poll. */
function failoverDeadlineMs({ office: { timing } }: FleetSession, { lease }: FleetReport): number {
  const ttlMs = Math.max(timing.ttlMs, lease?.ttlMs ?? 0);
  return ttlMs + POLLS * timing.pollMs + timing.renewMs;
}

/** Done when another term has begun with the right holder. */
export function judgeFailover(to: string | undefined, receipt: IntentReceipt): Judge {
  return ({ lease, failover: intent, members }) => {
    const old = receipt.leaderId ?? "the leader";
    if (intent?.id === receipt.id && intent.refused !== undefined) {
      return {
        kind: "refused",
        why: `${old} did not hand over: ${intent.refused}`,
        nextStep: "Look at oracle-agent list; force-leader does not ask the leader.",
      };
    }
    if (lease !== undefined && lease.term > receipt.term && lease.holder !== null) {
      return judgeNewTerm(to, receipt, { ...lease, leader: lease.holder.botId });
    }
    if (intent !== undefined && intent.id !== receipt.id && intent.forTerm === receipt.term) {
      return {
        kind: "refused",
        why: `${intent.by} asked for another failover meanwhile (${intent.reason})`,
        nextStep: "Agree with them; oracle-agent list shows what is pending.",
      };
    }
    const isDead = members.some(({ leads, liveness }) => leads && liveness === "dead");
    return {
      kind: "waiting",
      text:
        lease?.holder === null
          ? `${old} let go, waiting for ${to ?? "another member"} to take the lead`
          : isDead
            ? `the process of ${old} is dead, waiting for the election`
            : `waiting for ${old} to hand over`,
      nextStep: `Look at oracle-agent list; if ${old} does not answer: oracle-agent force-leader.`,
    };
  };
}

interface NewTerm {
  readonly leader: string;
  readonly term: number;
  readonly why: string;
}

/** The term that was to end has ended, by this request or by something else. */
export function judgeNewTerm(
  to: string | undefined,
  receipt: IntentReceipt,
  { leader, term, why }: NewTerm,
): Verdict {
  const isRight = to === undefined ? leader !== receipt.leaderId : leader === to;
  if (isRight) {
    const data = { leader, term, from: receipt.leaderId ?? null };
    return { kind: "done", success: { text: `${leader} leads since term ${term}`, data } };
  }
  return {
    kind: "refused",
    why: `${leader} leads since term ${term}, not ${to ?? "another member"} (${why})`,
    nextStep: "Ask again if it is still needed; oracle-agent list shows the fleet.",
  };
}
