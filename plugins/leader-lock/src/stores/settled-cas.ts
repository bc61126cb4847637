/** Compare-and-set for callers without a machine of their own: an unknown outcome is settled by repeating the same bytes. */
import {
  type Clock,
  type CompareAndSetResult,
  type CoordinationStore,
  type StoreRecord,
  StoreUnavailableError,
  sleep,
  withDeadline,
} from "@jeju-oracle/kit";

export interface StoreAccess {
  readonly store: CoordinationStore;
  readonly clock: Clock;
  /** Deadline in ms of one request. */
  readonly opTimeoutMs: number;
}

const TRIES = 3;
const RETRY_PAUSE_MS = 200;

/** @throws {StoreUnavailableError} when the outcome is still unknown after three tries. {StoreUnusableError} */
export async function settledCas(
  access: StoreAccess,
  name: string,
  previous: StoreRecord | null,
  next: string | null,
): Promise<CompareAndSetResult> {
  const { store, clock } = access;
  for (let attempt = 1; ; attempt++) {
    try {
      return await bounded(access, `write of ${name}`, (signal) => store.cas(name, previous, next, signal));
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || attempt >= TRIES) throw error;
      await sleep(clock, RETRY_PAUSE_MS);
    }
  }
}

/** One request within its deadline. @throws {StoreUnavailableError} {StoreUnusableError} */
export async function bounded<T>(
  { store, clock, opTimeoutMs }: StoreAccess,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withDeadline(clock, what, opTimeoutMs, work);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "deadline-passed") {
      throw new StoreUnavailableError(`${store.label} did not answer in ${opTimeoutMs} ms`, { cause: error });
    }
    throw error;
  }
}
