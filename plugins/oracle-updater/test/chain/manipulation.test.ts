/** Guarantee G4 against a manipulated pool, and that a real move is followed: default window, blocks of 2 s. */
import { afterEach, describe, expect, test } from "bun:test";
import type { TestAgent } from "./support/agents.ts";
import { BLOCK_S, SteppedWorld } from "./support/stepped-world.ts";

const WAD = 10n ** 18n;
const ELIZA_PER_ETH_18 = 30_000n * WAD;
const WINDOW_S = 1_800;
const HEARTBEAT_S = 300;
const POLL_S = 10;
/** Looks at every block of Base. */
const EVERY_BLOCK = { PRICE_POLL_INTERVAL_MS: String(BLOCK_S * 1000) };

let world: SteppedWorld;

afterEach(() => world.stop());

/** elizaOS/USD of every accepted look since `from`: what an update would have carried. */
function quotesSince(agent: TestAgent, from: number): bigint[] {
  return agent.looks.slice(from).flatMap(({ source }) => (source.kind === "quote" ? [source.elizaUsd8] : []));
}

/** Largest distance of any price from `reference`, basis points rounded up. */
function farthestBps(prices: readonly bigint[], reference: bigint): bigint {
  return prices.reduce((most, price) => {
    const distance = price > reference ? price - reference : reference - price;
    const bps = (distance * 10_000n + reference - 1n) / reference;
    return bps > most ? bps : most;
  }, 0n);
}

const attacks = [
  { blocks: 1, limitBps: 100n, limit: "1 %" },
  { blocks: 5, limitBps: 1_000n, limit: "the hold band" },
];

for (const direction of ["up", "down"] as const) {
  for (const { blocks, limitBps, limit } of attacks) {
    test(`G4: a swap that moves the pool tenfold ${direction}, held for ${blocks} block(s), moves the price by less than ${limit}`, async () => {
      world = await SteppedWorld.start();
      const agent = await world.agent(EVERY_BLOCK);
      const before = agent.updater.snapshot().sourceElizaUsd8 ?? 0n;
      const seen = agent.looks.length;

      await world.net.market.moveTo(direction === "up" ? ELIZA_PER_ETH_18 / 10n : ELIZA_PER_ETH_18 * 10n);
      await world.pass(blocks * BLOCK_S);
      await world.net.market.moveTo(ELIZA_PER_ETH_18);
      await world.pass(2 * HEARTBEAT_S + 5 * POLL_S);

      const quotes = quotesSince(agent, seen);
      expect(quotes.length).toBeGreaterThan(HEARTBEAT_S / BLOCK_S);
      const movedBps = farthestBps(quotes, before);
      expect(movedBps).toBeGreaterThan(0n);
      expect(movedBps).toBeLessThan(limitBps);
      const spread = Math.max(
        ...agent.looks
          .slice(seen)
          .map(({ source }) => (source.kind === "quote" ? Number(source.spotTwapSpreadBps) : 0)),
      );
      expect(spread).toBeGreaterThan(5_000);
      const updates = await world.net.updates();
      expect(updates.length).toBeGreaterThanOrEqual(2);
      expect(
        farthestBps(
          updates.map(({ elizaUsd8 }) => elizaUsd8),
          before,
        ),
      ).toBeLessThan(limitBps);
    }, 60_000);
  }
}

describe("G4: liquidity for one block (minted in one tick, burnt in the next block)", () => {
  const SPIKE = 10n ** 27n;

  test("moves no price", async () => {
    world = await SteppedWorld.start();
    const agent = await world.agent(EVERY_BLOCK);
    const seen = agent.looks.length;
    const depthWei = async () => (await world.net.market.state()).liquidity;
    const usualLiquidity = await depthWei();
    await world.net.market.mintOneTick(SPIKE);
    expect(await depthWei()).toBeGreaterThan(1_000n * usualLiquidity);
    await world.pass(BLOCK_S);
    await world.net.market.burnOneTick();
    await world.pass(HEARTBEAT_S + 2 * POLL_S);

    const before = agent.looks[0]?.source;
    const prices = new Set(quotesSince(agent, seen));
    expect([...prices]).toEqual([before?.kind === "quote" ? before.elizaUsd8 : 0n]);
    expect(await world.net.updates()).toHaveLength(1);
  }, 60_000);

  test("does not lift a pool that is 1 % too shallow over MIN_POOL_DEPTH_WETH", async () => {
    world = await SteppedWorld.start({ wethDepthWei: (99n * WAD) / 10n });
    const agent = await world.agent({ ...EVERY_BLOCK, MIN_POOL_DEPTH_WETH: "10" });
    await world.net.market.mintOneTick(SPIKE);
    await world.pass(BLOCK_S);
    await world.net.market.burnOneTick();
    await world.pass(HEARTBEAT_S + 2 * POLL_S);

    expect(agent.looks.length).toBeGreaterThan(HEARTBEAT_S / BLOCK_S);
    const codes = new Set(
      agent.looks.map(({ source }) => (source.kind === "rejection" ? source.code : source.kind)),
    );
    expect([...codes]).toEqual(["liquidity-below-minimum"]);
    expect(await world.net.updates()).toEqual([]);
  }, 60_000);
});

test("G3, G4: a real 10 % move of the pool is followed within the window, and no heartbeat is missed on the way", async () => {
  world = await SteppedWorld.start();
  const agent = await world.agent();
  await world.pass(HEARTBEAT_S / 2, POLL_S);
  const before = agent.updater.snapshot().sourceElizaUsd8 ?? 0n;
  const moved = agent.looks.length;
  // A tenth more elizaOS per ETH: elizaOS falls by 9.1 %.
  await world.net.market.moveByBps(1_000);
  for (let passedS = 0; passedS < WINDOW_S + 2 * HEARTBEAT_S; passedS += 60) {
    if (passedS % 600 === 0) await world.net.feed.setAnswer(world.net.settings.ethUsd8);
    await world.pass(60);
  }

  const oldest = Math.max(...agent.looks.map(({ nowS, state }) => Number(nowS - state.lastUpdateS)));
  expect(oldest).toBeLessThanOrEqual(HEARTBEAT_S + 2 * POLL_S);
  const spot = agent.looks.at(-1)?.source;
  const spotElizaUsd8 = spot?.kind === "quote" ? spot.spotElizaUsd8 : 0n;
  expect(farthestBps([before], spotElizaUsd8)).toBeGreaterThan(990n);
  const { elizaUsd8 } = await world.net.oracleState();
  expect(farthestBps([elizaUsd8], spotElizaUsd8)).toBeLessThan(2n);

  // On the way it moved by the average's pace, one way only, and was never taken for a doubtful move.
  const published = (await world.net.updates()).map((update) => update.elizaUsd8);
  expect(published.every((price, index) => index === 0 || price <= (published[index - 1] ?? 0n))).toBe(true);
  expect(published.length).toBeGreaterThanOrEqual(WINDOW_S / HEARTBEAT_S);
  expect(agent.looks.slice(moved).map(({ decision }) => decision.reason)).not.toContain(
    "beyond-contract-limit",
  );
  expect(agent.failures).toEqual([]);
}, 60_000);
