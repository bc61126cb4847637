import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { addSample, sampledMedian, type TickSample } from "../../src/price/sampled-median.ts";
import { NOW_S } from "../support/fixtures.ts";

const WINDOW_S = 1_800;
const MIN_WINDOW_S = 300;
const MAX_GAP_S = MIN_WINDOW_S / 4;
/** Where no sample of a test is from the future. */
const MUCH_LATER_S = NOW_S + 1_000_000n;

function collect(samples: readonly TickSample[], windowS = WINDOW_S): readonly TickSample[] {
  return samples.reduce<readonly TickSample[]>(
    (kept, sample) => addSample(kept, sample, windowS, MUCH_LATER_S),
    [],
  );
}

function sampleAt(offsetS: number, tick = 0, liquidity = 100n): TickSample {
  return { blockTimestampS: NOW_S + BigInt(offsetS), tick, liquidity };
}

/** One sample every `stepS` from 0 to `untilS`, both included. */
function every(stepS: number, untilS: number, tickAt: (offsetS: number) => number = () => 0): TickSample[] {
  return Array.from({ length: untilS / stepS + 1 }, (_, index) =>
    sampleAt(index * stepS, tickAt(index * stepS)),
  );
}

describe("sampled median: coverage", () => {
  test("exists from exactly the shortest accepted window on", () => {
    expect(sampledMedian(collect(every(10, MIN_WINDOW_S - 10)), MIN_WINDOW_S)).toBeUndefined();
    expect(sampledMedian(collect(every(10, MIN_WINDOW_S)), MIN_WINDOW_S)?.windowS).toBe(MIN_WINDOW_S);
  });

  test("does not exist without samples or with one", () => {
    expect(sampledMedian([], MIN_WINDOW_S)).toBeUndefined();
    expect(sampledMedian([sampleAt(0)], MIN_WINDOW_S)).toBeUndefined();
  });

  test("a gap of a quarter of the shortest window is bridged, a longer one is not", () => {
    const withGap = (gapS: number) => {
      const before = every(10, MIN_WINDOW_S);
      const after = every(10, 100).map(({ tick, liquidity, blockTimestampS }) => ({
        tick,
        liquidity,
        blockTimestampS: blockTimestampS + BigInt(MIN_WINDOW_S + gapS),
      }));
      return sampledMedian(collect([...before, ...after]), MIN_WINDOW_S);
    };
    expect(withGap(MAX_GAP_S)?.windowS).toBe(MIN_WINDOW_S + MAX_GAP_S + 100);
    expect(withGap(MAX_GAP_S + 1)).toBeUndefined();
  });

  test("only what lies after the newest gap counts", () => {
    const old = every(10, 600, () => 5_000);
    const fresh = every(10, MIN_WINDOW_S, () => 7).map((sample) => ({
      ...sample,
      blockTimestampS: sample.blockTimestampS + 900n,
    }));
    expect(sampledMedian(collect([...old, ...fresh]), MIN_WINDOW_S)).toMatchObject({
      windowS: MIN_WINDOW_S,
      medianTick: 7,
    });
  });

  test("covers the whole window once it is full, and no more", () => {
    const median = sampledMedian(collect(every(10, 3 * WINDOW_S)), MIN_WINDOW_S);
    expect(median?.windowS).toBe(WINDOW_S);
  });
});

describe("sampled median: value", () => {
  test("weights each sample by the time until the next", () => {
    const samples = [sampleAt(0, 100), sampleAt(70, -900), sampleAt(80, 100), sampleAt(150, -900)];
    const tail = [sampleAt(160, 100), sampleAt(230, -900), sampleAt(240, 100), sampleAt(310, 100)];
    expect(sampledMedian(collect([...samples, ...tail]), MIN_WINDOW_S)?.medianTick).toBe(100);
  });

  test("G4: whoever holds a price for less than half the window cannot move it out of the honest range", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 181, maxLength: 181 }),
        fc.integer({ min: 0, max: 88 }),
        fc.integer({ min: 0, max: 92 }),
        fc.constantFrom(-887_272, -20_000, 20_000, 887_272),
        (honest, length, from, attack) => {
          const samples = honest.map((tick, index) =>
            sampleAt(index * 10, index >= from && index < from + length ? attack : tick),
          );
          const median = sampledMedian(collect(samples), MIN_WINDOW_S);
          expect(median?.medianTick).toBeGreaterThanOrEqual(-50);
          expect(median?.medianTick).toBeLessThanOrEqual(50);
        },
      ),
    );
  });

  test("a steady price under attack for 49 % of the window stays exactly where it was", () => {
    const attacked = every(10, WINDOW_S, (offsetS) => (offsetS >= 600 && offsetS < 600 + 880 ? 9_999 : 42));
    expect(sampledMedian(collect(attacked), MIN_WINDOW_S)?.medianTick).toBe(42);
  });

  test("reports the least liquidity of the window", () => {
    const samples = every(10, MIN_WINDOW_S).map((sample, index) =>
      index === 7 ? { ...sample, liquidity: 3n } : sample,
    );
    expect(sampledMedian(collect(samples), MIN_WINDOW_S)?.minLiquidity).toBe(3n);
  });
});

describe("sampled median: memory", () => {
  test("samples of the same or an older block change nothing", () => {
    const samples = collect(every(10, 100));
    expect(addSample(samples, sampleAt(100, 9_999), WINDOW_S, MUCH_LATER_S)).toBe(samples);
    expect(addSample(samples, sampleAt(50, 9_999), WINDOW_S, MUCH_LATER_S)).toBe(samples);
  });

  test("one block time from the future neither empties the window nor keeps later samples out", () => {
    const samples = collect(every(10, MIN_WINDOW_S));
    const fromFuture = addSample(samples, sampleAt(10_000), WINDOW_S, NOW_S + BigInt(MIN_WINDOW_S + 5));
    expect(fromFuture).toBe(samples);
    expect(
      addSample(fromFuture, sampleAt(MIN_WINDOW_S + 5), WINDOW_S, NOW_S + BigInt(MIN_WINDOW_S + 5)).length,
    ).toBe(samples.length + 1);
  });

  test("is bounded by the window", () => {
    let samples: readonly TickSample[] = [];
    for (let offsetS = 0; offsetS < 4 * WINDOW_S; offsetS += 10) {
      samples = addSample(samples, sampleAt(offsetS), WINDOW_S, MUCH_LATER_S);
      expect(samples.length).toBeLessThanOrEqual(WINDOW_S / 10 + 2);
    }
  });

  test("is bounded by a number when blocks come faster than expected", () => {
    let samples: readonly TickSample[] = [];
    for (let offsetS = 0; offsetS < 2_500; offsetS++)
      samples = addSample(samples, sampleAt(offsetS), 3_600, MUCH_LATER_S);
    expect(samples.length).toBe(1_800);
    expect(samples.at(-1)?.blockTimestampS).toBe(NOW_S + 2_499n);
  });
});
