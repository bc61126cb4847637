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
import { buildLoop, type LoopParts, type RunningLoop } from "./build-loop.ts";
import type { OracleConfig } from "./config.ts";
import { createFence } from "./fence/create-fence.ts";
import { createOracleMetrics, type OracleMetrics } from "./metrics.ts";
import { subscribeToHeads } from "./rpc/head-subscription.ts";
import { RpcPool } from "./rpc/rpc-pool.ts";
import { healthOf, inFlightAgeMs, takeSnapshot } from "./snapshot.ts";
import { Journal, JournalError } from "./transaction/journal.ts";
import { AccountWatch } from "./updater/account-watch.ts";
import { ApprovalBook } from "./updater/approval-book.ts";
import { ChainNow } from "./updater/chain-now.ts";
import type { UpdaterEvents } from "./updater/events.ts";
import { FailureBook } from "./updater/failure-book.ts";
import { toForcedResult } from "./updater/forced-result.ts";
import { OverrideBook } from "./updater/override-book.ts";
import { operatorPause, PauseBook } from "./updater/pause-book.ts";
import type { PriceUpdater } from "./updater/price-updater.ts";
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

export class OracleUpdater implements OracleControl {
  readonly #options: OracleUpdaterOptions;
  readonly #metrics: OracleMetrics;
  readonly #reporter: Reporter;
  readonly #parts: LoopParts;
  readonly #startedAtMs: number;
  #running: RunningLoop | undefined;
  #supervised: Supervised[] = [];
  #totalUpdates = 0;
  /** By both clocks: the wall's for people, the monotonic one to judge by. */
  #lastLookAt = { wallMs: 0, monotonicMs: 0 };
  /** The last snapshot, once the loop has stopped. */
  #atTheEnd: OracleSnapshot | undefined;
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
    this.#startedAtMs = clock.monotonicMs();
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
    const baseRpc = pool("Base", config.base);
    const jejuRpc = pool("Jeju", config.jeju);
    const setExtraUrls = (base: readonly string[], jeju: readonly string[]) => {
      baseRpc.setExtraUrls(base);
      jejuRpc.setExtraUrls(jeju);
    };
    const sender = privateKeyToAccount(config.updaterKey.reveal() as Hex).address;
    const fence = createFence(config, sender);
    const journal = new Journal(stateDir, botId, { chainId: config.jeju.chainId, sender }, clock);
    this.#parts = {
      config,
      botId,
      clock,
      logger,
      baseRpc,
      jejuRpc,
      journal,
      fence,
      now: new ChainNow(clock),
      account: new AccountWatch(fence),
      failures: new FailureBook(config.transaction),
      pauses: new PauseBook(journal),
      approvals: new ApprovalBook(logger),
      overrides: new OverrideBook({ config, logger, setExtraUrls }),
      leadership: options.leadership,
      events: this.#reporter,
      beforeBroadcast: options.beforeBroadcast,
    };
  }

  /** Starts the loop and returns at once; connecting and its retries happen in the background. */
  start(): void {
    const { clock, logger } = this.#options;
    this.#parts.baseRpc.start();
    this.#parts.jejuRpc.start();
    this.#supervised.push(supervise(clock, logger, "price loop", (signal) => this.#run(signal)));
  }

  /** Stops the loop; a transaction on its way stays in the journal and is settled at the next start. */
  async stop(): Promise<void> {
    await Promise.all(this.#supervised.map((supervised) => supervised.stop()));
    this.#supervised = [];
    const { baseRpc, jejuRpc, journal } = this.#parts;
    await Promise.all([baseRpc.stop(), jejuRpc.stop()]);
    // Others still ask while they stop themselves, and the journal cannot be read any more.
    this.#atTheEnd ??= this.snapshot();
    journal.close();
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
        return await buildLoop(this.#parts, (updater, ms) => this.#afterCycle(updater, ms), signal);
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

  #afterCycle({ lastLook }: PriceUpdater, durationMs: number): void {
    const { config, now, failures, pauses, journal, baseRpc, jejuRpc } = this.#parts;
    const { state, priceAgeS } = now;
    this.#reporter.cycleEnded(durationMs, {
      look: lastLook,
      chain: state === undefined || priceAgeS === undefined ? undefined : { state, ageS: priceAgeS },
      lastFailure: this.#reporter.lastFailure,
      consecutiveFailures: failures.consecutive,
      pause: pauses.peek(),
      heartbeatMs: config.decision.heartbeatMs,
      maxSpotTwapSpreadBps: config.decision.maxSpotTwapSpreadBps,
      unhealthyReasons: healthOf(this.#parts),
      standIns: [baseRpc, jejuRpc].flatMap((pool) => pool.standIn() ?? []),
    });
    // The journal last: when it cannot be used, the alerts above must have gone out all the same.
    this.#metrics.inFlightAge.set((inFlightAgeMs(this.#parts, this.#startedAtMs) ?? 0) / 1000);
    if (state !== undefined && state.latestNonce !== this.#prunedAtNonce) {
      this.#prunedAtNonce = state.latestNonce;
      journal.prune(state.latestNonce);
    }
  }

  snapshot(): OracleSnapshot {
    if (this.#atTheEnd !== undefined) return this.#atTheEnd;
    return takeSnapshot({
      parts: this.#parts,
      running: this.#running,
      startedAtMs: this.#startedAtMs,
      lastLookAt: this.#lastLookAt,
      totalUpdates: this.#totalUpdates,
    });
  }

  lookNow(): void {
    this.#running?.loop.hint();
  }

  pause(request: PauseRequest): void {
    const { by, reason } = request;
    this.#parts.pauses.set(operatorPause(request));
    this.#options.logger.warn("Updates are paused", { by, reason });
    this.lookNow();
  }

  resume({ by, reason }: Requester): void {
    this.#parts.pauses.clear();
    this.#options.logger.warn("Updates are resumed", { by, reason });
    this.lookNow();
  }

  obey(directive: FleetDirective): void {
    // A stopped loop pushes nothing, and its journal is closed: the next run reads the directive again.
    if (this.#atTheEnd !== undefined) return;
    const { logger } = this.#options;
    const { id, kind, by, reason } = directive;
    try {
      if (!this.#parts.pauses.obey(directive)) return;
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      // It will be asked for again and again: only what is new is worth a line.
      if (this.#unstoredDirective === id) return;
      this.#unstoredDirective = id;
      const { nextStep } = error;
      logger.error("A directive of the fleet cannot be stored", {
        directive: id,
        error: describeError(error),
        nextStep,
      });
      return;
    }
    const what = kind === "pause" ? "Updates are paused for the fleet" : "Updates are resumed for the fleet";
    logger.warn(what, { directive: id, by, reason });
    this.lookNow();
  }

  applyOverrides(overrides: readonly RuntimeOverride[]): void {
    if (this.#parts.overrides.apply(overrides)) this.lookNow();
  }

  async forceUpdate(requester: Requester): Promise<ForcedUpdateResult> {
    const running = this.#running;
    if (running === undefined) {
      return { landed: false, detail: "the agent is still connecting", transactionHash: undefined };
    }
    this.#options.logger.warn("Forced update requested", { by: requester.by, reason: requester.reason });
    return toForcedResult(await running.loop.force(requester));
  }

  approveHeld(approval: HoldApproval): void {
    this.#parts.approvals.take(approval);
    this.lookNow();
  }
}
