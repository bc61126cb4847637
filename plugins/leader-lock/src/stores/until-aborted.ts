/** Calls of a store that ask something of a network: they end when their signal says so, whatever the network does. */
import { StoreUnavailableError } from "@jeju-oracle/kit";

/** Why and when a call of a store has to end. */
export interface CallLimits {
  /** The store, for people. */
  readonly label: string;
  /** The caller's. */
  readonly signal: AbortSignal;
  /** Aborted when the store is closed. */
  readonly closed: AbortSignal;
}

/**
 * The outcome of `work`, or a StoreUnavailableError as soon as a signal aborts, whether or not `work` heeds it. When one
 * is aborted already, nothing is started.
 * @throws {StoreUnavailableError}
 */
export async function untilAborted<T>(
  { label, signal, closed }: CallLimits,
  work: () => Promise<T>,
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => {
    const why = closed.aborted ? "the store was closed" : `${label} did not answer in time`;
    aborted.reject(new StoreUnavailableError(why, { cause: signal.reason }));
  };
  for (const each of [signal, closed]) each.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted || closed.aborted) onAbort();
  try {
    return await Promise.race([aborted.promise, signal.aborted || closed.aborted ? aborted.promise : work()]);
  } finally {
    for (const each of [signal, closed]) each.removeEventListener("abort", onAbort);
  }
}
