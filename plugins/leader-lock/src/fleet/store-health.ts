/**
 * How the store answers this agent: metrics for each request, a log line when requests begin to fail and when they succeed again.
 * A store that answers looks and takes no writes, as on a full disk, is failing.
 */
import { BaseError, type Clock, describeError, type Logger } from "@jeju-oracle/kit";
import type { LeadershipMetrics } from "../metrics.ts";
import type { Operation } from "./exchange.ts";

interface Failing {
  readonly sinceMs: number;
  readonly nextStep: string;
}

export class StoreHealth {
  readonly #metrics: LeadershipMetrics;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #failing = new Map<Operation, Failing>();

  constructor(metrics: LeadershipMetrics, clock: Clock, logger: Logger) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** For how long writes have failed, ms; 0 when the latest succeeded. */
  get writesFailForMs(): number {
    const write = this.#failing.get("write");
    return write === undefined ? 0 : this.#clock.monotonicMs() - write.sinceMs;
  }

  /** What to do about it, while anything fails. */
  get nextStep(): string | undefined {
    return (this.#failing.get("write") ?? this.#failing.get("look"))?.nextStep;
  }

  /** A request took `durationMs`; `error` when it failed. */
  finished(operation: Operation, durationMs: number, error: unknown): void {
    this.#metrics.storeDuration.observe({ operation }, durationMs / 1000);
    const failedBefore = this.#failing.size > 0;
    if (error === undefined) {
      // A write does what a look does; and where looks failed, too, the store was away, and writes have not been tried since.
      if (operation === "write" || this.#failing.has("look")) this.#failing.clear();
      if (failedBefore && this.#failing.size === 0) this.#logger.info("The coordination store answers again");
      return;
    }
    this.#metrics.storeFailures.inc({ operation });
    const nextStep = error instanceof BaseError ? error.nextStep : "Report this with the log.";
    const sinceMs = this.#failing.get(operation)?.sinceMs ?? this.#clock.monotonicMs();
    this.#failing.set(operation, { sinceMs, nextStep });
    if (failedBefore) return;
    this.#logger.warn("The coordination store does not answer, trying on", {
      operation,
      error: describeError(error),
      nextStep,
    });
  }
}
