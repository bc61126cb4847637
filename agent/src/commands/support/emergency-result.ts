/** How an emergency price ended, for people and for scripts. Pure but for the clock. */
import type { BaseError, Requester } from "@jeju-oracle/kit";
import type { emergencyPrice, Plan } from "@jeju-oracle/plugin-alerts-chat/operator";
import { EXIT_BY_SIGNAL, EXIT_FAILURE, EXIT_OK, EXIT_UNCONFIRMED } from "../../exit-codes.ts";
import { describeMs } from "./duration.ts";
import type { OperatorSession } from "./operator-session.ts";
import type { CommandResult } from "./session.ts";
import type { Stillness } from "./still-the-fleet.ts";

export type Prices = Parameters<typeof emergencyPrice.plan>[1];

export interface Order {
  readonly prices: Prices;
  readonly asked: Requester;
  /** For the price of a hand-out, ms. */
  readonly waitMs: number;
  readonly startedAtMs: number;
}

export type Seen = Awaited<ReturnType<typeof emergencyPrice.verify>>;

export interface Outcome {
  readonly order: Order;
  readonly plan: Plan;
  readonly stillness: Stillness;
  readonly safeFile: string | undefined;
  readonly sources: readonly string[];
}

export function notSent(
  session: OperatorSession,
  outcome: Outcome,
  { why, nextStep }: NonNullable<Stillness["doubt"]>,
): CommandResult {
  return {
    exitCode: session.interrupted.aborted ? EXIT_BY_SIGNAL.SIGINT : EXIT_UNCONFIRMED,
    failed: true,
    lines: [...outcome.stillness.lines, `Nothing was sent: ${why}.`, nextStep, ...resumeLines(outcome)],
    data: { ok: false, outcome: "not-sent", ...dataOf(session, outcome), why, nextStep },
  };
}

export function priceResult(
  session: OperatorSession,
  outcome: Outcome,
  seen: Seen,
  failure: BaseError | undefined,
): CommandResult {
  const ok = seen.kind === "verified";
  const handedOut = outcome.plan.handOut !== undefined;
  const took = describeMs(session.clock.monotonicMs() - outcome.order.startedAtMs);
  const kind = ok ? "verified" : handedOut && seen.kind === "pending" ? "handed-out" : "not-verified";
  const headline = {
    verified: `Verified by reading the chain, ${took} after the command began: ${seen.observed}.`,
    "handed-out": `Handed out, not on chain yet, ${took} after the command began: ${seen.observed}.`,
    "not-verified": `Not verified, ${took} after the command began: ${seen.observed}.`,
  }[kind];
  const nextStep = failure?.nextStep ?? "Give the command again to see how the chain stands.";
  return {
    exitCode: ok
      ? EXIT_OK
      : session.interrupted.aborted
        ? EXIT_BY_SIGNAL.SIGINT
        : kind === "handed-out"
          ? EXIT_UNCONFIRMED
          : EXIT_FAILURE,
    failed: !ok,
    lines: [
      headline,
      ...(ok
        ? []
        : kind === "handed-out"
          ? ["oracle-agent runbook emergency-price-update --verify looks again."]
          : [nextStep]),
      ...resumeLines(outcome),
    ],
    data: {
      ok,
      outcome: kind,
      ...dataOf(session, outcome),
      observed: seen.observed,
      ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
      ...(ok ? {} : { nextStep }),
    },
  };
}

function resumeLines({ stillness, order }: Outcome): readonly string[] {
  const command = `oracle-agent resume --reason ${JSON.stringify(order.asked.reason)}`;
  return stillness.paused
    ? [`The fleet stays paused until somebody resumes it: ${command}`]
    : [`No pause was written. Agents that see a price they did not make hold until: ${command}`];
}

function dataOf({ clock }: OperatorSession, { order, plan, stillness, safeFile, sources }: Outcome) {
  return {
    command: "emergency-price",
    ...order.prices,
    moves: plan.summary.slice(0, 2),
    sources: [...plan.summary.slice(2).filter((line) => line.includes(": ")), ...sources],
    paused: stillness.paused,
    ...stillness.data,
    despite: stillness.doubt?.why ?? null,
    handOut: plan.handOut === undefined ? null : { ...plan.handOut, safeFile: safeFile ?? null },
    elapsedMs: Math.round(clock.monotonicMs() - order.startedAtMs),
  };
}
