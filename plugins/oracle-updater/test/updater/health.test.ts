import { describe, expect, test } from "bun:test";
import { type HealthInput, unhealthyReasons } from "../../src/health.ts";

const HEALTHY: HealthInput = {
  consecutiveFailures: 0,
  baseUnreachableForMs: 0,
  jejuUnreachableForMs: 0,
  priceAgeS: 120n,
};

describe("an agent is healthy until exactly", () => {
  const rows: readonly (readonly [string, Partial<HealthInput>, Partial<HealthInput>, string])[] = [
    [
      "more than five failures in a row",
      { consecutiveFailures: 5 },
      { consecutiveFailures: 6 },
      "6 consecutive failures",
    ],
    [
      "a minute without Base",
      { baseUnreachableForMs: 59_999 },
      { baseUnreachableForMs: 60_000 },
      "Base has been unreachable for over 60 s",
    ],
    [
      "a minute without Jeju",
      { jejuUnreachableForMs: 59_999 },
      { jejuUnreachableForMs: 60_000 },
      "Jeju has been unreachable for over 60 s",
    ],
    [
      "a price older than an hour",
      { priceAgeS: 3_600n },
      { priceAgeS: 3_601n },
      "the price on chain is stale: 3601 s old",
    ],
    ["no price at all", {}, { priceAgeS: undefined }, "the price on chain has not been read yet"],
  ];
  for (const [name, still, no, reason] of rows) {
    test(name, () => {
      expect(unhealthyReasons({ ...HEALTHY, ...still })).toEqual([]);
      expect(unhealthyReasons({ ...HEALTHY, ...no }).map(({ text }) => text)).toEqual([reason]);
    });
  }

  test("several reasons are all named", () => {
    const input = { consecutiveFailures: 9, baseUnreachableForMs: 90_000, jejuUnreachableForMs: 90_000 };
    expect(unhealthyReasons({ ...input, priceAgeS: 9_999n }).length).toBe(4);
  });
});
