/** What one look at Base returns: decoded, not yet judged. Everything stems from one block. */
import type { ObservedWindow } from "./twap.ts";

export interface FeedRound {
  readonly decimals: number;
  readonly roundId: bigint;
  readonly answer: bigint;
  readonly startedAtS: bigint;
  readonly updatedAtS: bigint;
  readonly answeredInRound: bigint;
}

export interface PoolReading {
  readonly spotTick: number;
  readonly spotSqrtPriceX96: bigint;
  readonly liquidity: bigint;
  readonly observationCardinality: number;
  /** What the pool may grow to as swaps come. */
  readonly observationCardinalityNext: number;
  /** The longest window of the ladder that the pool could answer; undefined when it could answer none. */
  readonly window: ObservedWindow | undefined;
}

export interface SourceReading {
  readonly blockNumber: bigint;
  readonly blockTimestampS: bigint;
  /** Undefined when the feed's calls reverted or it has no code. */
  readonly feed: FeedRound | undefined;
  /** Undefined when no sequencer feed is configured; `unreadable` when its call failed. */
  readonly sequencer: FeedRound | "unreadable" | undefined;
  readonly pool: PoolReading | undefined;
}

/** What was found once at start and is then kept: a silent change of any of these would mis-scale the price. */
export interface SourcePins {
  readonly pool: `0x${string}`;
  readonly elizaIsToken0: boolean;
  readonly elizaDecimals: number;
  readonly feedDecimals: number;
}
