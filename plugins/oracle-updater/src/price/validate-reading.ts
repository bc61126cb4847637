/**
 * From a reading to a quote, or the first reason why not (guarantee G4). Pure.
 *
 * Ages are judged by chain time: a feed's age against the block it was read in, the block's own age against the median
 * of Base head, Jeju head and host clock. No single clock decides, the host's least of all.
 */
import type { ValidationConfig } from "../config.ts";
import { deviationBps, formatUsd8, medianOfThree } from "./fixed-point.ts";
import type { Quote } from "./quote.ts";
import { type Rejection, reject } from "./rejection.ts";
import { sampledMedian, type TickSample } from "./sampled-median.ts";
import type { SourcePins, SourceReading } from "./source-reading.ts";
import { MAX_TICK, MIN_TICK, sqrtRatioX96AtTick } from "./tick-math.ts";
import { evaluateWindow } from "./twap.ts";
import { elizaUsd8, ethUsd8, virtualWethWei } from "./usd-price.ts";

/** Tolerated lead of one clock over another. DESIGN section 3. */
export const FUTURE_TOLERANCE_S = 5n;

export interface ValidationContext {
  readonly pins: SourcePins;
  readonly jejuTimestampS: bigint;
  readonly hostTimestampS: bigint;
  /** Own samples of this pool, newest last; consulted only when `minMedianWindowS` is given. */
  readonly samples: readonly TickSample[];
  /** Set when the sampled median may replace a missing TWAP. */
  readonly minMedianWindowS: number | undefined;
}

/** Checks in order of what would mislead a reader most: source alive, sequencer, feed, pool, result. */
export function validateReading(
  reading: SourceReading,
  context: ValidationContext,
  config: ValidationConfig,
): Quote | Rejection {
  const rejection =
    checkHead(reading, context, config) ??
    checkSequencer(reading, config) ??
    checkFeed(reading, context.pins, config);
  if (rejection !== undefined) return rejection;
  return priceOf(reading, context, config);
}

function checkHead(
  reading: SourceReading,
  context: ValidationContext,
  config: ValidationConfig,
): Rejection | undefined {
  const nowS = medianOfThree(reading.blockTimestampS, context.jejuTimestampS, context.hostTimestampS);
  const ageS = nowS - reading.blockTimestampS;
  if (ageS > config.maxHeadAgeS) {
    return reject(
      "source-head-stale",
      `the newest Base block is ${ageS} s old, allowed are ${config.maxHeadAgeS} s`,
    );
  }
  if (ageS < -FUTURE_TOLERANCE_S) {
    return reject("source-head-from-future", `the newest Base block is ${-ageS} s ahead of the other clocks`);
  }
  return undefined;
}

function checkSequencer(reading: SourceReading, config: ValidationConfig): Rejection | undefined {
  const { sequencer } = reading;
  if (sequencer === undefined) return undefined;
  if (sequencer === "unreadable") return reject("sequencer-down", "the sequencer-uptime feed cannot be read");
  if (sequencer.answer !== 0n || sequencer.startedAtS === 0n) {
    return reject("sequencer-down", "the sequencer-uptime feed reports Base as down");
  }
  const upForS = reading.blockTimestampS - sequencer.startedAtS;
  if (upForS <= config.sequencerGraceS) {
    return reject(
      "sequencer-grace",
      `Base is up again for ${upForS} s, grace is ${config.sequencerGraceS} s`,
    );
  }
  return undefined;
}

function checkFeed(
  reading: SourceReading,
  pins: SourcePins,
  config: ValidationConfig,
): Rejection | undefined {
  const { feed } = reading;
  if (feed === undefined) return reject("feed-missing", "the ETH/USD feed cannot be read");
  if (feed.decimals !== pins.feedDecimals) {
    return reject(
      "feed-wrong-decimals",
      `the feed has ${feed.decimals} decimals, at start it had ${pins.feedDecimals}`,
    );
  }
  if (feed.answer <= 0n) return reject("answer-not-positive", `the feed answers ${feed.answer}`);
  if (feed.updatedAtS === 0n || feed.answeredInRound < feed.roundId) {
    return reject("round-incomplete", `round ${feed.roundId} was answered in round ${feed.answeredInRound}`);
  }
  const ageS = reading.blockTimestampS - feed.updatedAtS;
  if (ageS > config.feedMaxAgeS) {
    return reject("feed-stale", `the feed's answer is ${ageS} s old, allowed are ${config.feedMaxAgeS} s`);
  }
  if (ageS < -FUTURE_TOLERANCE_S)
    return reject("feed-from-future", `the feed's answer is ${-ageS} s ahead of its block`);
  return undefined;
}

interface AveragedTick {
  readonly tick: number;
  readonly liquidity: bigint;
  readonly averaging: Quote["averaging"];
  readonly windowS: number;
}

function priceOf(
  reading: SourceReading,
  context: ValidationContext,
  config: ValidationConfig,
): Quote | Rejection {
  const { feed, pool } = reading;
  const { pins } = context;
  if (feed === undefined) return reject("feed-missing", "the ETH/USD feed cannot be read");
  if (pool === undefined) return reject("pool-missing", `the pool ${pins.pool} cannot be read`);
  const averaged = averageTick(reading, context);
  if (averaged === undefined) {
    return reject(
      "twap-window-too-short",
      `the pool keeps ${pool.observationCardinality} observations, too few for any accepted window`,
    );
  }
  if (averaged.tick < MIN_TICK || averaged.tick > MAX_TICK) {
    return reject("out-of-bounds", `the pool's average tick ${averaged.tick} is outside Uniswap's range`);
  }
  const poolAt = (sqrtRatioX96: bigint) => ({
    sqrtRatioX96,
    elizaIsToken0: pins.elizaIsToken0,
    elizaDecimals: pins.elizaDecimals,
  });
  const averagePrice = poolAt(sqrtRatioX96AtTick(averaged.tick));
  const poolDepthWei = virtualWethWei(averaged.liquidity, averagePrice);
  if (poolDepthWei < config.minPoolDepthWei) {
    return reject(
      "liquidity-below-minimum",
      `the pool holds ${poolDepthWei} wei WETH in range, the minimum is ${config.minPoolDepthWei}`,
    );
  }
  const eth = ethUsd8(feed);
  const eliza = elizaUsd8(feed, averagePrice);
  if (eth < config.ethUsdMin8 || eth > config.ethUsdMax8) {
    return reject("out-of-bounds", `ETH at ${formatUsd8(eth)} is outside the oracle's bounds`);
  }
  if (eliza < config.elizaUsdMin8 || eliza > config.elizaUsdMax8) {
    return reject("out-of-bounds", `elizaOS at ${formatUsd8(eliza)} is outside the oracle's bounds`);
  }
  const spotElizaUsd8 = elizaUsd8(feed, poolAt(pool.spotSqrtPriceX96));
  return {
    kind: "quote",
    ethUsd8: eth,
    elizaUsd8: eliza,
    blockNumber: reading.blockNumber,
    blockTimestampS: reading.blockTimestampS,
    feedAgeS: reading.blockTimestampS - feed.updatedAtS,
    spotElizaUsd8,
    spotTwapSpreadBps: deviationBps(spotElizaUsd8, eliza),
    averaging: averaged.averaging,
    windowS: averaged.windowS,
    poolDepthWei,
  };
}

function averageTick(reading: SourceReading, context: ValidationContext): AveragedTick | undefined {
  const window = reading.pool?.window;
  if (window !== undefined) {
    const { meanTick, harmonicMeanLiquidity, windowS } = evaluateWindow(window);
    return { tick: meanTick, liquidity: harmonicMeanLiquidity, averaging: "twap", windowS };
  }
  if (context.minMedianWindowS === undefined) return undefined;
  const median = sampledMedian(context.samples, context.minMedianWindowS);
  return median === undefined
    ? undefined
    : {
        tick: median.medianTick,
        liquidity: median.minLiquidity,
        averaging: "sampled-median",
        windowS: median.windowS,
      };
}
