/** Ordinary days: both prices wander around where they began, the pool by real swaps, the feed by Chainlink's rule. */
import type { Localnet } from "../localnet.ts";
import { requireWhole } from "../require-whole.ts";
import { dollars, perform, type ScenarioOptions, type Stage, tokens } from "./scenario.ts";

export interface RandomWalkOptions extends ScenarioOptions {
  /** Steps to take. Default: until aborted. */
  readonly steps?: number;
  /** Chain seconds between steps. Default 10. */
  readonly stepS?: number;
  /** Spread of one step of ETH/USD, parts per million. Default 500 (0.05 %). */
  readonly ethSpreadPpm?: number;
  /** Spread of one step of elizaOS per ETH, parts per million. Default 1,000 (0.1 %). */
  readonly elizaSpreadPpm?: number;
}

const MILLION = 1_000_000n;
/** Beyond this one step could take a price below zero. */
const MAX_SPREAD_PPM = 200_000;
/** Each step goes back by one 200th of the way from the start, so that an endless walk stays in the oracle's bounds. */
const PULL_DIVISOR = 200n;
const TELL_EVERY_STEPS = 6;

/** @throws ChainPausedError when Base is stopped meanwhile. */
export function randomWalk(net: Localnet, options: RandomWalkOptions = {}): Promise<void> {
  return perform(net, options, async (stage) => {
    await walk(stage, options);
  });
}

/**
 * The walk itself, for scenarios in which something else happens at the same time.
 * @returns where ETH/USD (8 decimals) has got to, which the feed need not tell.
 */
export async function walk(stage: Stage, options: RandomWalkOptions): Promise<bigint> {
  const { net, timeline, random, publisher } = stage;
  const { steps = Number.MAX_SAFE_INTEGER, stepS = 10, ethSpreadPpm = 500, elizaSpreadPpm = 1_000 } = options;
  requireWhole("steps", steps, 0);
  requireWhole("stepS", stepS, 1);
  requireWhole("ethSpreadPpm", ethSpreadPpm, 0, MAX_SPREAD_PPM);
  requireWhole("elizaSpreadPpm", elizaSpreadPpm, 0, MAX_SPREAD_PPM);
  const homeEth = await net.feed.ethUsd8();
  const homeEliza = await net.market.elizaPerEth18();
  let ethUsd8 = homeEth;
  let elizaPerEth18 = homeEliza;
  const startS = timeline.elapsedS;
  for (let step = 1; step <= steps; step++) {
    await timeline.until(startS + step * stepS);
    ethUsd8 = wander(ethUsd8, homeEth, random.noise(ethSpreadPpm));
    elizaPerEth18 = wander(elizaPerEth18, homeEliza, random.noise(elizaSpreadPpm));
    await net.market.moveTo(elizaPerEth18);
    const published = await publisher.observe(ethUsd8);
    if (published || step % TELL_EVERY_STEPS === 0) {
      stage.tell(`ETH ${dollars(ethUsd8)}${published ? " (published)" : ""}, ${tokens(elizaPerEth18)}`);
    }
  }
  return ethUsd8;
}

function wander(price: bigint, home: bigint, ppm: number): bigint {
  return price + (price * BigInt(ppm)) / MILLION + (home - price) / PULL_DIVISOR;
}
