/**
 * From a decision to a transaction on chain and what became of it: prepared on one endpoint, decided again on its state,
 * permitted once more at the last moment, sent, watched. Also settles a stuck nonce when nothing is due.
 */
import type { BaseError, Clock, LeadershipGrant } from "@jeju-oracle/kit";
import type { Address } from "viem";
import type { TransactionConfig } from "../config.ts";
import type { Decision, Permissions } from "../decision/decide.ts";
import type { Fence } from "../fence/fence.ts";
import type { JejuOracle } from "../oracle/jeju-oracle.ts";
import type { OracleState, SendState } from "../oracle/oracle-state.ts";
import type { RpcPool } from "../rpc/rpc-pool.ts";
import type { InFlight } from "../transaction/in-flight.ts";
import type { Sender, SendOutcome, TransactionPlan, Withheld } from "../transaction/sender.ts";
import { notMined, revertedOnChain } from "../transaction/unlanded.ts";
import type { ChainWatch } from "./chain-watch.ts";
import type { CycleOutcome, Skip } from "./cycle-outcome.ts";
import type { UpdaterEvents } from "./events.ts";
import type { FailureBook } from "./failure-book.ts";
import {
  FEE_CAP_REACHED,
  type Prepared,
  type PrepareOptions,
  prepareCancel,
  prepareUpdate,
} from "./prepare-send.ts";

export interface SubmissionOptions {
  readonly botId: string;
  readonly clock: Clock;
  readonly jejuRpc: RpcPool;
  readonly oracle: JejuOracle;
  readonly fence: Fence;
  readonly senderAddress: Address;
  readonly sender: Sender;
  readonly watch: ChainWatch;
  readonly failures: FailureBook;
  readonly events: UpdaterEvents;
  /** How long a decision may wait for its transaction to be sent, ms. */
  readonly deadlineMs: number;
  readonly transaction: () => TransactionConfig;
  readonly permissions: (state: OracleState) => Permissions;
  /** The last word before the side effect: why such a transaction must not be sent after all. */
  readonly objection: (kind: TransactionPlan["kind"]) => Withheld | undefined;
}

/** An update that is due. */
export interface DueUpdate {
  readonly decidedOn: OracleState;
  readonly grant: LeadershipGrant;
  readonly startedAtMs: number;
  /** The decision, repeated on the state that the transaction is built on. */
  readonly redecide: (fresh: SendState) => { readonly decision: Decision; readonly inFlight: InFlight };
}

export class Submission {
  readonly #options: SubmissionOptions;

  constructor(options: SubmissionOptions) {
    this.#options = options;
  }

  /** Sends a due update. @throws {ChainUnreachableError} {JournalError} */
  async push(due: DueUpdate, signal: AbortSignal | undefined): Promise<CycleOutcome> {
    const { jejuRpc, botId, clock, deadlineMs, permissions } = this.#options;
    const { decidedOn, grant } = due;
    let decidedAtMs = clock.monotonicMs();
    const redecide = (fresh: SendState) => {
      decidedAtMs = clock.monotonicMs();
      return due.redecide(fresh);
    };
    const tag = { botId, term: grant.term, salt: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 };
    const prepared = await jejuRpc.attempt(
      (session) =>
        prepareUpdate(session, this.#prepareOptions(), decidedOn, redecide, tag, decidedOn.blockNumber),
      signal,
    );
    if (clock.monotonicMs() - decidedAtMs >= deadlineMs) return this.#lostRace();
    if (prepared.kind === "failed" && prepared.error.code === FEE_CAP_REACHED) {
      // The fresh price cannot outbid the old one; a cancellation can, and the fresh price follows at the next nonce.
      const settled = await this.settle(permissions(decidedOn), signal);
      if (settled !== undefined) return settled;
    }
    return this.#carryOut(prepared, grant.as, due.startedAtMs, signal);
  }

  /**
   * Nothing is due, but a stuck transaction could land later with an old price: uses its nonce up.
   * @returns undefined when there is nothing to settle, or this agent may not.
   * @throws {ChainUnreachableError} {JournalError}
   */
  async settle(
    { inFlight, leadership, observeOnly, backOffMs }: Permissions,
    signal: AbortSignal | undefined,
  ): Promise<CycleOutcome | undefined> {
    const stuck = inFlight.kind === "resolve" || inFlight.kind === "cancel-queued";
    if (!stuck) return inFlight.kind === "wait" ? { kind: "waiting" } : undefined;
    if (!leadership.granted || observeOnly || backOffMs > 0) return undefined;
    const { jejuRpc, watch, clock } = this.#options;
    const prepared = await jejuRpc.attempt(
      (session) => prepareCancel(session, this.#prepareOptions(), (state) => watch.judge(state)),
      signal,
    );
    return this.#carryOut(prepared, leadership.as, clock.monotonicMs(), signal);
  }

  /** A due push did not land. */
  fail(error: BaseError): CycleOutcome {
    const { failures, clock, events } = this.#options;
    failures.recordFailure(clock.monotonicMs(), error);
    events.failed(error, failures.consecutive);
    return { kind: "failed", error };
  }

  async #carryOut(
    prepared: Prepared,
    as: LeadershipGrant["as"],
    startedAtMs: number,
    signal: AbortSignal | undefined,
  ): Promise<CycleOutcome> {
    switch (prepared.kind) {
      case "superseded":
        return this.#lostRace();
      case "stopped":
        return prepared.decision.kind === "skip" ? skipped(prepared.decision) : this.#lostRace();
      case "failed":
        if (prepared.error.code === "state-changed") return this.#lostRace();
        return this.fail(prepared.error);
      case "ready":
        break;
      default:
        return prepared satisfies never;
    }
    const { plan } = prepared;
    const { sender, objection } = this.#options;
    const outcome = await sender.send(plan, () => objection(plan.kind), signal);
    // Stopping is no failure: the journal remembers the transaction for the next start.
    if (outcome.kind === "unresolved" && signal?.aborted === true) return { kind: "waiting" };
    return this.#conclude(plan, as, outcome, startedAtMs);
  }

  #conclude(
    plan: TransactionPlan,
    as: LeadershipGrant["as"],
    outcome: SendOutcome,
    startedAtMs: number,
  ): CycleOutcome {
    const { watch, fence, clock, events, failures } = this.#options;
    switch (outcome.kind) {
      case "landed": {
        failures.recordSuccess();
        if (outcome.price === undefined) {
          events.cancelled(plan.nonce, outcome.hash);
          return { kind: "cancelled", hash: outcome.hash };
        }
        // Someone else's update in between would be buried under ours: leave it for the next look to attribute.
        if (outcome.alone) watch.accept(outcome.price, outcome.blockNumber, outcome.price.lastUpdateS);
        events.landed({
          reason: plan.reason,
          as,
          ethUsd8: outcome.price.ethUsd8,
          elizaUsd8: outcome.price.elizaUsd8,
          transactionHash: outcome.hash,
          blockNumber: outcome.blockNumber,
          latencyMs: clock.monotonicMs() - startedAtMs,
        });
        return { kind: "landed", hash: outcome.hash, blockNumber: outcome.blockNumber };
      }
      case "queued":
        events.cancelled(plan.nonce, outcome.hash);
        return { kind: "cancelled", hash: outcome.hash };
      case "withheld":
        return skipped({ kind: "skip", ...outcome.why, wouldPush: undefined });
      case "lost-race":
        return this.#lostRace();
      case "reverted":
        return fence.kind === "contract" ? this.#lostRace() : this.fail(revertedOnChain(outcome.hash));
      case "underpriced":
        watch.noteUnderpriced(plan.nonce, plan);
        return { kind: "waiting" };
      case "unresolved":
        return this.fail(notMined(outcome.hash));
      case "failed":
        return this.fail(outcome.error);
      default:
        return outcome satisfies never;
    }
  }

  #lostRace(): CycleOutcome {
    this.#options.events.lostRace();
    return { kind: "lost-race" };
  }

  #prepareOptions(): PrepareOptions {
    const { oracle, fence, senderAddress, transaction } = this.#options;
    return { oracle, fence, sender: senderAddress, transaction };
  }
}

/** What a skip means for the cadence. */
export function skipped(decision: Skip): CycleOutcome {
  return decision.reason === "in-flight" ? { kind: "waiting" } : { kind: "skipped", decision };
}
