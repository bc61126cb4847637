import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { evaluateWindow, windowLadder } from "../../src/price/twap.ts";
import { steadyWindow } from "../support/fixtures.ts";

const INT56_MAX = (1n << 55n) - 1n;
const UINT160 = 1n << 160n;

function meanTick(start: bigint, end: bigint, windowS: number): number {
  return evaluateWindow({ windowS, tickCumulatives: [start, end], secondsPerLiquidityX128: [0n, 1n] })
    .meanTick;
}

describe("mean tick", () => {
  test("rounds toward negative infinity, as OracleLibrary does", () => {
    expect(meanTick(0n, 10n, 10)).toBe(1);
    expect(meanTick(0n, 19n, 10)).toBe(1);
    expect(meanTick(0n, -10n, 10)).toBe(-1);
    expect(meanTick(0n, -11n, 10)).toBe(-2);
    expect(meanTick(0n, -1n, 10)).toBe(-1);
    expect(meanTick(0n, 0n, 10)).toBe(0);
  });

  test("survives the wrap-around of int56 in both directions", () => {
    const past = (value: bigint) => BigInt.asIntN(56, value);
    expect(meanTick(INT56_MAX - 499n, past(INT56_MAX + 501n), 10)).toBe(100);
    expect(meanTick(-INT56_MAX + 499n, past(-INT56_MAX - 501n), 10)).toBe(-100);
  });

  test("equals the tick of a pool that stood still, wherever its accumulator stands", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -887_272, max: 887_272 }),
        fc.integer({ min: 10, max: 3_600 }),
        fc.bigInt({ min: -INT56_MAX, max: INT56_MAX }),
        (tick, windowS, start) => {
          const end = BigInt.asIntN(56, start + BigInt(tick) * BigInt(windowS));
          expect(meanTick(start, end, windowS)).toBe(tick);
        },
      ),
    );
  });
});

describe("harmonic-mean liquidity", () => {
  const liquidityOver = (parts: readonly (readonly [liquidity: bigint, seconds: bigint])[]) => {
    const delta = parts.reduce((sum, [liquidity, seconds]) => sum + (seconds << 128n) / liquidity, 0n);
    const windowS = Number(parts.reduce((sum, [, seconds]) => sum + seconds, 0n));
    return evaluateWindow({ windowS, tickCumulatives: [0n, 0n], secondsPerLiquidityX128: [0n, delta] })
      .harmonicMeanLiquidity;
  };
  const L = 10n ** 22n;
  const isAbout = (value: bigint, expected: bigint) =>
    expect(Math.abs(Number(value) / Number(expected) - 1)).toBeLessThan(1e-6);

  test("of constant liquidity is that liquidity", () => {
    isAbout(liquidityOver([[L, 1_800n]]), L);
  });

  test("is hardly raised by a flood at the end of the window", () => {
    const flooded = liquidityOver([
      [L, 1_788n],
      [L * 1_000_000n, 12n],
    ]);
    expect(flooded < (L * 101n) / 100n).toBe(true);
  });

  test("is pulled down by a drought", () => {
    const drained = liquidityOver([
      [L, 1_700n],
      [L / 1_000n, 100n],
    ]);
    expect(drained < L / 50n).toBe(true);
  });

  test("survives the wrap-around of uint160", () => {
    const { secondsPerLiquidityX128 } = steadyWindow(0, L);
    const delta = secondsPerLiquidityX128[1];
    const start = UINT160 - delta / 2n;
    const { harmonicMeanLiquidity } = evaluateWindow({
      windowS: 1_800,
      tickCumulatives: [0n, 0n],
      secondsPerLiquidityX128: [start, (start + delta) % UINT160],
    });
    isAbout(harmonicMeanLiquidity, L);
  });

  test("is zero, and no division by zero, when the accumulator stands still", () => {
    const window = {
      windowS: 60,
      tickCumulatives: [0n, 0n],
      secondsPerLiquidityX128: [7n, 7n],
    } as const;
    expect(evaluateWindow(window).harmonicMeanLiquidity).toBe(0n);
  });
});

describe("window ladder", () => {
  test("halves from the longest to the shortest, both included, longest first", () => {
    expect(windowLadder(1_800, 300)).toEqual([1_800, 900, 450, 300]);
    expect(windowLadder(3_600, 10)).toEqual([3_600, 1_800, 900, 450, 225, 112, 56, 28, 14, 10]);
  });

  test("of one window is that window", () => {
    expect(windowLadder(300, 300)).toEqual([300]);
  });

  test("is strictly falling and bounded for every accepted configuration", () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 3_600 }), fc.integer({ min: 10, max: 3_600 }), (a, b) => {
        const ladder = windowLadder(Math.max(a, b), Math.min(a, b));
        expect(ladder[0]).toBe(Math.max(a, b));
        expect(ladder.at(-1)).toBe(Math.min(a, b));
        expect(ladder.length).toBeLessThanOrEqual(10);
        ladder.slice(1).forEach((windowS, index) => {
          expect(windowS).toBeLessThan(ladder[index]!);
        });
      }),
    );
  });
});
