/** Waits until the store shows that what was asked is done, with a live line for whoever watches. */
import { describeError, type IntentReceipt, StoreUnavailableError } from "@jeju-oracle/kit";
import type { FleetReport } from "@jeju-oracle/plugin-leader-lock";
import { EXIT_BY_SIGNAL, EXIT_FAILURE, EXIT_OK, EXIT_UNCONFIRMED } from "../../exit-codes.ts";
import { describeMs } from "./duration.ts";
import type { CommandResult, FleetSession } from "./session.ts";

export interface Success {
  /** A sentence without its end: how long it took is added. */
  readonly text: string;
  readonly notes?: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** How things stand, as one look at the store tells. */
export type Verdict =
  /** `nextStep`: what to do if it stays so. */
  | { readonly kind: "waiting"; readonly text: string; readonly nextStep: string }
  /** Done as far as it matters; others may follow within the settling time. */
  | { readonly kind: "settling"; readonly text: string; readonly success: Success }
  | { readonly kind: "done"; readonly success: Success }
  | { readonly kind: "refused"; readonly why: string; readonly nextStep: string }
  /** Waiting longer is of no use. */
  | { readonly kind: "unconfirmed"; readonly why: string; readonly nextStep: string };

/** Pure: judges a report, `elapsedMs` after the request. */
export type Judge = (report: FleetReport, elapsedMs: number) => Verdict;

export interface Patience {
  readonly deadlineMs: number;
  /** For how long stragglers are waited for. */
  readonly settleMs?: number;
}

export type Outcome = { readonly elapsedMs: number } & (
  | { readonly kind: "done"; readonly success: Success }
  | { readonly kind: "refused"; readonly why: string; readonly nextStep: string }
  | {
      readonly kind: "unconfirmed";
      readonly why: string;
      readonly nextStep: string;
      readonly interrupted: boolean;
    }
);

/** The store is looked at this often even when it gives no hint of a change. */
const LOOK_EVERY_MS = 400;
/** The live line counts along. */
const STATUS_EVERY_MS = 100;
/** Shorter waits need no line. */
const STATUS_AFTER_MS = 300;

/** Looks until the judge is content, the time is over or a person interrupts. Never throws for a store that is away. */
export async function waitForFleet(
  session: FleetSession,
  judge: Judge,
  { deadlineMs, settleMs = 0 }: Patience,
): Promise<Outcome> {
  const { clock, interrupted, office } = session;
  const startedAtMs = clock.monotonicMs();
  const elapsed = () => clock.monotonicMs() - startedAtMs;
  let settlingSinceMs: number | undefined;
  for (;;) {
    const verdict = await look(session, judge, elapsed);
    const elapsedMs = elapsed();
    switch (verdict.kind) {
      case "done":
        return { kind: "done", success: verdict.success, elapsedMs };
      case "refused":
        return { ...verdict, elapsedMs };
      case "unconfirmed":
        return { ...verdict, elapsedMs, interrupted: false };
      case "settling":
        settlingSinceMs ??= elapsedMs;
        if (elapsedMs - settlingSinceMs >= settleMs || interrupted.aborted) {
          return { kind: "done", success: verdict.success, elapsedMs };
        }
        break;
      case "waiting":
        settlingSinceMs = undefined;
        if (elapsedMs >= deadlineMs || interrupted.aborted) {
          const { text: why, nextStep } = verdict;
          return { kind: "unconfirmed", why, nextStep, elapsedMs, interrupted: interrupted.aborted };
        }
        break;
      default:
        verdict satisfies never;
    }
    const stopShowing = show(session, verdict.text, elapsed);
    await office.changed(LOOK_EVERY_MS, interrupted);
    stopShowing();
  }
}

/** What was asked stands in the store, so a store that is away is waited for. */
async function look({ office }: FleetSession, judge: Judge, elapsed: () => number): Promise<Verdict> {
  try {
    const report = await office.report();
    return judge(report, elapsed());
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return {
      kind: "waiting",
      text: `the store does not answer (${describeError(error)})`,
      nextStep: `${error.nextStep} Then look at oracle-agent list.`,
    };
  }
}

/** Keeps the live line current; the returned function ends that. */
function show({ clock, terminal }: FleetSession, text: string, elapsed: () => number): () => void {
  let cancel: () => void = () => undefined;
  const draw = () => {
    if (elapsed() >= STATUS_AFTER_MS) terminal.status(`${describeMs(elapsed()).padStart(5)}  ${text}`);
    cancel = clock.setTimer(STATUS_EVERY_MS, draw);
  };
  draw();
  return () => cancel();
}

/** The result of a command that asked and waited. */
export function resultOf(command: string, receipt: IntentReceipt, outcome: Outcome): CommandResult {
  const elapsedMs = Math.round(outcome.elapsedMs);
  const data = { command, requestId: receipt.id, requestTerm: receipt.term, elapsedMs };
  const took = describeMs(elapsedMs);
  if (outcome.kind === "done") {
    const { text, notes = [], data: found } = outcome.success;
    return {
      exitCode: EXIT_OK,
      failed: false,
      lines: [`${text}, ${took} after the request.`, ...notes],
      data: { ok: true, outcome: "done", ...data, ...found },
    };
  }
  const { kind, why, nextStep } = outcome;
  const failed = { ok: false, outcome: kind, ...data, why, nextStep };
  if (kind === "refused") {
    return { exitCode: EXIT_FAILURE, failed: true, lines: [`Refused: ${why}.`, nextStep], data: failed };
  }
  const { interrupted } = outcome;
  return {
    exitCode: interrupted ? EXIT_BY_SIGNAL.SIGINT : EXIT_UNCONFIRMED,
    failed: true,
    lines: [
      `${interrupted ? "Interrupted" : "Not confirmed"} after ${took}: ${why}. The request stands in the store.`,
      nextStep,
    ],
    data: { ...failed, interrupted },
  };
}
