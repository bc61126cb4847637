/** What happened in about the last day, from the samples and what came after the newest. Pure. */
import type { Sample } from "./sample.ts";

export interface LastDay {
  /** Time that the count covers, ms: a day, less while there are fewer samples. */
  readonly coveredMs: number;
  /** How much of it this agent watched, ms. */
  readonly watchedMs: number;
  /** Updates that were seen to land, whoever sent them. */
  readonly updates: number;
  /** How often the lead changed; undefined when nobody knows. */
  readonly leaderChanges: number | undefined;
}

const DAY_MS = 86_400_000;

/** @param samples oldest first. @param open what no sample holds yet; its `term` is the present one. */
export function lastDayOf(samples: readonly Sample[], open: Omit<Sample, "atMs" | "balanceWei">): LastDay {
  let { spanMs: coveredMs, watchedMs, updates } = open;
  let termBefore = samples.at(-1)?.term;
  for (const [index, sample] of [...samples.entries()].reverse()) {
    if (coveredMs >= DAY_MS) break;
    coveredMs += sample.spanMs;
    watchedMs += sample.watchedMs;
    updates += sample.updates;
    termBefore = samples[index - 1]?.term ?? termBefore;
  }
  return { coveredMs, watchedMs, updates, leaderChanges: changesBetween(termBefore, open.term) };
}

/** A term that fell is of another store. */
function changesBetween(before: number | undefined, now: number | undefined): number | undefined {
  return before === undefined || now === undefined || now < before ? undefined : now - before;
}
