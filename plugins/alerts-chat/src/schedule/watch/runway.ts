/**
 * For how long the wallet lasts at the present burn. Pure. Burn is what the balance lost between neighbouring samples; an interval in
 * which it grew was topped up, and how much was spent in it nobody knows: it counts neither as money nor as time. Money that the
 * owner takes out is not told from what was spent.
 */
import type { Sample } from "./sample.ts";

export type Runway =
  | { readonly kind: "unknown"; readonly knownMs: number; readonly neededMs: number }
  /** Nothing was spent: it lasts for ever at this rate. */
  | { readonly kind: "unspent"; readonly balanceWei: bigint }
  | {
      readonly kind: "lasts";
      readonly balanceWei: bigint;
      readonly burnWeiPerDay: bigint;
      /** Hundredths of days. */
      readonly days100: bigint;
    };

/** The balance now, and how long ago the latest sample was taken. */
export interface Present {
  readonly balanceWei: bigint;
  readonly spanMs: number;
}

interface Interval {
  readonly spanMs: number;
  readonly lostWei: bigint;
}

const DAY_MS = 86_400_000;
/** The larger burn of the two counts: a dear day must be seen at once, and a quiet one must not hide two dear weeks. */
const WINDOWS_MS = [DAY_MS, 14 * DAY_MS] as const;
/** With fewer hours one burst of updates would be taken for every hour. */
export const NEEDED_MS = 6 * 3_600_000;

/** @param samples oldest first. */
export function estimateRunway(samples: readonly Sample[], present: Present): Runway {
  const { balanceWei } = present;
  const intervals = intervalsOf(samples, present);
  const burns = WINDOWS_MS.map((windowMs) => burnWithin(intervals, windowMs));
  const knownMs = Math.max(...burns.map(({ spanMs }) => spanMs));
  if (knownMs < NEEDED_MS) return { kind: "unknown", knownMs, neededMs: NEEDED_MS };
  const burnWeiPerDay = burns
    .filter(({ spanMs }) => spanMs >= NEEDED_MS)
    .map(({ spanMs, lostWei }) => (lostWei * BigInt(DAY_MS)) / BigInt(Math.ceil(spanMs)))
    .reduce((a, b) => (a > b ? a : b), 0n);
  if (burnWeiPerDay === 0n && balanceWei > 0n) return { kind: "unspent", balanceWei };
  const days100 = burnWeiPerDay === 0n ? 0n : (balanceWei * 100n) / burnWeiPerDay;
  return { kind: "lasts", balanceWei, burnWeiPerDay, days100 };
}

/** The newest first. Intervals of unknown length tell nothing. */
function intervalsOf(samples: readonly Sample[], present: Present): readonly Interval[] {
  const points = [...samples, present];
  return points
    .map(({ balanceWei, spanMs }, index) => {
      const before = points[index - 1]?.balanceWei;
      return { spanMs, lostWei: before === undefined ? -1n : before - balanceWei };
    })
    .filter(({ spanMs, lostWei }) => spanMs > 0 && lostWei >= 0n)
    .reverse();
}

/** Takes intervals until they fill the window; the last one counts whole. */
function burnWithin(intervals: readonly Interval[], windowMs: number): Interval {
  let spanMs = 0;
  let lostWei = 0n;
  for (const interval of intervals) {
    if (spanMs >= windowMs) break;
    spanMs += interval.spanMs;
    lostWei += interval.lostWei;
  }
  return { spanMs, lostWei };
}
