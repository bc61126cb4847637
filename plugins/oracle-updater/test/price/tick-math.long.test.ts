import { test } from "bun:test";
import { TickMath } from "@uniswap/v3-sdk";
import { MAX_TICK, MIN_TICK, sqrtRatioX96AtTick } from "../../src/price/tick-math.ts";

test("sqrtRatioX96AtTick equals @uniswap/v3-sdk at every tick there is", () => {
  for (let tick = MIN_TICK; tick <= MAX_TICK; tick++) {
    if (sqrtRatioX96AtTick(tick).toString() !== TickMath.getSqrtRatioAtTick(tick).toString()) {
      throw new Error(`differs at tick ${tick}`);
    }
  }
}, 600_000);
