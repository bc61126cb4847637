/**
 * Fallback for pools that keep too few observations: the time-weighted median of ticks this agent sampled itself.
 * A median, because a manipulator who holds a price for less than half the window moves it nowhere.
 */

export interface TickSample {
  readonly blockTimestampS: bigint;
  readonly tick: number;
  readonly liquidity: bigint;
}

export interface SampledMedian {
  readonly windowS: number;
  readonly medianTick: number;
  /** Least liquidity seen in the window. */
  readonly minLiquidity: bigint;
}

/** Bounds the memory: one sample per 2 s Base block over the longest window (1 h). */
const MAX_SAMPLES = 1_800;
/** A gap longer than this share of the shortest accepted window is no coverage. */
const MAX_GAP_DIVISOR = 4n;

/**
 * Adds a sample and drops what left the window. Samples of the same or an older block are ignored, and those later than
 * `latestPlausibleS`: one block time from the future would empty the window and keep out every sample after it.
 */
export function addSample(
  samples: readonly TickSample[],
  sample: TickSample,
  windowS: number,
  latestPlausibleS: bigint,
): readonly TickSample[] {
  if (sample.blockTimestampS > latestPlausibleS) return samples;
  const last = samples.at(-1);
  if (last !== undefined && sample.blockTimestampS <= last.blockTimestampS) return samples;
  const oldest = sample.blockTimestampS - BigInt(windowS);
  const kept = samples.filter((known, index) => {
    const next = samples[index + 1];
    return known.blockTimestampS >= oldest || (next !== undefined && next.blockTimestampS > oldest);
  });
  return [...kept, sample].slice(-MAX_SAMPLES);
}

/**
 * The median over the samples, each weighted by the time until the next.
 * @returns undefined when they cover less than `minWindowS` without gaps.
 */
export function sampledMedian(samples: readonly TickSample[], minWindowS: number): SampledMedian | undefined {
  const maxGapS = BigInt(minWindowS) / MAX_GAP_DIVISOR;
  const weighted: { tick: number; weightS: bigint; liquidity: bigint }[] = [];
  let coveredS = 0n;
  for (let index = samples.length - 2; index >= 0; index--) {
    const sample = samples[index];
    const next = samples[index + 1];
    if (sample === undefined || next === undefined) break;
    const weightS = next.blockTimestampS - sample.blockTimestampS;
    if (weightS > maxGapS) break;
    weighted.push({ tick: sample.tick, weightS, liquidity: sample.liquidity });
    coveredS += weightS;
  }
  if (coveredS < BigInt(minWindowS)) return undefined;
  weighted.sort((a, b) => a.tick - b.tick);
  let passedS = 0n;
  for (const { tick, weightS } of weighted) {
    passedS += weightS;
    if (2n * passedS >= coveredS) {
      const minLiquidity = weighted.reduce(
        (least, entry) => (entry.liquidity < least ? entry.liquidity : least),
        weighted[0]?.liquidity ?? 0n,
      );
      return { windowS: Number(coveredS), medianTick: tick, minLiquidity };
    }
  }
  return undefined;
}
