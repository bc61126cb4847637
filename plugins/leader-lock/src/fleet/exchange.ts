/**
 * The only way of the election to its store. One round trip per cycle: every look and every write brings back all records of
 * the fleet, so that nobody asks twice. Bounds each request by the operation's deadline.
 */
import {
  BaseError,
  type Clock,
  type CompareAndSetAndListResult,
  type CoordinationStore,
  describeError,
  type StoreRecord,
  StoreUnavailableError,
  StoreUnusableError,
  sleep,
  withDeadline,
} from "@jeju-oracle/kit";
import { FLEET_PREFIX } from "./names.ts";

/** Must not throw: the outcome of a request does not depend on who hears of it. */
export interface ExchangeEvents {
  /** After each successful round trip, with every record of the fleet; never an older listing after a newer one. */
  listed(records: readonly StoreRecord[]): void;
  /** After each request, with its duration; `error` when it failed. */
  finished(operation: Operation, durationMs: number, error: unknown): void;
}

export type Operation = "look" | "write";

/** Between looks on hints: a store whose watch never rests must not be asked without end. */
const HINT_SPACING_MS = 100;

interface Answer<T> {
  readonly result: T;
  readonly records: readonly StoreRecord[];
}

export class Exchange {
  readonly #store: CoordinationStore;
  readonly #clock: Clock;
  readonly #opTimeoutMs: number;
  readonly #events: ExchangeEvents;
  readonly #openedAtMs: number;
  #reachedAtMs: number | undefined;
  #isFailing = false;
  #wroteAtMs = Number.NEGATIVE_INFINITY;
  /** Requests are numbered as they are sent. */
  #sent = 0;
  #newestListed = 0;
  #isHinted = false;
  #looksOnHint = false;

  constructor(store: CoordinationStore, clock: Clock, opTimeoutMs: number, events: ExchangeEvents) {
    this.#store = store;
    this.#clock = clock;
    this.#opTimeoutMs = opTimeoutMs;
    this.#events = events;
    this.#openedAtMs = clock.monotonicMs();
  }

  /** Time in ms since the store last answered, or since the start when it never has. */
  #silentForMs(): number {
    return this.#clock.monotonicMs() - (this.#reachedAtMs ?? this.#openedAtMs);
  }

  /**
   * For how long the store has been out of reach, ms; 0 while the latest request was answered. A process that stood still was
   * silent itself: only a request that failed is evidence.
   */
  outageMs(): number {
    return this.#isFailing ? this.#silentForMs() : 0;
  }

  /** Whether the store answered within the last `withinMs`. */
  isReachable(withinMs: number): boolean {
    return this.#reachedAtMs !== undefined && this.#silentForMs() < withinMs;
  }

  /** Time in ms since this process last sent a write or heard of its outcome: until then a watch may tell of that very write. */
  sinceWriteMs(): number {
    return this.#clock.monotonicMs() - this.#wroteAtMs;
  }

  /** All records of the fleet. @throws {StoreUnavailableError} {StoreUnusableError} */
  async look(): Promise<readonly StoreRecord[]> {
    return this.#run("look", async (signal) => {
      const records = await this.#store.list(FLEET_PREFIX, signal);
      return { result: records, records };
    });
  }

  /** Looks for whoever listens, and once more if asked again meanwhile. Failures are told as events. */
  lookSoon(): void {
    this.#isHinted = true;
    if (!this.#looksOnHint) void this.#lookWhileHinted();
  }

  /** Compare-and-set of one record. @throws {StoreUnavailableError} when the outcome is unknown. {StoreUnusableError} */
  async write(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
  ): Promise<CompareAndSetAndListResult> {
    this.#wroteAtMs = this.#clock.monotonicMs();
    const result = await this.#run("write", async (signal) => {
      const answer = await this.#store.casAndList(name, previous, next, FLEET_PREFIX, signal);
      return { result: answer, records: answer.listed };
    });
    this.#wroteAtMs = this.#clock.monotonicMs();
    return result;
  }

  async #lookWhileHinted(): Promise<void> {
    this.#looksOnHint = true;
    try {
      while (this.#isHinted) {
        this.#isHinted = false;
        await this.look();
        await sleep(this.#clock, HINT_SPACING_MS);
      }
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
    } finally {
      this.#looksOnHint = false;
    }
  }

  async #run<T>(operation: Operation, work: (signal: AbortSignal) => Promise<Answer<T>>): Promise<T> {
    const number = ++this.#sent;
    const startedAtMs = this.#clock.monotonicMs();
    const took = () => this.#clock.monotonicMs() - startedAtMs;
    const what = `${operation} in ${this.#store.label}`;
    let answer: Answer<T>;
    try {
      answer = await withDeadline(this.#clock, what, this.#opTimeoutMs, work);
    } catch (error) {
      const failure = asStoreError(error, this.#store.label);
      this.#isFailing = true;
      this.#events.finished(operation, took(), failure);
      throw failure;
    }
    this.#reachedAtMs = this.#clock.monotonicMs();
    this.#isFailing = false;
    this.#events.finished(operation, took(), undefined);
    if (number > this.#newestListed) {
      this.#newestListed = number;
      this.#events.listed(answer.records);
    }
    return answer.result;
  }
}

/** A deadline that passed leaves the outcome unknown, as a lost connection does. */
function asStoreError(error: unknown, label: string): StoreUnavailableError | StoreUnusableError {
  if (error instanceof StoreUnavailableError || error instanceof StoreUnusableError) return error;
  return new StoreUnavailableError(`${label}: ${describeError(error)}`, { cause: error });
}
