/** Prices for people. Pure. */

const SCALE = 100_000_000n;
const DECIMALS = 8;

/** A price of 8 decimals in dollars: cents above $1, more digits for what is worth less. */
export function formatUsd8(price8: bigint): string {
  const shown = price8 >= SCALE ? 2 : price8 >= SCALE / 100n ? 6 : DECIMALS;
  const unit = 10n ** BigInt(DECIMALS - shown);
  const rounded = (price8 + unit / 2n) / unit;
  const scale = 10n ** BigInt(shown);
  const whole = (rounded / scale).toString().replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return `$${whole}.${(rounded % scale).toString().padStart(shown, "0")}`;
}
