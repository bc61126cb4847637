import { describe, expect, test } from "bun:test";
import { BlockTimeEstimate } from "../../src/updater/block-time.ts";

/** The estimate after these heads, given as block number and timestamp. */
function estimateMs(...heads: readonly (readonly [number: bigint, timestampS: bigint])[]): number {
  const estimate = new BlockTimeEstimate();
  for (const [blockNumber, blockTimestampS] of heads) estimate.observe({ blockNumber, blockTimestampS });
  return estimate.ms;
}

const UNKNOWN_MS = estimateMs();

describe("block time", () => {
  test("is a guess of one to two seconds until it is known", () => {
    expect(UNKNOWN_MS >= 1_000 && UNKNOWN_MS <= 2_000).toBe(true);
    expect(estimateMs([10n, 100n])).toBe(UNKNOWN_MS);
    expect(estimateMs([10n, 100n], [11n, 105n])).toBe(UNKNOWN_MS);
  });

  test("is learned from two heads that are at least two blocks apart", () => {
    expect(estimateMs([10n, 100n], [12n, 106n])).toBe(3_000);
    expect(estimateMs([10n, 100n], [110n, 500n])).toBe(4_000);
  });

  test("stays within 250 ms and 12 s", () => {
    expect(estimateMs([10n, 100n], [1_010n, 101n])).toBe(250);
    expect(estimateMs([10n, 100n], [12n, 3_700n])).toBe(12_000);
  });

  test("ignores a chain whose time stands still or runs backward", () => {
    expect(estimateMs([10n, 100n], [20n, 100n])).toBe(UNKNOWN_MS);
    expect(estimateMs([10n, 100n], [20n, 90n])).toBe(UNKNOWN_MS);
  });

  test("starts anew after a rollback", () => {
    expect(estimateMs([100n, 1_000n], [50n, 900n], [60n, 930n])).toBe(3_000);
  });
});
