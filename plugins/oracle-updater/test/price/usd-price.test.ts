import { describe, expect, test } from "bun:test";
import { sqrtRatioX96AtTick } from "../../src/price/tick-math.ts";
import { elizaUsd8, ethUsd8, virtualWethWei } from "../../src/price/usd-price.ts";

/** Exact rational price of one whole elizaOS in USD, as numerator and denominator. */
function exactPrice(
  answer: bigint,
  feedDecimals: number,
  sqrt: bigint,
  token0: boolean,
  elizaDecimals: number,
) {
  const ethUsd = { n: answer, d: 10n ** BigInt(feedDecimals) };
  const token1PerToken0 = { n: sqrt * sqrt, d: 2n ** 192n };
  const wethPerEliza = token0 ? token1PerToken0 : { n: token1PerToken0.d, d: token1PerToken0.n };
  return {
    n: ethUsd.n * wethPerEliza.n * 10n ** BigInt(elizaDecimals),
    d: ethUsd.d * wethPerEliza.d * 10n ** 18n,
  };
}

/** The tick of a pool in which one whole elizaOS costs `usd` at `ethUsd` dollars per ETH. */
function tickFor(usd: number, ethUsd: number, token0: boolean, elizaDecimals: number): number {
  const wethRawPerElizaRaw = (usd / ethUsd) * 10 ** (18 - elizaDecimals);
  const token1PerToken0 = token0 ? wethRawPerElizaRaw : 1 / wethRawPerElizaRaw;
  return Math.round(Math.log(token1PerToken0) / Math.log(1.0001));
}

const ETH_USD = 3_245.67;
const PRICES_USD = [0.000001, 0.00001, 0.000123, 0.0042, 0.0842, 0.124, 1, 7.5, 99.99, 1_234.5, 10_000];

describe("elizaUsd8 equals an exact-integer reference", () => {
  for (const token0 of [true, false]) {
    for (const elizaDecimals of [6, 8, 18]) {
      for (const feedDecimals of [8, 18]) {
        test(`elizaOS as token${token0 ? 0 : 1}, ${elizaDecimals} decimals, feed with ${feedDecimals} decimals`, () => {
          for (const usd of PRICES_USD) {
            const answer = (324_567n * 10n ** BigInt(feedDecimals)) / 100n;
            const sqrtRatioX96 = sqrtRatioX96AtTick(tickFor(usd, ETH_USD, token0, elizaDecimals));
            const { n, d } = exactPrice(answer, feedDecimals, sqrtRatioX96, token0, elizaDecimals);
            const published = elizaUsd8(
              { answer, decimals: feedDecimals },
              { sqrtRatioX96, elizaIsToken0: token0, elizaDecimals },
            );
            // |published - exact| <= half a unit, checked without division.
            const errorTimes2 = 2n * (published * d - n * 10n ** 8n);
            expect(errorTimes2 <= d && errorTimes2 > -d - 1n).toBe(true);
            expect(Math.abs(Number(published) / 1e8 / usd - 1)).toBeLessThan(0.006);
          }
        });
      }
    }
  }

  test("the predecessor's defect: at 25,000 elizaOS per ETH and $3,100 both token orders give $0.124", () => {
    const feed = { answer: 3_100n * 10n ** 8n, decimals: 8 };
    for (const elizaIsToken0 of [true, false]) {
      const tick = Math.round(Math.log(elizaIsToken0 ? 1 / 25_000 : 25_000) / Math.log(1.0001));
      const price = elizaUsd8(feed, {
        sqrtRatioX96: sqrtRatioX96AtTick(tick),
        elizaIsToken0,
        elizaDecimals: 18,
      });
      expect(Math.abs(Number(price) - 12_400_000)).toBeLessThan(1_300);
    }
  });
});

describe("ethUsd8", () => {
  test("keeps 8 decimals, rounds 18 decimals half up", () => {
    expect(ethUsd8({ answer: 324_567_000_000n, decimals: 8 })).toBe(324_567_000_000n);
    expect(ethUsd8({ answer: 3_245_670_000_005_000_000_000n, decimals: 18 })).toBe(324_567_000_001n);
    expect(ethUsd8({ answer: 3_245_670_000_004_999_999_999n, decimals: 18 })).toBe(324_567_000_000n);
    expect(ethUsd8({ answer: 3_245n, decimals: 0 })).toBe(324_500_000_000n);
  });
});

describe("virtualWethWei", () => {
  test("is the same depth in both token orders", () => {
    const liquidity = 10n ** 24n;
    const tick = 103_000;
    const asToken1 = virtualWethWei(liquidity, {
      sqrtRatioX96: sqrtRatioX96AtTick(tick),
      elizaIsToken0: false,
      elizaDecimals: 18,
    });
    const asToken0 = virtualWethWei(liquidity, {
      sqrtRatioX96: sqrtRatioX96AtTick(-tick),
      elizaIsToken0: true,
      elizaDecimals: 18,
    });
    const difference = asToken1 > asToken0 ? asToken1 - asToken0 : asToken0 - asToken1;
    expect(difference * 1_000_000n <= asToken1).toBe(true);
  });
});
