import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { freshFees, gasPriceNeeded, replacementFees } from "../../src/transaction/fees.ts";
import { GWEI } from "../support/fixtures.ts";

const CAP_WEI = 100n * GWEI;
const wei = (max: bigint) => fc.bigInt({ min: 1n, max });
const market = fc.record({
  baseFeeWei: fc.bigInt({ min: 0n, max: 500n * GWEI }),
  gasPriceWei: wei(500n * GWEI),
});
const multiplierPct = fc.bigInt({ min: 100n, max: 1_000n });

describe("fresh fees", () => {
  test("pay the suggested tip times the multiplier, with room for five full blocks", () => {
    expect(freshFees({ baseFeeWei: GWEI, gasPriceWei: GWEI + 100n }, 120n, CAP_WEI)).toEqual({
      maxFeePerGasWei: 2n * GWEI + 120n,
      maxPriorityFeePerGasWei: 120n,
    });
  });

  test("follow the node's suggestion where there is no base fee", () => {
    expect(freshFees({ baseFeeWei: 0n, gasPriceWei: 1_000n }, 120n, CAP_WEI)).toEqual({
      maxFeePerGasWei: 1_200n,
      maxPriorityFeePerGasWei: 1_200n,
    });
  });

  test("tip at least one wei, also when the node suggests less than the base fee", () => {
    expect(
      freshFees({ baseFeeWei: GWEI, gasPriceWei: GWEI / 2n }, 120n, CAP_WEI).maxPriorityFeePerGasWei,
    ).toBe(1n);
  });

  test("are never above the cap, and the tip never above the fee", () => {
    fc.assert(
      fc.property(market, multiplierPct, wei(600n * GWEI), (fees, pct, capWei) => {
        const { maxFeePerGasWei, maxPriorityFeePerGasWei } = freshFees(fees, pct, capWei);
        expect(maxFeePerGasWei <= capWei).toBe(true);
        expect(maxPriorityFeePerGasWei <= maxFeePerGasWei).toBe(true);
        expect(maxPriorityFeePerGasWei >= 1n).toBe(true);
      }),
    );
  });

  test("leave room for one replacement below the cap, unless inclusion itself needs more", () => {
    fc.assert(
      fc.property(market, multiplierPct, (fees, pct) => {
        const fresh = freshFees(fees, pct, CAP_WEI);
        const forced = gasPriceNeeded(fees, pct) >= (CAP_WEI * 100n) / 125n;
        expect(forced || replacementFees(fresh, fresh, CAP_WEI) !== undefined).toBe(true);
      }),
    );
  });

  test("cover what inclusion needs now, whenever the cap allows it", () => {
    fc.assert(
      fc.property(market, multiplierPct, (fees, pct) => {
        const needed = gasPriceNeeded(fees, pct);
        fc.pre(needed <= CAP_WEI);
        expect(freshFees(fees, pct, CAP_WEI).maxFeePerGasWei >= needed).toBe(true);
      }),
    );
  });
});

describe("replacement fees", () => {
  const pair = fc
    .tuple(wei(200n * GWEI), wei(200n * GWEI))
    .map(([a, b]) => ({ maxFeePerGasWei: a > b ? a : b, maxPriorityFeePerGasWei: a > b ? b : a }));

  test("raise both fees by at least 10 %, as every node demands", () => {
    fc.assert(
      fc.property(pair, pair, (fresh, floor) => {
        const bumped = replacementFees(fresh, floor, 1_000n * GWEI);
        if (bumped === undefined) throw new Error("within the cap");
        expect(bumped.maxFeePerGasWei * 10n >= floor.maxFeePerGasWei * 11n).toBe(true);
        expect(bumped.maxPriorityFeePerGasWei * 10n >= floor.maxPriorityFeePerGasWei * 11n).toBe(true);
      }),
    );
  });

  test("bump a fee of one wei, too", () => {
    const one = { maxFeePerGasWei: 1n, maxPriorityFeePerGasWei: 1n };
    expect(replacementFees(one, one, CAP_WEI)).toEqual({ maxFeePerGasWei: 2n, maxPriorityFeePerGasWei: 2n });
  });

  test("take the fresh fees where these are higher than the bump", () => {
    const floor = { maxFeePerGasWei: 10n, maxPriorityFeePerGasWei: 1n };
    const fresh = { maxFeePerGasWei: 900n, maxPriorityFeePerGasWei: 90n };
    expect(replacementFees(fresh, floor, CAP_WEI)).toEqual(fresh);
  });

  test("are never above the cap: then there is no replacement", () => {
    fc.assert(
      fc.property(pair, pair, wei(300n * GWEI), (fresh, floor, capWei) => {
        const bumped = replacementFees(fresh, floor, capWei);
        if (bumped === undefined) return;
        expect(bumped.maxFeePerGasWei <= capWei).toBe(true);
        expect(bumped.maxPriorityFeePerGasWei <= bumped.maxFeePerGasWei).toBe(true);
      }),
    );
    const atCap = { maxFeePerGasWei: CAP_WEI, maxPriorityFeePerGasWei: 1n };
    expect(replacementFees(atCap, atCap, CAP_WEI)).toBeUndefined();
  });
});
