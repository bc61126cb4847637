import { describe, expect, test } from "bun:test";
import { BlockTimeEstimate } from "../../src/updater/block-time.ts";

/** The estimate after these heads, given as block number and timestamp. */
function estimateMs(...heads: readonly (readonly [number: bigint, timestampS: bigint])[]): number {
  const estimate = new BlockTimeEstimate();
  for (const [blockNumber, blockTimestampS] of heads) estimate.observe({ blockNumber, blockTimestampS });
  return estimate.ms;
}

describe("block time", () => {
  test("is 2 s until it is known", () => {
    expect(estimateMs()).toBe(2_000);
    expect(estimateMs([10n, 100n])).toBe(2_000);
    expect(estimateMs([10n, 100n], [11n, 101n])).toBe(2_000);
  });

  test("is learned from two heads that are at least two blocks apart", () => {
    expect(estimateMs([10n, 100n], [12n, 102n])).toBe(1_000);
    expect(estimateMs([10n, 100n], [110n, 500n])).toBe(4_000);
  });

  test("stays within 250 ms and 12 s", () => {
    expect(estimateMs([10n, 100n], [1_010n, 101n])).toBe(250);
    expect(estimateMs([10n, 100n], [12n, 3_700n])).toBe(12_000);
  });

  test("ignores a chain whose time stands still or runs backward", () => {
    expect(estimateMs([10n, 100n], [20n, 100n])).toBe(2_000);
    expect(estimateMs([10n, 100n], [20n, 90n])).toBe(2_000);
  });

  test("starts anew after a rollback", () => {
    expect(estimateMs([100n, 1_000n], [50n, 900n], [60n, 910n])).toBe(1_000);
  });
});
