/**
 * `oracle-agent emergency-price`: the owner's price when no agent can push one (seed: Procedure 3). Pause, nothing in flight, send or
 * hand out, verify by reading the chain; the fleet stays paused. Works with no agent alive and without the store.
 */
import { join } from "node:path";
import { agentEnv, BaseError, describeError, parseEnv, type Requester, sleep } from "@jeju-oracle/kit";
import {
  AuditLog,
  emergencyPrice,
  type Plan,
  parsePrice8,
  type SystemView,
  sourceLine,
} from "@jeju-oracle/plugin-alerts-chat/operator";
import type { FleetReport } from "@jeju-oracle/plugin-leader-lock";
import type { CommandInput } from "../command-line/command.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { confirm } from "./support/confirm.ts";
import { describeMs, durationOptionS } from "./support/duration.ts";
import {
  notSent,
  type Order,
  type Outcome,
  type Prices,
  priceResult,
  type Seen,
} from "./support/emergency-result.ts";
import type { OperatorSession } from "./support/operator-session.ts";
import { operatorView } from "./support/operator-view.ts";
import { handOutLines, writeSafeFile } from "./support/owner-hand-out.ts";
import { otherSources } from "./support/price-sources.ts";
import { SilenceWatch } from "./support/quiet-fleet.ts";
import { requesterOf } from "./support/requester.ts";
import type { CommandResult } from "./support/session.ts";
import { stillTheFleet } from "./support/still-the-fleet.ts";

const LOOK_EVERY_MS = 500;
/** A person hands the call to a colleague, who confirms it in a wallet. */
const DEFAULT_WAIT_S = 600;
const LONGEST_WAIT_S = 86_400;

export async function emergencyPriceCommand(
  input: CommandInput,
  session: OperatorSession,
): Promise<CommandResult> {
  const { clock, env, terminal } = session;
  const startedAtMs = clock.monotonicMs();
  const prices = pricesOf(input);
  const asked = requesterOf(input, env);
  const order: Order = { prices, asked, waitMs: waitMsOf(input, session), startedAtMs };
  const watch = new SilenceWatch();
  const report = await session.fleet?.office.report();
  if (report !== undefined) watch.observe(report, startedAtMs);
  const view = await operatorView(session);
  const plan = await emergencyPrice.plan(alone(view), prices);
  const wanted = { ethUsd8: BigInt(prices.ethUsd8), elizaUsd8: BigInt(prices.elizaUsd8) };
  const others = (await otherSources(session, view)).map((source) => sourceLine(source, wanted));
  for (const line of [...plan.summary, ...others]) await terminal.note(line);
  await confirm(input, session, whatHappens(unpausable(session, report), view));

  const audit = auditOf(session, asked);
  audit("confirmed", `${plan.summary.slice(0, 2).join(", ")}; ${asked.reason}`);
  const safeFile = plan.handOut && writeSafeFile(safeFileOf(input, clock.wallMs()), plan.handOut);
  const stillness = await stillTheFleet(session, asked, watch, view.owner);
  const context: Outcome = { order, plan, stillness, safeFile, sources: others };
  const { doubt } = stillness;
  if (doubt !== undefined && (session.interrupted.aborted || !input.has("despite-in-flight"))) {
    audit("refused", doubt.why);
    const nextStep = `${doubt.nextStep} To go on all the same: --despite-in-flight.`;
    return notSent(session, context, { why: doubt.why, nextStep });
  }
  for (const line of stillness.lines) await terminal.note(line);
  // Plausible before the last update landed need not be plausible after it.
  const now = await refusalOf(() => emergencyPrice.plan(alone(view), prices));
  if (now instanceof BaseError || session.interrupted.aborted) {
    const why = now instanceof BaseError ? now.message : "interrupted";
    audit("refused", why);
    const nextStep = now instanceof BaseError ? now.nextStep : "Give the command again.";
    return notSent(session, context, { why, nextStep });
  }
  const settled = { ...context, plan: now };
  const sending = view.owner.hasKey ? "executing" : "handed out";
  audit(sending, doubt === undefined ? "" : `despite ${doubt.why}`);
  const failure = await send(view, order, now);
  if (failure !== undefined) await terminal.note(describeError(failure));
  if (now.handOut !== undefined && safeFile !== undefined) {
    const lines = handOutLines(now.handOut, view.owner.oracleAddress, safeFile);
    if (input.has("json")) for (const line of lines) await terminal.note(line);
    else await terminal.out(`${lines.join("\n")}\n`);
  }
  // What certainly had no effect is not waited for.
  const isLost = failure !== undefined && !failure.retryable;
  const withinMs = isLost ? 0 : view.owner.hasKey ? emergencyPrice.verifyWithinMs : order.waitMs;
  const seen = await untilOnChain(session, view, settled, withinMs);
  // It is done by then: an audit that fails must not hide how it ended.
  const end = seen.kind === "verified" ? "verified" : "not verified";
  const unaudited = await refusalOf(async () => audit(end, seen.observed));
  if (unaudited instanceof BaseError) await terminal.note(describeError(unaudited));
  return priceResult(session, settled, seen, failure);
}

function pricesOf(input: CommandInput): Prices {
  const [eth, eliza] = input.arguments.map(parsePrice8);
  if (eth === undefined || eliza === undefined) {
    throw new UsageError(
      "both prices are in dollars, with at most 8 decimals",
      "Example: oracle-agent emergency-price 3245.67 0.0842. Nothing was changed.",
    );
  }
  return { ethUsd8: eth.toString(), elizaUsd8: eliza.toString() };
}

/** Where nobody watches, the hand-out itself is the result. */
function waitMsOf(input: CommandInput, { terminal }: OperatorSession): number {
  const wait = input.value("wait");
  if (wait !== undefined) return durationOptionS("wait", wait, 0, LONGEST_WAIT_S) * 1_000;
  return terminal.interactive ? DEFAULT_WAIT_S * 1_000 : 0;
}

/** Whether agents are quiet is judged by {@link stillTheFleet}: for the dry run, and once it is known. */
function alone(view: SystemView): SystemView {
  return { ...view, members: () => [] };
}

/** Why no pause can be written; undefined when one can. */
function unpausable({ storeProblem }: OperatorSession, report: FleetReport | undefined): string | undefined {
  if (report === undefined) return `The store does not answer (${storeProblem})`;
  const isUnused = report.lease === undefined && report.members.length === 0;
  return isUnused ? `${report.store} has never held a fleet (is LEADER_LOCK_URL the agents'?)` : undefined;
}

function whatHappens(problem: string | undefined, view: SystemView): string {
  const then = view.owner.hasKey ? "sends the price as the owner" : "hands the owner's call out";
  if (problem !== undefined)
    return `${problem}, so the fleet is not paused: an agent that still runs may push until it sees this price. This ${then}.`;
  const alive = view.members().filter((member) => member.alive);
  const who = alive.length === 0 ? "" : ` (alive: ${alive.map(({ botId }) => botId).join(", ")})`;
  return `This pauses the whole fleet${who} and ${then}.`;
}

type Note = (what: string, detail: string) => void;

/** A file of its own: the agent of this host continues the chain of another. @throws {AuditError} */
function auditOf({ env, clock }: OperatorSession, { by }: Requester): Note {
  const { STATE_DIR: stateDir } = parseEnv({ STATE_DIR: agentEnv.STATE_DIR }, env);
  const log = new AuditLog(join(stateDir, "audit-command-line.jsonl"), "command line", clock);
  return (what, detail) => log.write({ who: by, what, action: "emergency_price", detail });
}

function safeFileOf(input: CommandInput, nowMs: number): string {
  const at = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return input.value("safe-file") ?? `emergency-price-${at}.safe.json`;
}

/** @returns what went wrong: it may have landed all the same, so the chain is read in any case. */
async function send(view: SystemView, { prices, asked }: Order, plan: Plan): Promise<BaseError | undefined> {
  const order = { ...asked, proposalId: "command line", baseline: plan.baseline };
  const failure = await refusalOf(() => emergencyPrice.execute(alone(view), prices, order));
  return failure instanceof BaseError ? failure : undefined;
}

/** The result, or the typed error in its place. */
async function refusalOf<Result>(work: () => Promise<Result>): Promise<Result | BaseError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BaseError) return error;
    throw error;
  }
}

/** Reads the chain until the price stands there, it cannot any more, or the time is over. */
async function untilOnChain(
  { clock, interrupted, terminal }: OperatorSession,
  view: SystemView,
  { order, plan }: Outcome,
  withinMs: number,
): Promise<Seen> {
  const startedAtMs = clock.monotonicMs();
  for (;;) {
    const seen = await look(view, order, plan);
    const elapsedMs = clock.monotonicMs() - startedAtMs;
    if (seen.kind !== "pending" || elapsedMs >= withinMs || interrupted.aborted) return seen;
    terminal.status(`${describeMs(elapsedMs).padStart(5)}  waiting for the price; ${seen.observed}`);
    await sleep(clock, LOOK_EVERY_MS, interrupted);
    terminal.status("");
  }
}

async function look(view: SystemView, { prices }: Order, plan: Plan): Promise<Seen> {
  const seen = await refusalOf(() => emergencyPrice.verify(view, prices, plan));
  if (!(seen instanceof BaseError)) return seen;
  return { kind: "pending", observed: `the chain does not answer: ${describeError(seen)}` };
}
