/** The price loop of one agent, assembled: what the elizaOS service wraps and what the OracleControl port answers. */
import {
  type AlertSink,
  BaseError,
  type Clock,
  describeError,
  type FitnessTrouble,
  type FleetDirective,
  type ForcedUpdateResult,
  type HoldApproval,
  type Leadership,
  type Logger,
  type OracleControl,
  type OracleSnapshot,
  type PauseRequest,
  type Requester,
  type RuntimeOverride,
  type Supervised,
  sleep,
  supervise,
} from "@jeju-oracle/kit";
import type { Registry } from "prom-client";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { OracleConfig } from "./config.ts";
import { createFence } from "./fence/create-fence.ts";
import type { Fence } from "./fence/fence.ts";
import { botTag } from "./fence/tag.ts";
import { type UnhealthyReason, unhealthyReasons } from "./health.ts";
import { createOracleMetrics, type OracleMetrics } from "./metrics.ts";
import { JejuOracle } from "./oracle/jeju-oracle.ts";
import { subscribeToHeads } from "./rpc/head-subscription.ts";
import { RpcPool } from "./rpc/rpc-pool.ts";
import { BaseSource } from "./sources/base-source.ts";
import { keepPins } from "./sources/keep-pins.ts";
import { Journal, JournalError } from "./transaction/journal.ts";
import { Sender } from "./transaction/sender.ts";
import { AccountWatch } from "./updater/account-watch.ts";
import { BlockTimeEstimate } from "./updater/block-time.ts";
import { ChainNow } from "./updater/chain-now.ts";
import { ChainWatch } from "./updater/chain-watch.ts";
import type { UpdaterEvents } from "./updater/events.ts";
import { FailureBook } from "./updater/failure-book.ts";
import { fitnessTroubles } from "./updater/fitness.ts";
import { toForcedResult } from "./updater/forced-result.ts";
import { OverrideBook } from "./updater/override-book.ts";
import { describePause, operatorPause, PauseBook } from "./updater/pause-book.ts";
import { PriceLoop } from "./updater/price-loop.ts";
import { APPROVAL_VALID_S, PriceUpdater } from "./updater/price-updater.ts";
import { Reporter } from "./updater/reporter.ts";

export interface OracleUpdaterOptions {
  readonly config: OracleConfig;
  readonly botId: string;
  readonly stateDir: string;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
  /** Asked anew each time, because plugins start in any order; without a plugin the answer is a refusal. */
  readonly leadership: () => Leadership;
  readonly alerts: () => AlertSink | undefined;
  readonly events?: Partial<UpdaterEvents>;
  /** Between journal and wire; tests stop an agent here. */
  readonly beforeBroadcast?: () => Promise<void>;
}

const SETUP_RETRY_MS = 5_000;

interface RunningLoop {
  readonly updater: PriceUpdater;
  readonly watch: ChainWatch;
  readonly loop: PriceLoop;
}

export class OracleUpdater implements OracleControl {
  readonly #options: OracleUpdaterOptions;
  readonly #metrics: OracleMetrics;
  readonly #reporter: Reporter;
  readonly #baseRpc: RpcPool;
  readonly #jejuRpc: RpcPool;
  readonly #journal: Journal;
  readonly #pauses: PauseBook;
  readonly #overrides: OverrideBook;
  readonly #fence: Fence;
  readonly #now: ChainNow;
  readonly #account: AccountWatch;
  readonly #failures: FailureBook;
  readonly #startedAtMs: number;
  #running: RunningLoop | undefined;
  #supervised: Supervised[] = [];
  #totalUpdates = 0;
  /** By both clocks: the wall's for people, the monotonic one to judge by. */
  #lastLookAt = { wallMs: 0, monotonicMs: 0 };
  #prunedAtNonce: number | undefined;
  #unstoredDirective: string | undefined;

  /** @throws {JournalError} when STATE_DIR cannot be used. */
  constructor(options: OracleUpdaterOptions) {
    this.#options = options;
    const { config, clock, logger, botId, stateDir } = options;
    this.#metrics = createOracleMetrics(options.metrics);
    this.#reporter = new Reporter(logger, this.#metrics, options.alerts, {
      ...options.events,
      looked: (look) => {
        this.#lastLookAt = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
        options.events?.looked?.(look);
      },
      landed: (update) => {
        this.#totalUpdates += 1;
        options.events?.landed?.(update);
      },
    });
    const pool = (chain: "Base" | "Jeju", { rpcUrls, chainId, rpcTimeoutMs }: OracleConfig["base"]) =>
      new RpcPool({
        chain,
        urls: rpcUrls,
        chainId,
        timeoutMs: rpcTimeoutMs,
        clock,
        logger,
        events: this.#reporter,
      });
    this.#baseRpc = pool("Base", config.base);
    this.#jejuRpc = pool("Jeju", config.jeju);
    const sender = privateKeyToAccount(config.updaterKey.reveal() as Hex).address;
    this.#fence = createFence(config, sender);
    this.#now = new ChainNow(clock);
    this.#account = new AccountWatch(this.#fence);
    this.#failures = new FailureBook(config.transaction);
    this.#overrides = new OverrideBook({
      config,
      logger,
      setExtraUrls: (base, jeju) => {
        this.#baseRpc.setExtraUrls(base);
        this.#jejuRpc.setExtraUrls(jeju);
      },
    });
    this.#startedAtMs = clock.monotonicMs();
    this.#journal = new Journal(stateDir, botId, { chainId: config.jeju.chainId, sender }, clock);
    this.#pauses = new PauseBook(this.#journal);
  }

  /** Starts the loop and returns at once; connecting and its retries happen in the background. */
  start(): void {
    const { clock, logger } = this.#options;
    this.#baseRpc.start();
    this.#jejuRpc.start();
    this.#supervised.push(supervise(clock, logger, "price loop", (signal) => this.#run(signal)));
  }

  /** Stops the loop; a transaction on its way stays in the journal and is settled at the next start. */
  async stop(): Promise<void> {
    await Promise.all(this.#supervised.map((supervised) => supervised.stop()));
    this.#supervised = [];
    await Promise.all([this.#baseRpc.stop(), this.#jejuRpc.stop()]);
    this.#journal.close();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const running = await this.#assemble(signal);
    if (running === undefined) return;
    this.#running = running;
    const { config, clock, logger } = this.#options;
    const { wsUrl } = config.base;
    const heads =
      wsUrl === undefined ? undefined : subscribeToHeads(wsUrl, clock, logger, () => running.loop.hint());
    try {
      await running.loop.run(signal);
    } finally {
      await heads?.stop();
    }
  }

  /** Finds the sources, retrying until they can be found; undefined when stopped meanwhile. */
  async #assemble(signal: AbortSignal): Promise<RunningLoop | undefined> {
    const { clock, logger } = this.#options;
    while (!signal.aborted) {
      try {
        return await this.#build(signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        const nextStep = error instanceof BaseError ? error.nextStep : "Report this with the log.";
        logger.error("The sources cannot be set up yet", { error: describeError(error), nextStep });
        this.#reporter.notReady(`No price can be read since the start: ${describeError(error)}`, nextStep);
        await sleep(clock, SETUP_RETRY_MS, signal);
      }
    }
    return undefined;
  }

  async #build(signal: AbortSignal): Promise<RunningLoop> {
    const { config, clock, logger, botId } = this.#options;
    const account = privateKeyToAccount(config.updaterKey.reveal() as Hex);
    const pins = await keepPins(this.#baseRpc, config, this.#journal, logger, signal);
    const fence = this.#fence;
    const oracle = new JejuOracle({
      oracle: config.oracleAddress,
      sender: account.address,
      chainId: config.jeju.chainId,
      fence,
    });
    const blockTime = new BlockTimeEstimate();
    const watch = new ChainWatch({
      rpc: this.#jejuRpc,
      fence,
      ownTag: botTag(botId),
      oracle: config.oracleAddress,
      journal: this.#journal,
      clock,
      transactionDeadlineMs: config.transaction.deadlineMs,
    });
    const updater = new PriceUpdater({
      botId,
      config,
      pins,
      clock,
      jejuRpc: this.#jejuRpc,
      source: new BaseSource(this.#baseRpc, config, pins),
      oracle,
      fence,
      senderAddress: account.address,
      sender: new Sender({
        rpc: this.#jejuRpc,
        journal: this.#journal,
        chainId: config.jeju.chainId,
        account,
        oracle: config.oracleAddress,
        deadlineMs: config.transaction.deadlineMs,
        clock,
        logger,
        blockTimeMs: () => blockTime.ms,
        beforeBroadcast: this.#options.beforeBroadcast,
      }),
      watch,
      now: this.#now,
      account: this.#account,
      failures: this.#failures,
      pauses: this.#pauses,
      overrides: this.#overrides,
      blockTime,
      leadership: this.#options.leadership,
      events: this.#reporter,
    });
    const loop = new PriceLoop({
      updater,
      config,
      clock,
      logger,
      blockTime,
      onCycle: (durationMs) => this.#afterCycle(updater, durationMs),
    });
    return { updater, watch, loop };
  }

  #afterCycle(updater: PriceUpdater, durationMs: number): void {
    const { config } = this.#options;
    const { state, priceAgeS } = this.#now;
    this.#reporter.cycleEnded(durationMs, {
      look: updater.lastLook,
      chain: state === undefined || priceAgeS === undefined ? undefined : { state, ageS: priceAgeS },
      lastFailure: this.#reporter.lastFailure,
      consecutiveFailures: this.#failures.consecutive,
      pause: this.#pauses.peek(),
      heartbeatMs: config.decision.heartbeatMs,
      maxSpotTwapSpreadBps: config.decision.maxSpotTwapSpreadBps,
      unhealthyReasons: this.#unhealthyReasons(),
    });
    // The journal last: when it cannot be used, the alerts above must have gone out all the same.
    this.#metrics.inFlightAge.set((this.#inFlightAgeMs() ?? 0) / 1000);
    if (state !== undefined && state.latestNonce !== this.#prunedAtNonce) {
      this.#prunedAtNonce = state.latestNonce;
      this.#journal.prune(state.latestNonce);
    }
  }

  snapshot(): OracleSnapshot {
    const look = this.#running?.updater.lastLook;
    const { state, priceAgeS } = this.#now;
    const pause = this.#pauses.peek();
    const reasons = this.#unhealthyReasons();
    const quote = look?.source.kind === "quote" ? look.source : undefined;
    return {
      botId: this.#options.botId,
      healthy: reasons.length === 0,
      unhealthyReasons: reasons.map(({ text }) => text),
      troubles: this.#troubles(),
      lastUpdateMs: state === undefined ? 0 : Number(state.lastUpdateS) * 1000,
      consecutiveFailures: this.#failures.consecutive,
      totalUpdates: this.#totalUpdates,
      chainEthUsd8: state?.ethUsd8,
      chainElizaUsd8: state?.elizaUsd8,
      sourceEthUsd8: quote?.ethUsd8,
      sourceElizaUsd8: quote?.elizaUsd8,
      priceAgeS,
      walletBalanceWei: state?.walletBalanceWei,
      gasPriceWei: state?.gasPriceWei,
      spotTwapSpreadBps: quote?.spotTwapSpreadBps,
      pausedBy: pause === undefined ? undefined : describePause(pause),
      directiveId: this.#pauses.directiveId,
      inFlightAgeMs: this.#inFlightAgeMs(),
      lastDecision:
        look === undefined
          ? undefined
          : {
              kind: look.decision.kind,
              reason: look.decision.reason,
              detail: look.decision.detail,
              wouldPush: look.decision.kind === "skip" ? look.decision.wouldPush : look.decision.reason,
              atWallMs: this.#lastLookAt.wallMs,
            },
      lastLookAgeMs: look === undefined ? undefined : this.#msSince(this.#lastLookAt.monotonicMs),
      tag: botTag(this.#options.botId),
      lastPeerTag: this.#running?.watch.lastPeerTag,
    };
  }

  lookNow(): void {
    this.#running?.loop.hint();
  }

  pause(request: PauseRequest): void {
    const { by, reason } = request;
    this.#pauses.set(operatorPause(request));
    this.#options.logger.warn("Updates are paused", { by, reason });
    this.lookNow();
  }

  obey(directive: FleetDirective): void {
    const { logger } = this.#options;
    const { id, kind, by, reason } = directive;
    try {
      if (!this.#pauses.obey(directive)) return;
    } catch (error) {
      // The fleet is told again and again; only what is new is worth a line.
      if (!(error instanceof JournalError)) throw error;
      if (this.#unstoredDirective !== id)
        logger.error("A directive of the fleet cannot be stored", {
          directive: id,
          error: describeError(error),
          nextStep: error.nextStep,
        });
      this.#unstoredDirective = id;
      return;
    }
    const what = kind === "pause" ? "Updates are paused for the fleet" : "Updates are resumed for the fleet";
    logger.warn(what, { directive: id, by, reason });
    this.lookNow();
  }

  applyOverrides(overrides: readonly RuntimeOverride[]): void {
    if (this.#overrides.apply(overrides)) this.lookNow();
  }

  resume({ by, reason }: Requester): void {
    this.#pauses.clear();
    this.#options.logger.warn("Updates are resumed", { by, reason });
    this.lookNow();
  }

  async forceUpdate(requester: Requester): Promise<ForcedUpdateResult> {
    const running = this.#running;
    if (running === undefined) {
      return { landed: false, detail: "the agent is still connecting", transactionHash: undefined };
    }
    this.#options.logger.warn("Forced update requested", { by: requester.by, reason: requester.reason });
    return toForcedResult(await running.loop.force(requester));
  }

  approveHeld(request: HoldApproval): void {
    const look = this.#running?.updater.lastLook;
    if (this.#running === undefined || look === undefined) {
      throw new BaseError("there is no reading to approve yet", {
        code: "nothing-held",
        retryable: true,
        nextStep: "Wait for the agent's first reading and look at the held price again.",
      });
    }
    this.#options.logger.warn("Held price approved", { by: request.by, reason: request.reason });
    this.#running.updater.approve({
      by: request.by,
      ethUsd8: request.ethUsd8,
      elizaUsd8: request.elizaUsd8,
      expiresAtS: look.nowS + APPROVAL_VALID_S,
    });
    this.#running.loop.hint();
  }

  #unhealthyReasons(): readonly UnhealthyReason[] {
    return unhealthyReasons({
      consecutiveFailures: this.#failures.consecutive,
      baseUnreachableForMs: this.#baseRpc.unreachableForMs(),
      jejuUnreachableForMs: this.#jejuRpc.unreachableForMs(),
      priceAgeS: this.#now.priceAgeS,
    });
  }

  #troubles(): readonly FitnessTrouble[] {
    return fitnessTroubles({
      nowMs: this.#options.clock.monotonicMs(),
      startingSinceMs: this.#running?.updater.lastLook === undefined ? this.#startedAtMs : undefined,
      baseUnreachableForMs: this.#baseRpc.unreachableForMs(),
      jejuUnreachableForMs: this.#jejuRpc.unreachableForMs(),
      account: this.#account,
      failures: this.#failures,
      fence: this.#fence.kind,
    });
  }

  /** Age of the oldest own transaction that may still land; of one of an earlier run, the age of this run. */
  #inFlightAgeMs(): number | undefined {
    const { state } = this.#now;
    if (state === undefined) return undefined;
    const open = this.#journal.open(state.latestNonce);
    if (open.length === 0) return undefined;
    return Math.max(...open.map(({ ageMs }) => Math.min(ageMs, this.#msSince(this.#startedAtMs))));
  }

  #msSince(monotonicMs: number): number {
    return Math.max(0, this.#options.clock.monotonicMs() - monotonicMs);
  }
}
