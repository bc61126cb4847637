/** From feed answer and pool tick to the two prices on chain, exact up to one final rounding. */
import { divideRounded, PRICE_DECIMALS } from "./fixed-point.ts";

const Q192 = 1n << 192n;
const WETH_DECIMALS = 18;
const ONE_USD8 = 10n ** BigInt(PRICE_DECIMALS);

export interface FeedAnswer {
  readonly answer: bigint;
  readonly decimals: number;
}

export interface PoolPrice {
  readonly sqrtRatioX96: bigint;
  /** Uniswap orders tokens by address, so elizaOS may be either one. */
  readonly elizaIsToken0: boolean;
  readonly elizaDecimals: number;
}

/** ETH/USD with 8 decimals, rounded half up. */
export function ethUsd8(feed: FeedAnswer): bigint {
  return divideRounded(feed.answer * ONE_USD8, 10n ** BigInt(feed.decimals));
}

/**
 * elizaOS/USD with 8 decimals, rounded half up once at the end.
 *
 * The pool prices token1 raw units per token0 raw unit as ratio = sqrt^2 / 2^192. One whole elizaOS is 10^decimals raw
 * units, one whole WETH 10^18, so WETH per elizaOS = ratio^(+1 or -1) * 10^decimals / 10^18.
 */
export function elizaUsd8(feed: FeedAnswer, pool: PoolPrice): bigint {
  const ratioX192 = pool.sqrtRatioX96 * pool.sqrtRatioX96;
  const [wethRaw, elizaRaw] = pool.elizaIsToken0 ? [ratioX192, Q192] : [Q192, ratioX192];
  return divideRounded(
    feed.answer * ONE_USD8 * wethRaw * 10n ** BigInt(pool.elizaDecimals),
    elizaRaw * 10n ** BigInt(WETH_DECIMALS + feed.decimals),
  );
}

/** WETH (wei) that the given liquidity holds virtually at this price: L * sqrt(WETH per elizaOS, raw). */
export function virtualWethWei(liquidity: bigint, pool: PoolPrice): bigint {
  return pool.elizaIsToken0 ? (liquidity * pool.sqrtRatioX96) >> 96n : (liquidity << 96n) / pool.sqrtRatioX96;
}
