/**
 * Counts due pushes that did not land and spaces the attempts. One failure counts once per spaced attempt, however many
 * requests failed inside it; a skip never counts. Pure state with time as argument.
 */
import type { TransactionConfig } from "../config.ts";

const MAX_BACK_OFF_MS = 60_000;

export class FailureBook {
  readonly #config: TransactionConfig;
  #consecutive = 0;
  #notBeforeMs = 0;

  constructor(config: TransactionConfig) {
    this.#config = config;
  }

  get consecutive(): number {
    return this.#consecutive;
  }

  /** A due push did not land. */
  recordFailure(nowMs: number, retryable: boolean): void {
    this.#consecutive += 1;
    this.#notBeforeMs = nowMs + this.#delayMs(retryable);
  }

  /** The price on chain is as it should be: an update landed, or none is due. */
  recordSuccess(): void {
    this.#consecutive = 0;
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
