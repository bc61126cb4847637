/**
 * Time as a port. Code that decides takes times as arguments; code that waits takes a {@link Clock}, so that tests
 * and replays can run it at any speed.
 */
import { boottimeMs } from "./boottime.ts";
import { DeadlineError } from "./errors.ts";

export interface Clock {
  /** Host wall clock, ms since the epoch. May jump; never used to judge an interval. */
  wallMs(): number;
  /**
   * Monotonic clock, ms since an arbitrary start; runs on while the host sleeps. Judges intervals within one process.
   */
  monotonicMs(): number;
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void;
}

/** The host's clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: boottimeMs,
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Waits `delayMs`, or less when `signal` aborts. Never rejects: the caller looks at the signal. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.setTimer(Math.max(0, delayMs), finish);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/**
 * Runs `work` with a signal that aborts after `deadlineMs` or with `parent`.
 * @throws {DeadlineError} when the deadline passes first, whether or not `work` heeds its signal.
 */
export async function withDeadline<T>(
  clock: Clock,
  what: string,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  parent?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const onParentAbort = () => controller.abort(parent?.reason);
  if (parent?.aborted) onParentAbort();
  parent?.addEventListener("abort", onParentAbort, { once: true });
  let cancelTimer: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(controller.signal.reason);
    if (controller.signal.aborted) onAbort();
    else controller.signal.addEventListener("abort", onAbort, { once: true });
    cancelTimer = clock.setTimer(deadlineMs, () => controller.abort(new DeadlineError(what, deadlineMs)));
  });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    cancelTimer();
    parent?.removeEventListener("abort", onParentAbort);
  }
}
