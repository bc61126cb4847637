/** Turns what the updater does into log lines, metrics and listener calls. Reporting never fails a cycle. */
import type { AlertCondition, AlertSink, BaseError, Logger } from "@jeju-oracle/kit";
import type { Decision } from "../decision/decide.ts";
import type { OracleMetrics } from "../metrics.ts";
import type { Author } from "../oracle/attribution.ts";
import { formatUsd8 } from "../price/fixed-point.ts";
import type { RpcPoolEvents } from "../rpc/rpc-pool.ts";
import { activeConditions, type ChainAsSeen, type ConditionInput } from "./conditions.ts";
import type { LandedUpdate, Look, UpdaterEvents } from "./events.ts";

const WEI_PER_ETH = 1e18;
const WEI_PER_GWEI = 1e9;

/** Reasons that pass by themselves within moments: no warning. */
const PASSING_REASONS: ReadonlySet<string> = new Set([
  "source-older-than-chain",
  "rate-limited",
  "not-leader",
]);

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
}

export class Reporter implements UpdaterEvents, RpcPoolEvents {
  readonly #logger: Logger;
  readonly #metrics: OracleMetrics;
  readonly #listener: Partial<UpdaterEvents>;
  readonly #alerts: () => AlertSink | undefined;
  readonly #raised = new Map<string, string>();
  readonly #requests = new Map<string, number>();
  #lastDecision = "";
  #lastFailure: Failure | undefined;

  constructor(
    logger: Logger,
    metrics: OracleMetrics,
    alerts: () => AlertSink | undefined,
    listener: Partial<UpdaterEvents>,
  ) {
    this.#logger = logger;
    this.#metrics = metrics;
    this.#alerts = alerts;
    this.#listener = listener;
  }

  get lastFailure(): Failure | undefined {
    return this.#lastFailure;
  }

  looked(look: Look): void {
    this.#measureLook(look);
    this.#logDecision(look.decision);
    this.#listener.looked?.(look);
  }

  landed(update: LandedUpdate): void {
    const { reason, as, ethUsd8, elizaUsd8, transactionHash, blockNumber, latencyMs } = update;
    this.#lastFailure = undefined;
    this.#metrics.totalUpdates.inc();
    this.#metrics.pushes.inc({ reason });
    if (as === "fallback") this.#metrics.fallbackPushes.inc();
    this.#metrics.landing.observe(latencyMs / 1000);
    this.#metrics.consecutiveFailures.set(0);
    this.#logger.info("Oracle updated successfully", {
      reason,
      as,
      ethUsd: formatUsd8(ethUsd8),
      elizaUsd: formatUsd8(elizaUsd8),
      transactionHash,
      blockNumber,
      latencyMs: Math.round(latencyMs),
    });
    this.#listener.landed?.(update);
  }

  failed(error: BaseError, consecutive: number): void {
    const { code, message, nextStep, retryable } = error;
    this.#lastFailure = { code, message, nextStep };
    this.#metrics.updateFailures.inc({ code });
    this.#metrics.consecutiveFailures.set(consecutive);
    this.#logger.error("Oracle update failed", { code, error: message, consecutive, retryable, nextStep });
    this.#listener.failed?.(error, consecutive);
  }

  lostRace(): void {
    this.#metrics.lostRaces.inc();
    this.#logger.info("Another update landed first, reading again");
    this.#listener.lostRace?.();
  }

  cancelled(nonce: number, transactionHash: string): void {
    this.#metrics.cancellations.inc();
    this.#logger.warn("A stuck transaction was cancelled", { nonce, transactionHash });
    this.#listener.cancelled?.(nonce, transactionHash);
  }

  foreignUpdate(author: Exclude<Author, { kind: "fleet" }>): void {
    this.#metrics.foreignUpdates.inc();
    const fields =
      author.kind === "foreign" ? { from: author.from, transactionHash: author.transactionHash } : {};
    this.#logger.error("Foreign update on the oracle, holding until resumed", fields);
    this.#listener.foreignUpdate?.(author);
  }

  request(chain: string, durationMs: number): void {
    this.#metrics.rpcDuration.observe({ chain: chain.toLowerCase() }, durationMs / 1000);
    this.#requests.set(chain, (this.#requests.get(chain) ?? 0) + 1);
  }

  failover(chain: string): void {
    this.#metrics.rpcFailover.inc({ chain: chain.toLowerCase() });
  }

  /** No cycle can run yet: a person must know, because nothing else raises an alert before the first cycle. */
  notReady(summary: string, nextStep: string): void {
    this.#syncAlerts([{ key: "sources-not-ready", severity: "critical", summary, nextStep }]);
  }

  /** After each cycle: what it cost, and which conditions hold now. */
  cycleEnded(durationMs: number, conditions: ConditionInput): void {
    this.#metrics.cycleDuration.observe(durationMs / 1000);
    for (const [chain, count] of this.#requests) {
      this.#metrics.requestsPerCycle.observe({ chain: chain.toLowerCase() }, count);
    }
    this.#requests.clear();
    this.#metrics.consecutiveFailures.set(conditions.consecutiveFailures);
    this.#metrics.paused.set(conditions.pause === undefined ? 0 : 1);
    if (conditions.chain !== undefined) this.#measureChain(conditions.chain);
    this.#syncAlerts(activeConditions(conditions));
  }

  #syncAlerts(active: readonly AlertCondition[]): void {
    const alerts = this.#alerts();
    if (alerts === undefined) return;
    for (const condition of active) {
      const content = `${condition.severity}: ${condition.summary}`;
      if (this.#raised.get(condition.key) === content) continue;
      this.#raised.set(condition.key, content);
      alerts.raise(condition);
    }
    const keys = new Set(active.map(({ key }) => key));
    for (const key of this.#raised.keys()) {
      if (keys.has(key)) continue;
      this.#raised.delete(key);
      alerts.clear(key);
    }
  }

  /** Also while the sources are out of reach, so that only an old price looks old. */
  #measureChain({ state, ageS }: ChainAsSeen): void {
    const metrics = this.#metrics;
    metrics.lastUpdateTimestamp.set(Number(state.lastUpdateS));
    metrics.ethUsdPrice.set(Number(state.ethUsd8));
    metrics.elizaUsdPrice.set(Number(state.elizaUsd8));
    metrics.walletBalanceEth.set(Number(state.walletBalanceWei) / WEI_PER_ETH);
    metrics.gasPriceGwei.set(Number(state.gasPriceWei) / WEI_PER_GWEI);
    metrics.priceAge.set(Number(ageS));
  }

  #measureLook({ source, decision }: Look): void {
    const metrics = this.#metrics;
    metrics.held.set(decision.kind === "skip" && decision.reason === "held" ? 1 : 0);
    if (source.kind === "rejection") metrics.rejections.inc({ code: source.code });
    else {
      metrics.sourceEthUsd.set(Number(source.ethUsd8));
      metrics.sourceElizaUsd.set(Number(source.elizaUsd8));
      metrics.sourceAge.set(Number(source.feedAgeS));
      metrics.spotTwapSpread.set(Number(source.spotTwapSpreadBps));
      metrics.poolDepth.set(Number(source.poolDepthWei) / WEI_PER_ETH);
    }
    if (decision.kind === "skip") {
      metrics.skips.inc({ reason: decision.reason });
      if (decision.wouldPush !== undefined) metrics.wouldPush.inc({ reason: decision.wouldPush });
    }
  }

  /** A look every few seconds would drown the log: only a change of the reason is worth a line. */
  #logDecision(decision: Decision): void {
    const { kind, reason, detail } = decision;
    const as = kind === "push" ? decision.grant.as : undefined;
    const summary = `${kind}:${reason}:${as}`;
    const fields = { decision: kind, reason, detail, as };
    if (summary === this.#lastDecision) this.#logger.debug("Looked", fields);
    else if (kind === "push") this.#logger.info("Pushing", fields);
    else if (reason === "unchanged") this.#logger.info("Price on chain is current", fields);
    else if (PASSING_REASONS.has(reason)) this.#logger.info("Not pushing", fields);
    else this.#logger.warn("Not pushing", fields);
    this.#lastDecision = summary;
  }
}
