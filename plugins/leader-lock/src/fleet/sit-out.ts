/** How long an agent stays out of the election after it handed over because of its health: longer each time it comes back ill. Pure. */

const LONGEST_MS = 600_000;
/** An agent that has not handed over again this long after a sit-out ended is taken for cured. */
const CURED_AFTER_MS = 1_200_000;

export interface SitOut {
  readonly beganAtMs: number;
  readonly durationMs: number;
}

/** The sit-out that begins now. @param firstMs duration of the first one. */
export function nextSitOut(last: SitOut | undefined, nowMs: number, firstMs: number): SitOut {
  const isRelapse = last !== undefined && nowMs - (last.beganAtMs + last.durationMs) < CURED_AFTER_MS;
  const durationMs = isRelapse ? Math.min(2 * last.durationMs, LONGEST_MS) : firstMs;
  return { beganAtMs: nowMs, durationMs: Math.max(durationMs, firstMs) };
}
