/**
 * Counts due pushes that did not land and spaces the attempts. One failure counts once per spaced attempt, however many
 * requests failed inside it; a skip never counts. Pure state with time as argument.
 */
import type { BaseError } from "@jeju-oracle/kit";
import type { TransactionConfig } from "../config.ts";

/** What a failure is known by. */
export type Failure = Pick<BaseError, "code" | "message" | "retryable">;

const MAX_BACK_OFF_MS = 60_000;

export class FailureBook {
  readonly #config: TransactionConfig;
  #consecutive = 0;
  #notBeforeMs = 0;
  #last: Failure | undefined;
  /** When each cause came first in this run of failures. */
  readonly #firstAtMs = new Map<string, number>();

  constructor(config: TransactionConfig) {
    this.#config = config;
  }

  get consecutive(): number {
    return this.#consecutive;
  }

  /** The newest failure of the present run; undefined when there is none. */
  get last(): Failure | undefined {
    return this.#last;
  }

  /** When, in the present run, a failure whose code `matches` came first, by the monotonic clock. */
  firstAtMs(matches: (code: string) => boolean): number | undefined {
    const times = [...this.#firstAtMs].filter(([code]) => matches(code)).map(([, atMs]) => atMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** A due push did not land. */
  recordFailure(nowMs: number, failure: Failure): void {
    const { code, message, retryable } = failure;
    this.#consecutive += 1;
    this.#notBeforeMs = nowMs + this.#delayMs(retryable);
    this.#last = { code, message, retryable };
    if (!this.#firstAtMs.has(code)) this.#firstAtMs.set(code, nowMs);
  }

  /** The price on chain is as it should be: an update landed, or none is due. */
  recordSuccess(): void {
    this.#consecutive = 0;
    this.#notBeforeMs = 0;
    this.#last = undefined;
    this.#firstAtMs.clear();
  }

  /** The next attempt may be made at once: what failed belongs to an earlier leadership. */
  endBackOff(): void {
    this.#notBeforeMs = 0;
  }

  /** Time in ms until the next attempt is allowed; 0 when now. */
  backOffMs(nowMs: number): number {
    return Math.max(0, this.#notBeforeMs - nowMs);
  }

  /** Steady for the configured retries, then doubling; a failure that retrying cannot cure doubles at once. */
  #delayMs(retryable: boolean): number {
    const { retryDelayMs, maxRetries } = this.#config;
    const steadyAttempts = retryable ? maxRetries : 0;
    const doublings = Math.min(Math.max(0, this.#consecutive - steadyAttempts), 16);
    return Math.min(retryDelayMs * 2 ** doublings, Math.max(MAX_BACK_OFF_MS, retryDelayMs));
  }
}
