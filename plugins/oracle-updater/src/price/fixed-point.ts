/** Integer arithmetic on prices. Prices of this system are bigint with {@link PRICE_DECIMALS} decimals. */

/** Decimals of both prices in ManualPriceOracle (seed: Emergency Manual Price Update, "Convert to 8 decimals"). */
export const PRICE_DECIMALS = 8;
const BPS = 10_000n;

/** numerator / denominator, rounded half up. Both must be positive. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** What a deviation from nothing counts as: beyond every threshold. */
const BEYOND_ANY_BPS = 1_000_000n;

/** |value - reference| in basis points of `reference`, rounded down. From a reference of 0: beyond every threshold. */
export function deviationBps(value: bigint, reference: bigint): bigint {
  if (reference <= 0n) return BEYOND_ANY_BPS;
  return (absolute(value - reference) * BPS) / reference;
}

/** `$3,245.67` style text of a price with 8 decimals, for people: never parsed back. */
export function formatUsd8(price8: bigint): string {
  const whole = price8 / 10n ** 8n;
  const fraction = (price8 % 10n ** 8n).toString().padStart(8, "0");
  const digits = whole >= 100n ? fraction.slice(0, 2) : fraction;
  return `$${whole.toString().replaceAll(/\B(?=(\d{3})+$)/g, ",")}.${digits}`;
}

/** Smallest of a non-empty list. */
export function minOf(first: bigint, ...rest: readonly bigint[]): bigint {
  return rest.reduce((least, value) => (value < least ? value : least), first);
}

/** Largest of a non-empty list. */
export function maxOf(first: bigint, ...rest: readonly bigint[]): bigint {
  return rest.reduce((most, value) => (value > most ? value : most), first);
}

/** The middle of three: right even when any one of them is wrong. */
export function medianOfThree(a: bigint, b: bigint, c: bigint): bigint {
  return a + b + c - minOf(a, b, c) - maxOf(a, b, c);
}
