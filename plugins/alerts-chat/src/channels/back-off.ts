/** How long to leave a service alone that failed. Pure. */

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * Time in ms to wait after the `failures`-th failure in a row: 1 s, doubled each time, at most 30 s; of that half to all, so that
 * agents do not come back together.
 * @param random in [0, 1)
 */
export function backOffMs(failures: number, random: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.max(FIRST_MS, fullMs * (0.5 + random / 2));
}
