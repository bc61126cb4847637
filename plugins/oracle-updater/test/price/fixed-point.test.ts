import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  deviationBps,
  divideRounded,
  formatUsd8,
  maxOf,
  medianOfThree,
  minOf,
} from "../../src/price/fixed-point.ts";

const positive = fc.bigInt({ min: 1n, max: 1n << 200n });

describe("divideRounded", () => {
  test("rounds half up", () => {
    expect(divideRounded(5n, 10n)).toBe(1n);
    expect(divideRounded(4n, 10n)).toBe(0n);
    expect(divideRounded(15n, 10n)).toBe(2n);
    expect(divideRounded(7n, 3n)).toBe(2n);
  });

  test("is never further than half a unit from the exact quotient", () => {
    fc.assert(
      fc.property(positive, positive, (numerator, denominator) => {
        const twiceTheError = 2n * (divideRounded(numerator, denominator) * denominator - numerator);
        expect(twiceTheError <= denominator && twiceTheError > -denominator).toBe(true);
      }),
    );
  });
});

describe("deviationBps", () => {
  test("from a price of zero everything is beyond every threshold", () => {
    expect(deviationBps(1n, 0n)).toBe(1_000_000n);
  });

  test("measures both directions against the reference and rounds down", () => {
    expect(deviationBps(101n, 100n)).toBe(100n);
    expect(deviationBps(99n, 100n)).toBe(100n);
    expect(deviationBps(100n, 100n)).toBe(0n);
    expect(deviationBps(200_001n, 200_000n)).toBe(0n);
    expect(deviationBps(0n, 100n)).toBe(10_000n);
  });
});

describe("medianOfThree", () => {
  test("stays between the two right values whatever the third one says", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.bigInt(), fc.nat(2), (a, b, wrong, place) => {
        const values: [bigint, bigint, bigint] =
          place === 0 ? [wrong, a, b] : place === 1 ? [a, wrong, b] : [a, b, wrong];
        const median = medianOfThree(...values);
        expect(median >= minOf(a, b) && median <= maxOf(a, b)).toBe(true);
      }),
    );
  });
});

describe("formatUsd8", () => {
  test("shows cents above $100 and all eight decimals below", () => {
    expect(formatUsd8(324_567_000_000n)).toBe("$3,245.67");
    expect(formatUsd8(12_400_000n)).toBe("$0.12400000");
    expect(formatUsd8(100n)).toBe("$0.00000100");
    expect(formatUsd8(123_456_789_012_345_678n)).toBe("$1,234,567,890.12");
    expect(formatUsd8(10_000_000_000n)).toBe("$100.00");
  });
});
