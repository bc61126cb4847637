/**
 * One cycle: read the chain, then the sources, judge, decide, and when due submit. Everything that decides is pure and
 * lives elsewhere; this file holds the state between cycles and the order of the steps. A follower runs the same cycle,
 * so that hold band, samples and attribution are ready when it starts to lead.
 *
 * Order matters: oracle first, source after, so that a quote is never older than the price it is compared with.
 */
import {
  type BaseError,
  type Clock,
  type Leadership,
  type LeadershipGrant,
  type LeadershipRefusal,
  type Requester,
  SEND_GUARD_MS,
} from "@jeju-oracle/kit";
import type { Address } from "viem";
import type { OracleConfig } from "../config.ts";
import { type DecisionInput, decide, describeRefusal, type Permissions } from "../decision/decide.ts";
import { type HoldState, type HoldVerdict, NOTHING_HELD, stepHoldBand } from "../decision/hold-band.ts";
import type { Fence } from "../fence/fence.ts";
import type { JejuOracle } from "../oracle/jeju-oracle.ts";
import type { OracleState, SendState } from "../oracle/oracle-state.ts";
import { minOf } from "../price/fixed-point.ts";
import type { Quote } from "../price/quote.ts";
import type { Rejection } from "../price/rejection.ts";
import { addSample, type TickSample } from "../price/sampled-median.ts";
import type { SourcePins, SourceReading } from "../price/source-reading.ts";
import { FUTURE_TOLERANCE_S, validateReading } from "../price/validate-reading.ts";
import type { RpcPool } from "../rpc/rpc-pool.ts";
import type { BaseSource } from "../sources/base-source.ts";
import { type FeeMarket, gasPriceNeeded } from "../transaction/fees.ts";
import type { Sender, TransactionPlan, Withheld } from "../transaction/sender.ts";
import type { AccountWatch } from "./account-watch.ts";
import type { ApprovalBook } from "./approval-book.ts";
import type { BlockTimeEstimate } from "./block-time.ts";
import type { ChainNow } from "./chain-now.ts";
import type { ChainWatch } from "./chain-watch.ts";
import type { CycleOutcome } from "./cycle-outcome.ts";
import type { Look, UpdaterEvents } from "./events.ts";
import type { FailureBook } from "./failure-book.ts";
import type { OverrideBook } from "./override-book.ts";
import { describePause, type PauseBook } from "./pause-book.ts";
import { Submission, skipped } from "./submission.ts";

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
  readonly now: ChainNow;
  readonly account: AccountWatch;
  readonly failures: FailureBook;
  readonly pauses: PauseBook;
  readonly approvals: ApprovalBook;
  readonly overrides: OverrideBook;
  readonly blockTime: BlockTimeEstimate;
  readonly leadership: () => Leadership;
  readonly events: UpdaterEvents;
}

export class PriceUpdater {
  readonly #options: PriceUpdaterOptions;
  readonly #submission: Submission;
  #hold: HoldState = NOTHING_HELD;
  #samples: readonly TickSample[] = [];
  #lastLook: Look | undefined;
  #actedInTerm: number | undefined;

  constructor(options: PriceUpdaterOptions) {
    this.#options = options;
    this.#submission = new Submission({
      ...options,
      deadlineMs: options.config.transaction.deadlineMs,
      transaction: () => options.overrides.settings.transaction,
      permissions: (state) => this.#permissions(state),
      objection: (kind) => this.#objection(kind),
    });
  }

  get lastLook(): Look | undefined {
    return this.#lastLook;
  }

  /** Time in ms until the next attempt is allowed after failures. */
  get backOffMs(): number {
    return this.#options.failures.backOffMs(this.#options.clock.monotonicMs());
  }

  /**
   * Runs one cycle. Cycles must not overlap.
   * @param forcedBy makes a push due; every other rule still applies.
   * @throws {ChainUnreachableError} when one of the chains cannot be read.
   * @throws {JournalError} when the journal cannot be written.
   */
  async runCycle(forcedBy: Requester | undefined, signal?: AbortSignal): Promise<CycleOutcome> {
    const { jejuRpc, oracle, source, blockTime, clock, failures, now } = this.#options;
    const startedAtMs = clock.monotonicMs();
    const state = await jejuRpc.attempt((session) => oracle.poll(session), signal);
    blockTime.observe(state);
    if (!(await this.#understand(state, signal))) return { kind: "waiting" };
    this.#saw(state);
    const reading = await source.read(signal).catch(async (error: unknown) => {
      // Without the sources nothing can be decided, but an old price on its way must still not land late.
      await this.#submission.settle(this.#permissions(state), signal);
      throw error;
    });
    now.sawBase(reading.blockTimestampS);
    const judged = this.#judge(state, reading, forcedBy !== undefined);
    const decision = decide(judged, this.#options.overrides.settings.decision);
    const look = { state, source: judged.source, decision, nowS: judged.nowS };
    this.#lastLook = look;
    this.#options.events.looked(look);
    if (decision.kind === "push") {
      const redecide = (fresh: SendState) => this.#redecide(judged, reading, fresh);
      const due = { decidedOn: state, grant: decision.grant, startedAtMs, redecide };
      return this.#submission.push(due, signal);
    }
    if (decision.reason === "unchanged") failures.recordSuccess();
    return (await this.#submission.settle(judged.permissions, signal)) ?? skipped(decision);
  }

  /**
   * A cycle broke off: a failure when a heartbeat was due from this agent, whatever the cause (a chain, the journal). A
   * follower owes nothing.
   */
  recordBrokenCycle(error: BaseError): void {
    const { now, config } = this.#options;
    const ageMs = now.priceAgeMs;
    if (ageMs === undefined || ageMs < config.decision.heartbeatMs || this.backOffMs > 0) return;
    if (this.#guard().granted) this.#submission.fail(error);
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

  #saw(state: OracleState): void {
    const { now, overrides, account, clock } = this.#options;
    now.sawJeju(state);
    const { gasPriceMultiplierPct, feeCapWei } = overrides.at(state.blockTimestampS).transaction;
    const gasPriceWei = minOf(gasPriceNeeded(toMarket(state), gasPriceMultiplierPct), feeCapWei);
    account.saw(state, gasPriceWei, clock.monotonicMs());
  }

  #judge(state: OracleState, reading: SourceReading, forced: boolean): DecisionInput {
    this.#sample(reading);
    const { source, nowS } = this.#validate(reading, state);
    return {
      source,
      chain: state,
      hold: this.#stepHold(source, state, nowS),
      nowS,
      forced,
      permissions: this.#permissions(state),
    };
  }

  /** Judged anew by the newest time: slow endpoints, or a process that stood still, must not push an aged reading. */
  #redecide(judged: DecisionInput, reading: SourceReading, fresh: SendState) {
    this.#saw(fresh);
    const permissions = this.#permissions(fresh);
    const { source, nowS } = this.#validate(reading, fresh);
    // Meanwhile an approval may have run out or been replaced, and a wider band have ended.
    const hold = this.#judgeHold(source, fresh, nowS).verdict;
    const input = { ...judged, source, nowS, hold, chain: fresh, permissions };
    const decision = decide(input, this.#options.overrides.settings.decision);
    return { decision, inFlight: permissions.inFlight };
  }

  #validate(reading: SourceReading, state: OracleState) {
    const { config, pins, now, clock } = this.#options;
    const source = validateReading(
      reading,
      {
        pins,
        jejuTimestampS: state.blockTimestampS,
        hostTimestampS: BigInt(Math.floor(clock.wallMs() / 1000)),
        samples: this.#samples,
        minMedianWindowS: config.allowSampledMedian ? config.twapMinWindowS : undefined,
      },
      config.validation,
    );
    return { source, nowS: now.nowS ?? state.blockTimestampS };
  }

  #sample(reading: SourceReading): void {
    const { pool, blockTimestampS } = reading;
    const { now, config } = this.#options;
    if (pool === undefined || !config.allowSampledMedian) return;
    const sample = { blockTimestampS, tick: pool.spotTick, liquidity: pool.liquidity };
    const latestPlausibleS = (now.nowS ?? blockTimestampS) + FUTURE_TOLERANCE_S;
    this.#samples = addSample(this.#samples, sample, config.twapWindowS, latestPlausibleS);
  }

  #stepHold(source: Quote | Rejection, state: OracleState, nowS: bigint): HoldVerdict {
    const judged = this.#judgeHold(source, state, nowS);
    this.#hold = judged.state;
    return judged.verdict;
  }

  #judgeHold(source: Quote | Rejection, state: OracleState, nowS: bigint): ReturnType<typeof stepHoldBand> {
    const usable = source.kind === "quote" && source.blockTimestampS >= state.lastUpdateS;
    if (!usable) return { state: this.#hold, verdict: { kind: "in-band" } };
    const { approvals, overrides } = this.#options;
    const approval = approvals.current(state.lastUpdateS, nowS);
    return stepHoldBand(this.#hold, source, state, overrides.settings.decision, approval);
  }

  #permissions(state: OracleState): Permissions {
    const { config, watch, overrides } = this.#options;
    const { gasPriceMultiplierPct, feeCapWei } = overrides.settings.transaction;
    const leadership = this.#guard();
    // What failed in an earlier leadership must not delay a new one.
    if (leadership.granted && leadership.term !== this.#actedInTerm) {
      this.#actedInTerm = leadership.term;
      this.#options.failures.endBackOff();
    }
    return {
      leadership,
      paused: this.#pausedBecause(state),
      observeOnly: config.observeOnly,
      inFlight: watch.judge(state),
      gasPriceNeededWei: gasPriceNeeded(toMarket(state), gasPriceMultiplierPct),
      feeCapWei,
      backOffMs: this.backOffMs,
    };
  }

  #guard(): LeadershipGrant | LeadershipRefusal {
    return this.#options.leadership().guard(SEND_GUARD_MS, this.#options.now.priceAgeMs);
  }

  #pausedBecause(state: OracleState): string | undefined {
    if (state.contractPaused === true) return "the oracle contract is paused";
    const pause = this.#options.pauses.current(state.blockTimestampS);
    return pause === undefined ? undefined : describePause(pause);
  }

  /** Leave to act may have ended, or a pause begun, since the decision. A cancellation is sent also while paused. */
  #objection(kind: TransactionPlan["kind"]): Withheld | undefined {
    const { now } = this.#options;
    const paused = kind === "cancel" || now.state === undefined ? undefined : this.#pausedBecause(now.state);
    if (paused !== undefined) return { reason: "paused", detail: paused };
    const leadership = this.#guard();
    return leadership.granted ? undefined : { reason: "not-leader", detail: describeRefusal(leadership) };
  }
}

/** Of a look, which does not read the base fee. */
function toMarket({ gasPriceWei }: OracleState): FeeMarket {
  return { gasPriceWei, baseFeeWei: 0n };
}
