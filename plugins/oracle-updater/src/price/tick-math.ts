/**
 * Uniswap v3 tick math in bigint. Algorithm and constants: TickMath.getSqrtRatioAtTick of Uniswap v3 core
 * (https://github.com/Uniswap/v3-core/blob/v1.0.0/contracts/libraries/TickMath.sol); checked against
 * `@uniswap/v3-sdk` over the whole range in test/price/tick-math.test.ts.
 */
import { InvariantError } from "@jeju-oracle/kit";

export const MIN_TICK = -887272;
export const MAX_TICK = 887272;

const Q32 = 1n << 32n;
const MAX_UINT256 = (1n << 256n) - 1n;

/** sqrt(1.0001^-(2^i)) in Q128.128, for bit i of |tick|. */
const FACTOR_BY_BIT: readonly bigint[] = [
  0xfffcb933bd6fad37aa2d162d1a594001n,
  0xfff97272373d413259a46990580e213an,
  0xfff2e50f5f656932ef12357cf3c7fdccn,
  0xffe5caca7e10e4e61c3624eaa0941cd0n,
  0xffcb9843d60f6159c9db58835c926644n,
  0xff973b41fa98c081472e6896dfb254c0n,
  0xff2ea16466c96a3843ec78b326b52861n,
  0xfe5dee046a99a2a811c461f1969c3053n,
  0xfcbe86c7900a88aedcffc83b479aa3a4n,
  0xf987a7253ac413176f2b074cf7815e54n,
  0xf3392b0822b70005940c7a398e4b70f3n,
  0xe7159475a2c29b7443b29c7fa6e889d9n,
  0xd097f3bdfd2022b8845ad8f792aa5825n,
  0xa9f746462d870fdf8a65dc1f90e061e5n,
  0x70d869a156d2a1b890bb3df62baf32f7n,
  0x31be135f97d08fd981231505542fcfa6n,
  0x9aa508b5b7a84e1c677de54f3e99bc9n,
  0x5d6af8dedb81196699c329225ee604n,
  0x2216e584f5fa1ea926041bedfe98n,
  0x48a170391f7dc42444e8fa2n,
];

/**
 * sqrt(1.0001^tick) as Q64.96: the square root of token1 raw units per token0 raw unit.
 * @throws {InvariantError} when `tick` is not an integer within [MIN_TICK, MAX_TICK].
 */
export function sqrtRatioX96AtTick(tick: number): bigint {
  if (!Number.isInteger(tick) || tick < MIN_TICK || tick > MAX_TICK) {
    throw new InvariantError("tick out of range", { tick });
  }
  const magnitude = Math.abs(tick);
  let ratioX128 = 1n << 128n;
  FACTOR_BY_BIT.forEach((factor, bit) => {
    if ((magnitude & (1 << bit)) !== 0) ratioX128 = (ratioX128 * factor) >> 128n;
  });
  if (tick > 0) ratioX128 = MAX_UINT256 / ratioX128;
  return ratioX128 / Q32 + (ratioX128 % Q32 === 0n ? 0n : 1n);
}
