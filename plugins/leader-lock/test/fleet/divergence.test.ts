import { expect, test } from "bun:test";
import { priceDivergenceBps } from "../../src/fleet/divergence.ts";
import { memberWith } from "./support/listings.ts";

const priced = (botId: string, eth: bigint | undefined, eliza: bigint | undefined, alive = true) =>
  memberWith(botId, { sourceEthUsd8: eth, sourceElizaUsd8: eliza, alive });

test.each([
  ["nobody", [], 0n],
  ["one member", [priced("a", 100n, 100n)], 0n],
  ["equal prices", [priced("a", 100n, 7n), priced("b", 100n, 7n)], 0n],
  ["the larger of the two prices' distances", [priced("a", 1_000n, 100n), priced("b", 1_001n, 103n)], 300n],
  ["the outermost two of three", [priced("a", 100n, 1n), priced("b", 101n, 1n), priced("c", 99n, 1n)], 202n],
  ["members that tell none", [priced("a", undefined, undefined), priced("b", 100n, 1n)], 0n],
  ["members that are gone", [priced("a", 100n, 1n), priced("b", 900n, 1n, false)], 0n],
  ["a price of nothing", [priced("a", 0n, 1n), priced("b", 100n, 1n)], 0n],
] as const)("the distance between source prices: %s", (_what, members, bps) => {
  expect(priceDivergenceBps(members)).toBe(bps);
});
