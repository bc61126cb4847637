/**
 * What the oracle should say, from the definitions alone: a pool's price is 1.0001^tick smallest units of token1 per
 * smallest unit of token0. Integers with 512 fractional bits, one rounding at the end; shares no code with src.
 */

const FRACTION_BITS = 512n;
const ONE = 1n << FRACTION_BITS;

export interface ReferenceInput {
  /** The feed's raw answer, USD per ETH. */
  readonly answer: bigint;
  readonly feedDecimals: number;
  /** Mean tick of the pool over the window. */
  readonly tick: number;
  readonly elizaIsToken0: boolean;
  readonly elizaDecimals: number;
}

/** USD per ETH, 8 decimals, rounded half up. */
export function referenceEthUsd8({ answer, feedDecimals }: ReferenceInput): bigint {
  return roundHalfUp(answer * 10n ** 8n, 10n ** BigInt(feedDecimals));
}

/** USD per elizaOS, 8 decimals, rounded half up. */
export function referenceElizaUsd8(input: ReferenceInput): bigint {
  const token1PerToken0 = powerOfTick(input.tick);
  const [weiNumerator, weiDenominator] = input.elizaIsToken0
    ? [token1PerToken0, ONE]
    : [ONE, token1PerToken0];
  // USD8 per elizaOS = (USD8 per ETH) * (wei per smallest elizaOS unit) * 10^elizaDecimals / 10^18.
  return roundHalfUp(
    input.answer * 10n ** 8n * weiNumerator * 10n ** BigInt(input.elizaDecimals),
    weiDenominator * 10n ** BigInt(18 + input.feedDecimals),
  );
}

function powerOfTick(tick: number): bigint {
  let power = ONE;
  for (let square = (ONE * 10_001n) / 10_000n, rest = Math.abs(tick); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = (power * square) >> FRACTION_BITS;
    square = (square * square) >> FRACTION_BITS;
  }
  return tick < 0 ? (ONE * ONE) / power : power;
}

function roundHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator / 2n) / denominator;
}
