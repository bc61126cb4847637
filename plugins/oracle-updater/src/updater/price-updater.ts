/**
 * One cycle: read the chain, then the sources, judge, decide, and when due send and watch. Everything that decides is
 * pure and lives elsewhere; this file holds the state between cycles and the order of the steps.
 *
 * Order matters: oracle first, source after, so that a quote is never older than the price it is compared with.
 */
import type { BaseError, Clock, Leadership, Requester } from "@jeju-oracle/kit";
import type { Address } from "viem";
import type { OracleConfig } from "../config.ts";
import { type Decision, type DecisionInput, decide, type Permissions } from "../decision/decide.ts";
import {
  type Approval,
  type HoldState,
  type HoldVerdict,
  NOTHING_HELD,
  stepHoldBand,
} from "../decision/hold-band.ts";
import type { Fence } from "../fence/fence.ts";
import type { JejuOracle } from "../oracle/jeju-oracle.ts";
import type { OracleState } from "../oracle/oracle-state.ts";
import { maxOf, medianOfThree } from "../price/fixed-point.ts";
import type { Quote } from "../price/quote.ts";
import type { Rejection } from "../price/rejection.ts";
import { addSample, type TickSample } from "../price/sampled-median.ts";
import type { SourcePins, SourceReading } from "../price/source-reading.ts";
import { FUTURE_TOLERANCE_S, validateReading } from "../price/validate-reading.ts";
import type { RpcPool } from "../rpc/rpc-pool.ts";
import type { BaseSource } from "../sources/base-source.ts";
import { gasPriceNeeded } from "../transaction/fees.ts";
import type { Sender, SendOutcome, TransactionPlan } from "../transaction/sender.ts";
import { notMined, revertedOnChain } from "../transaction/unlanded.ts";
import type { BlockTimeEstimate } from "./block-time.ts";
import type { ChainWatch } from "./chain-watch.ts";
import type { Look, UpdaterEvents } from "./events.ts";
import { FailureBook } from "./failure-book.ts";
import { describePause, type PauseBook } from "./pause-book.ts";
import {
  FEE_CAP_REACHED,
  type Prepared,
  type PrepareOptions,
  prepareCancel,
  prepareUpdate,
} from "./prepare-send.ts";

export interface PriceUpdaterOptions {
  readonly botId: string;
  readonly config: OracleConfig;
  readonly pins: SourcePins;
  readonly clock: Clock;
  readonly jejuRpc: RpcPool;
  readonly source: BaseSource;
  readonly oracle: JejuOracle;
  readonly fence: Fence;
  readonly senderAddress: Address;
  readonly sender: Sender;
  readonly watch: ChainWatch;
  readonly pauses: PauseBook;
  readonly blockTime: BlockTimeEstimate;
  readonly leadership: () => Leadership;
  readonly events: UpdaterEvents;
}

export type CycleOutcome =
  | { readonly kind: "skipped"; readonly decision: Extract<Decision, { kind: "skip" }> }
  | { readonly kind: "landed"; readonly hash: string; readonly blockNumber: bigint }
  | { readonly kind: "cancelled"; readonly hash: string }
  /** Another agent's update landed first, or the state moved on: look again at once. */
  | { readonly kind: "lost-race" }
  /** The nonce is not settled yet: look again in a block. */
  | { readonly kind: "waiting" }
  | { readonly kind: "failed"; readonly error: BaseError };

/** Leadership must last at least until the node has the transaction. */
const SEND_GUARD_MS = 3_000;
/** How long an approval of a held price counts, in chain time. */
export const APPROVAL_VALID_S = 300n;
const TERM_WITHOUT_LEADERSHIP = 0;

export class PriceUpdater {
  readonly #options: PriceUpdaterOptions;
  readonly #failures: FailureBook;
  #hold: HoldState = NOTHING_HELD;
  #samples: readonly TickSample[] = [];
  #lastLook: Look | undefined;
  #lookedAtMs = 0;

  constructor(options: PriceUpdaterOptions) {
    this.#options = options;
    this.#failures = new FailureBook(options.config.transaction);
  }

  get lastLook(): Look | undefined {
    return this.#lastLook;
  }

  get consecutiveFailures(): number {
    return this.#failures.consecutive;
  }

  /** Time in ms until the next attempt is allowed after failures. */
  get backOffMs(): number {
    return this.#failures.backOffMs(this.#options.clock.monotonicMs());
  }

  /** Releases a held move for readings that agree with `approval`. */
  approve(approval: Approval): void {
    this.#hold = { ...this.#hold, approval };
  }

  /**
   * Runs one cycle. Cycles must not overlap.
   * @param forcedBy makes a push due; every other rule still applies.
   * @throws {ChainUnreachableError} when one of the chains cannot be read.
   * @throws {JournalError} when the journal cannot be written.
   */
  async runCycle(forcedBy: Requester | undefined, signal?: AbortSignal): Promise<CycleOutcome> {
    const { jejuRpc, oracle, source, blockTime } = this.#options;
    const startedAtMs = this.#options.clock.monotonicMs();
    const state = await jejuRpc.attempt((session) => oracle.poll(session), signal);
    blockTime.observe(state);
    if (!(await this.#understand(state, signal))) return { kind: "waiting" };
    const reading = await source.read(signal).catch(async (error: unknown) => {
      // Without the sources nothing can be decided, but an old price on its way must still not land late.
      await this.#settleStuckNonce(this.#permissions(state), signal);
      throw error;
    });
    const judged = this.#judge(state, reading, forcedBy !== undefined);
    const decision = decide(judged, this.#options.config.decision);
    const look = { state, source: judged.source, decision, nowS: judged.nowS };
    this.#lastLook = look;
    this.#lookedAtMs = this.#options.clock.monotonicMs();
    this.#options.events.looked(look);
    if (decision.kind === "push") return this.#push(judged, reading, state, startedAtMs, signal);
    if (decision.reason === "unchanged") this.#failures.recordSuccess();
    return (await this.#settleStuckNonce(judged.permissions, signal)) ?? this.#skipped(decision);
  }

  /** A cycle broke off: a failure when a heartbeat was due, whatever the cause (a chain, the journal). */
  recordBrokenCycle(error: BaseError): void {
    const { clock, watch, config } = this.#options;
    const look = this.#lastLook;
    if (look === undefined || this.backOffMs > 0) return;
    // Jeju may answer while Base does not: the price may be newer than the last complete look.
    const lastUpdateS = maxOf(look.state.lastUpdateS, watch.lastUpdateS ?? 0n);
    const ageMs = Number(look.nowS - lastUpdateS) * 1000 + clock.monotonicMs() - this.#lookedAtMs;
    if (ageMs >= config.decision.heartbeatMs) this.#fail(error);
  }

  /** Finds out whose price stands on chain; false when that cannot be told yet. */
  async #understand(state: OracleState, signal: AbortSignal | undefined): Promise<boolean> {
    const { watch, pauses, events } = this.#options;
    const author = await watch.identifyAuthor(state, signal);
    if (author.kind === "undetermined") return false;
    if (author.kind === "unchanged" || author.kind === "fleet") return true;
    const reason =
      author.kind === "foreign"
        ? `${author.from} changed the price in ${author.transactionHash}`
        : "the price changed and its transaction was not found";
    pauses.set({ kind: "foreign-update", by: this.#options.botId, reason });
    events.foreignUpdate(author);
    return true;
  }

  #judge(state: OracleState, reading: SourceReading, forced: boolean): DecisionInput {
    this.#sample(reading, this.#nowS(reading, state));
    const { source, nowS } = this.#validate(reading, state);
    return {
      source,
      chain: state,
      hold: this.#stepHold(source, state),
      nowS,
      forced,
      permissions: this.#permissions(state),
    };
  }

  #validate(reading: SourceReading, state: OracleState) {
    const { config, pins } = this.#options;
    const source = validateReading(
      reading,
      {
        pins,
        jejuTimestampS: state.blockTimestampS,
        hostTimestampS: this.#hostS(),
        samples: this.#samples,
        minMedianWindowS: config.allowSampledMedian ? config.twapMinWindowS : undefined,
      },
      config.validation,
    );
    return { source, nowS: this.#nowS(reading, state) };
  }

  #nowS(reading: SourceReading, state: OracleState): bigint {
    return medianOfThree(reading.blockTimestampS, state.blockTimestampS, this.#hostS());
  }

  #hostS(): bigint {
    return BigInt(Math.floor(this.#options.clock.wallMs() / 1000));
  }

  #sample(reading: SourceReading, nowS: bigint): void {
    const { pool, blockTimestampS } = reading;
    if (pool === undefined || !this.#options.config.allowSampledMedian) return;
    const sample = { blockTimestampS, tick: pool.spotTick, liquidity: pool.liquidity };
    const latestPlausibleS = nowS + FUTURE_TOLERANCE_S;
    this.#samples = addSample(this.#samples, sample, this.#options.config.twapWindowS, latestPlausibleS);
  }

  #stepHold(source: Quote | Rejection, state: OracleState): HoldVerdict {
    const usable = source.kind === "quote" && source.blockTimestampS >= state.lastUpdateS;
    if (!usable) return { kind: "in-band" };
    const { state: next, verdict } = stepHoldBand(this.#hold, source, state, this.#options.config.decision);
    this.#hold = next;
    return verdict;
  }

  #permissions(state: OracleState): Permissions {
    const { config, watch } = this.#options;
    return {
      leads: this.#options.leadership().guard(SEND_GUARD_MS).granted,
      paused: this.#pausedBecause(state),
      observeOnly: config.observeOnly,
      inFlight: watch.judge(state),
      gasPriceNeededWei: gasPriceNeeded(
        { gasPriceWei: state.gasPriceWei, baseFeeWei: 0n },
        config.transaction.gasPriceMultiplierPct,
      ),
      feeCapWei: config.transaction.feeCapWei,
      backOffMs: this.backOffMs,
    };
  }

  #pausedBecause(state: OracleState): string | undefined {
    if (state.contractPaused === true) return "the oracle contract is paused";
    const pause = this.#options.pauses.current(state.blockTimestampS);
    return pause === undefined ? undefined : describePause(pause);
  }

  async #push(
    judged: DecisionInput,
    reading: SourceReading,
    state: OracleState,
    startedAtMs: number,
    signal: AbortSignal | undefined,
  ): Promise<CycleOutcome> {
    const { jejuRpc, botId, config, clock } = this.#options;
    let decidedAtMs = clock.monotonicMs();
    const redecide = (fresh: OracleState) => {
      decidedAtMs = clock.monotonicMs();
      const permissions = this.#permissions(fresh);
      // Judged anew by the newest time: slow endpoints, or a process that stood still, must not push an aged reading.
      const validated = this.#validate(reading, fresh);
      const decision = decide({ ...judged, ...validated, chain: fresh, permissions }, config.decision);
      return { decision, inFlight: permissions.inFlight };
    };
    const tag = { botId, term: this.#term(), salt: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 };
    const prepared = await jejuRpc.attempt(
      (session) => prepareUpdate(session, this.#prepareOptions(), state, redecide, tag, state.blockNumber),
      signal,
    );
    if (clock.monotonicMs() - decidedAtMs >= config.transaction.deadlineMs) return this.#lostRace();
    if (prepared.kind === "failed" && prepared.error.code === FEE_CAP_REACHED) {
      // The fresh price cannot outbid the old one; a cancellation can, and the fresh price follows at the next nonce.
      const settled = await this.#settleStuckNonce(this.#permissions(state), signal);
      if (settled !== undefined) return settled;
    }
    return this.#carryOut(prepared, startedAtMs, signal);
  }

  /** Nothing is due, but a stuck transaction could land later with an old price: use its nonce up. */
  async #settleStuckNonce(
    permissions: Permissions,
    signal: AbortSignal | undefined,
  ): Promise<CycleOutcome | undefined> {
    const { inFlight, leads, observeOnly, backOffMs } = permissions;
    const stuck = inFlight.kind === "resolve" || inFlight.kind === "cancel-queued";
    if (!stuck) return inFlight.kind === "wait" ? { kind: "waiting" } : undefined;
    if (!leads || observeOnly || backOffMs > 0) return undefined;
    const { jejuRpc, watch, clock } = this.#options;
    const prepared = await jejuRpc.attempt(
      (session) => prepareCancel(session, this.#prepareOptions(), (state) => watch.judge(state)),
      signal,
    );
    return this.#carryOut(prepared, clock.monotonicMs(), signal);
  }

  async #carryOut(
    prepared: Prepared,
    startedAtMs: number,
    signal: AbortSignal | undefined,
  ): Promise<CycleOutcome> {
    switch (prepared.kind) {
      case "superseded":
        return this.#lostRace();
      case "stopped":
        return prepared.decision.kind === "skip" ? this.#skipped(prepared.decision) : this.#lostRace();
      case "failed":
        if (prepared.error.code === "state-changed") return this.#lostRace();
        return this.#fail(prepared.error);
      case "ready":
        break;
      default:
        return prepared satisfies never;
    }
    // The last word before the side effect: leadership is asked again, right here.
    if (!this.#options.leadership().guard(SEND_GUARD_MS).granted) {
      return this.#skipped({
        kind: "skip",
        reason: "not-leader",
        detail: "leadership ended",
        wouldPush: undefined,
      });
    }
    const outcome = await this.#options.sender.send(prepared.plan, signal);
    // Stopping is no failure: the journal remembers the transaction for the next start.
    if (outcome.kind === "unresolved" && signal?.aborted === true) return { kind: "waiting" };
    return this.#conclude(prepared.plan, outcome, startedAtMs);
  }

  #conclude(plan: TransactionPlan, outcome: SendOutcome, startedAtMs: number): CycleOutcome {
    const { watch, fence, clock, events } = this.#options;
    switch (outcome.kind) {
      case "landed": {
        this.#failures.recordSuccess();
        if (outcome.price === undefined) {
          events.cancelled(plan.nonce, outcome.hash);
          return { kind: "cancelled", hash: outcome.hash };
        }
        // Someone else's update in between would be buried under ours: leave it for the next look to attribute.
        if (outcome.alone) watch.accept(outcome.price, outcome.blockNumber, outcome.price.lastUpdateS);
        events.landed({
          reason: plan.reason,
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
      case "lost-race":
        return this.#lostRace();
      case "reverted":
        return fence.kind === "contract" ? this.#lostRace() : this.#fail(revertedOnChain(outcome.hash));
      case "underpriced":
        watch.noteUnderpriced(plan.nonce, plan);
        return { kind: "waiting" };
      case "unresolved":
        return this.#fail(notMined(outcome.hash));
      case "failed":
        return this.#fail(outcome.error);
      default:
        return outcome satisfies never;
    }
  }

  #lostRace(): CycleOutcome {
    this.#options.events.lostRace();
    return { kind: "lost-race" };
  }

  #skipped(decision: Extract<Decision, { kind: "skip" }>): CycleOutcome {
    return decision.reason === "in-flight" ? { kind: "waiting" } : { kind: "skipped", decision };
  }

  #fail(error: BaseError): CycleOutcome {
    this.#failures.recordFailure(this.#options.clock.monotonicMs(), error.retryable);
    this.#options.events.failed(error, this.#failures.consecutive);
    return { kind: "failed", error };
  }

  #term(): number {
    const answer = this.#options.leadership().guard(SEND_GUARD_MS);
    return answer.granted ? answer.term : TERM_WITHOUT_LEADERSHIP;
  }

  #prepareOptions(): PrepareOptions {
    const { oracle, fence, senderAddress, config } = this.#options;
    return { oracle, fence, sender: senderAddress, config: config.transaction };
  }
}
