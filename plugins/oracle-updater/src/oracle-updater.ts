/** The price loop of one agent, assembled: what the elizaOS service wraps and what the OracleControl port answers. */
import {
  type AlertSink,
  BaseError,
  type Clock,
  describeError,
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
import { botTag } from "./fence/tag.ts";
import { type UnhealthyReason, unhealthyReasons } from "./health.ts";
import { createOracleMetrics, type OracleMetrics } from "./metrics.ts";
import { JejuOracle } from "./oracle/jeju-oracle.ts";
import { subscribeToHeads } from "./rpc/head-subscription.ts";
import { RpcPool } from "./rpc/rpc-pool.ts";
import { BaseSource } from "./sources/base-source.ts";
import { keepPins } from "./sources/keep-pins.ts";
import { Journal } from "./transaction/journal.ts";
import { Sender } from "./transaction/sender.ts";
import { BlockTimeEstimate } from "./updater/block-time.ts";
import { ChainWatch } from "./updater/chain-watch.ts";
import type { Look, UpdaterEvents } from "./updater/events.ts";
import { toForcedResult } from "./updater/forced-result.ts";
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
  #running: RunningLoop | undefined;
  #supervised: Supervised[] = [];
  #totalUpdates = 0;
  /** By both clocks: the wall's for people, the monotonic one to judge by. */
  #lastLookAt = { wallMs: 0, monotonicMs: 0 };
  #prunedAtNonce: number | undefined;

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
    const fence = createFence(config, account.address);
    const oracle = new JejuOracle({
      oracle: config.oracleAddress,
      sender: account.address,
      chainId: config.jeju.chainId,
      fence,
    });
    const blockTime = new BlockTimeEstimate();
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
      watch: new ChainWatch({
        rpc: this.#jejuRpc,
        fence,
        oracle: config.oracleAddress,
        journal: this.#journal,
        clock,
        transactionDeadlineMs: config.transaction.deadlineMs,
      }),
      pauses: this.#pauses,
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
    return { updater, loop };
  }

  #afterCycle(updater: PriceUpdater, durationMs: number): void {
    const { config } = this.#options;
    const look = updater.lastLook;
    const ageS = this.#priceAgeS();
    if (ageS !== undefined) this.#metrics.priceAge.set(Number(ageS));
    this.#reporter.cycleEnded(durationMs, {
      look: this.#lookAsOfNow(),
      lastFailure: this.#reporter.lastFailure,
      consecutiveFailures: updater.consecutiveFailures,
      pause: this.#pauses.peek(),
      heartbeatMs: config.decision.heartbeatMs,
      maxSpotTwapSpreadBps: config.decision.maxSpotTwapSpreadBps,
      unhealthyReasons: this.#unhealthyReasons(),
    });
    // The journal last: when it cannot be used, the alerts above must have gone out all the same.
    this.#metrics.inFlightAge.set((this.#inFlightAgeMs() ?? 0) / 1000);
    if (look !== undefined && look.state.latestNonce !== this.#prunedAtNonce) {
      this.#prunedAtNonce = look.state.latestNonce;
      this.#journal.prune(look.state.latestNonce);
    }
  }

  snapshot(): OracleSnapshot {
    const look = this.#running?.updater.lastLook;
    const pause = this.#pauses.peek();
    const reasons = this.#unhealthyReasons();
    const quote = look?.source.kind === "quote" ? look.source : undefined;
    return {
      botId: this.#options.botId,
      healthy: reasons.length === 0,
      unhealthyReasons: reasons.map(({ text }) => text),
      troubles: [],
      lastUpdateMs: look === undefined ? 0 : Number(look.state.lastUpdateS) * 1000,
      consecutiveFailures: this.#running?.updater.consecutiveFailures ?? 0,
      totalUpdates: this.#totalUpdates,
      chainEthUsd8: look?.state.ethUsd8,
      chainElizaUsd8: look?.state.elizaUsd8,
      sourceEthUsd8: quote?.ethUsd8,
      sourceElizaUsd8: quote?.elizaUsd8,
      priceAgeS: this.#priceAgeS(),
      walletBalanceWei: look?.state.walletBalanceWei,
      gasPriceWei: look?.state.gasPriceWei,
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
      lastLookAgeMs:
        look === undefined
          ? undefined
          : Math.max(0, this.#options.clock.monotonicMs() - this.#lastLookAt.monotonicMs),
      tag: botTag(this.#options.botId),
      lastPeerTag: undefined,
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
    const { id, kind, by, reason } = directive;
    if (!this.#pauses.obey(directive)) return;
    const what = kind === "pause" ? "Updates are paused for the fleet" : "Updates are resumed for the fleet";
    this.#options.logger.warn(what, { directive: id, by, reason });
    this.lookNow();
  }

  applyOverrides(overrides: readonly RuntimeOverride[]): void {
    for (const { name } of overrides) this.#options.logger.warn("Override not in force yet", { name });
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
      consecutiveFailures: this.#running?.updater.consecutiveFailures ?? 0,
      baseUnreachableForMs: this.#baseRpc.unreachableForMs(),
      jejuUnreachableForMs: this.#jejuRpc.unreachableForMs(),
      priceAgeS: this.#priceAgeS(),
    });
  }

  #priceAgeS(): bigint | undefined {
    const look = this.#lookAsOfNow();
    return look === undefined ? undefined : look.nowS - look.state.lastUpdateS;
  }

  /** The last look with the time that has passed since: the price ages while a chain is out of reach. */
  #lookAsOfNow(): Look | undefined {
    const look = this.#running?.updater.lastLook;
    if (look === undefined) return undefined;
    const sinceMs = Math.max(0, this.#options.clock.monotonicMs() - this.#lastLookAt.monotonicMs);
    return { ...look, nowS: look.nowS + BigInt(Math.floor(sinceMs / 1000)) };
  }

  #inFlightAgeMs(): number | undefined {
    const look = this.#running?.updater.lastLook;
    if (look === undefined) return undefined;
    const ages = this.#journal.open(look.state.latestNonce).map(({ ageMs }) => ageMs);
    const oldest = Math.max(...ages.filter(Number.isFinite), Number.NEGATIVE_INFINITY);
    return Number.isFinite(oldest) ? oldest : undefined;
  }
}
