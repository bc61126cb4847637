/**
 * The only way to the store at run time. One round trip per cycle: every look and every write brings back all records of the
 * fleet, so that nobody asks twice. Bounds each request by the operation's deadline.
 */
import {
  type Clock,
  type CompareAndSetAndListResult,
  type CoordinationStore,
  describeError,
  type StoreRecord,
  StoreUnavailableError,
  withDeadline,
} from "@jeju-oracle/kit";
import { FLEET_PREFIX } from "./names.ts";

export interface ExchangeEvents {
  /** After each successful round trip, with every record of the fleet. */
  listed(records: readonly StoreRecord[]): void;
  /** After each request, with its duration; `error` when it failed. */
  finished(operation: "look" | "write", durationMs: number, error: unknown): void;
}

export class Exchange {
  readonly #store: CoordinationStore;
  readonly #clock: Clock;
  readonly #opTimeoutMs: number;
  readonly #events: ExchangeEvents;
  #reachedAtMs: number | undefined;
  readonly #openedAtMs: number;

  constructor(store: CoordinationStore, clock: Clock, opTimeoutMs: number, events: ExchangeEvents) {
    this.#store = store;
    this.#clock = clock;
    this.#opTimeoutMs = opTimeoutMs;
    this.#events = events;
    this.#openedAtMs = clock.monotonicMs();
  }

  /** Time in ms since the store last answered, or since the start when it never has. */
  silentForMs(): number {
    return this.#clock.monotonicMs() - (this.#reachedAtMs ?? this.#openedAtMs);
  }

  /** Whether the store has ever answered this process. */
  get hasAnswered(): boolean {
    return this.#reachedAtMs !== undefined;
  }

  /** All records of the fleet. @throws {StoreUnavailableError} {StoreUnusableError} */
  async look(): Promise<readonly StoreRecord[]> {
    return this.#run("look", async (signal) => {
      const records = await this.#store.list(FLEET_PREFIX, signal);
      return { result: records, records };
    });
  }

  /** Compare-and-set of one record. @throws {StoreUnavailableError} when the outcome is unknown. {StoreUnusableError} */
  async write(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
  ): Promise<CompareAndSetAndListResult> {
    return this.#run("write", async (signal) => {
      const result = await this.#store.casAndList(name, previous, next, FLEET_PREFIX, signal);
      return { result, records: result.listed };
    });
  }

  async #run<T>(
    operation: "look" | "write",
    work: (signal: AbortSignal) => Promise<{ readonly result: T; readonly records: readonly StoreRecord[] }>,
  ): Promise<T> {
    const startedAtMs = this.#clock.monotonicMs();
    const took = () => this.#clock.monotonicMs() - startedAtMs;
    const what = `${operation} in ${this.#store.label}`;
    let answer: { readonly result: T; readonly records: readonly StoreRecord[] };
    try {
      answer = await withDeadline(this.#clock, what, this.#opTimeoutMs, work);
    } catch (error) {
      const failure = asStoreError(error, this.#store.label);
      this.#events.finished(operation, took(), failure);
      throw failure;
    }
    this.#reachedAtMs = this.#clock.monotonicMs();
    this.#events.finished(operation, took(), undefined);
    this.#events.listed(answer.records);
    return answer.result;
  }
}

/** A deadline that passed leaves the outcome unknown, as a lost connection does. */
function asStoreError(error: unknown, label: string): unknown {
  if (error instanceof Error && "code" in error && String(error.code).startsWith("store-")) return error;
  return new StoreUnavailableError(`${label}: ${describeError(error)}`, { cause: error });
}
