/** What happened in schedules, to see that they are not vacuous. */

const NOTHING = {
  steps: 0,
  terms: 0,
  /** Leaders that ended without having been asked to. */
  demotions: 0,
  resignations: 0,
  lostRaces: 0,
  faults: 0,
  updates: 0,
  /** By agents that pushed without a leader, or believed to lead. */
  fallbackUpdates: 0,
  strayUpdates: 0,
  /** Updates that the chain refused: decided before another landed. */
  refusedUpdates: 0,
  /** Updates that landed although their sender had given them up. */
  lateUpdates: 0,
};

export type Counts = Record<keyof typeof NOTHING, number>;

export function noCounts(): Counts {
  return { ...NOTHING };
}

/** Adds `more` to `sum`. */
export function addCounts(sum: Counts, more: Counts): void {
  for (const key of Object.keys(NOTHING) as (keyof Counts)[]) sum[key] += more[key];
}
