/** How long to leave a channel alone that did not take a message. Pure. */

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
/** A service that asks for more is not believed: an alert must be tried again within the hour. */
const LONGEST_ASKED_MS = 3_600_000;
const JITTER_MS = 500;

/**
 * @param failures in a row. @param askedMs what the service asked for, ms. @param random in [0, 1)
 * @returns what was asked for and a little more; else 1 s doubled with each failure, at most 30 s, of that half to all.
 */
export function channelPauseMs(failures: number, askedMs: number | undefined, random: number): number {
  if (askedMs !== undefined) return Math.min(askedMs, LONGEST_ASKED_MS) + random * JITTER_MS;
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return fullMs * (0.5 + random / 2);
}
