/**
 * Prices of the elizaOS/WETH pool in bigint. Derived from the definitions alone (a square root and a power), not from
 * Uniswap's table of constants, so that a test against the real pool checks both.
 */

/** What a price needs to know about the pool. */
export interface PoolLayout {
  readonly elizaIsToken0: boolean;
  readonly elizaDecimals: number;
}

export const MIN_TICK = -887_272;
export const MAX_TICK = 887_272;

const Q192 = 1n << 192n;
const WAD = 10n ** 18n;
const POWER_BITS = 320n;

/** Largest integer whose square is at most `value`. */
function integerSqrt(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    // Newton's method from above: strictly falling until it has arrived.
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** sqrt(1.0001^tick) in Q64.96, rounded down. */
export function sqrtRatioX96AtTick(tick: number): bigint {
  const one = 1n << POWER_BITS;
  let factor = integerSqrt((10_001n * one * one) / 10_000n);
  let power = one;
  for (let rest = Math.abs(tick); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = (power * factor) >> POWER_BITS;
    factor = (factor * factor) >> POWER_BITS;
  }
  if (tick < 0) power = (one * one) / power;
  return power >> (POWER_BITS - 96n);
}

/** A price safely inside a tick, so that a swap to it leaves the pool at exactly this tick. */
export function sqrtRatioX96InsideTick(tick: number): bigint {
  return (sqrtRatioX96AtTick(tick) + sqrtRatioX96AtTick(tick + 1)) / 2n;
}

/** elizaOS per ETH, 18 decimals, to the pool's square root price. */
export function sqrtPriceX96Of(elizaPerEth18: bigint, { elizaIsToken0, elizaDecimals }: PoolLayout): bigint {
  // Smallest units of elizaOS per 10^36 wei.
  const scaled = elizaPerEth18 * 10n ** BigInt(elizaDecimals);
  const one = WAD * WAD;
  return integerSqrt(elizaIsToken0 ? (Q192 * one) / scaled : (Q192 * scaled) / one);
}

/** The pool's square root price to elizaOS per ETH, 18 decimals, rounded to the nearest. */
export function elizaPerEth18Of(sqrtPriceX96: bigint, { elizaIsToken0, elizaDecimals }: PoolLayout): bigint {
  const ratioX192 = sqrtPriceX96 * sqrtPriceX96;
  const unit = 10n ** BigInt(elizaDecimals);
  const one = WAD * WAD;
  const [numerator, denominator] = elizaIsToken0
    ? [Q192 * one, ratioX192 * unit]
    : [ratioX192 * one, Q192 * unit];
  return (numerator + denominator / 2n) / denominator;
}

/** Liquidity of a full-range position that holds `wethWei` of WETH at this price. */
export function fullRangeLiquidity(
  wethWei: bigint,
  sqrtPriceX96: bigint,
  { elizaIsToken0 }: PoolLayout,
): bigint {
  return elizaIsToken0 ? (wethWei << 96n) / sqrtPriceX96 : (wethWei * sqrtPriceX96) >> 96n;
}

/** USD per elizaOS with 8 decimals, rounded down. */
export function elizaUsd8Of(ethUsd8: bigint, elizaPerEth18: bigint): bigint {
  return (ethUsd8 * WAD) / elizaPerEth18;
}
