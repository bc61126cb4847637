import { describe, expect, test } from "bun:test";
import { TickMath } from "@uniswap/v3-sdk";
import { MAX_TICK, MIN_TICK, sqrtRatioX96AtTick } from "../../src/price/tick-math.ts";

function ours(tick: number): string {
  return sqrtRatioX96AtTick(tick).toString();
}

function reference(tick: number): string {
  return TickMath.getSqrtRatioAtTick(tick).toString();
}

describe("sqrtRatioX96AtTick", () => {
  test("equals @uniswap/v3-sdk over the whole range, every 97th tick", () => {
    for (let tick = MIN_TICK; tick <= MAX_TICK; tick += 97) {
      if (ours(tick) !== reference(tick)) throw new Error(`differs at tick ${tick}`);
    }
  });

  test("equals @uniswap/v3-sdk at the ends, around zero and at every power of two", () => {
    const powers = Array.from({ length: 20 }, (_, bit) => 2 ** bit).filter((power) => power <= MAX_TICK);
    const ticks = [
      MIN_TICK,
      MIN_TICK + 1,
      -1,
      0,
      1,
      MAX_TICK - 1,
      MAX_TICK,
      ...powers,
      ...powers.map((power) => -power),
    ];
    for (const tick of ticks) expect({ tick, ratio: ours(tick) }).toEqual({ tick, ratio: reference(tick) });
  });

  test("error: refuses ticks outside the range and fractions", () => {
    for (const tick of [MIN_TICK - 1, MAX_TICK + 1, 0.5, Number.NaN]) {
      expect(() => sqrtRatioX96AtTick(tick)).toThrow("tick out of range");
    }
  });
});
