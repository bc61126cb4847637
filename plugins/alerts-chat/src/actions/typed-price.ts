/** Prices as people type them, and the guard against a price that is scaled by mistake. */
import { BaseError } from "@jeju-oracle/kit";
import { usd } from "../words/format.ts";

/** Dollars (`3245.67`, `$0.0842`). */
const PATTERN = /^\$?(\d{1,12})(?:\.(\d{1,8}))?$/;

/** @returns 8 decimals, or undefined for what is no price. */
export function parsePrice8(text: string): bigint | undefined {
  const [, whole, fraction = ""] = PATTERN.exec(text.replaceAll(",", "")) ?? [];
  if (whole === undefined) return undefined;
  return BigInt(whole) * 10n ** 8n + BigInt(fraction.padEnd(8, "0") || "0");
}

/** The contract's bounds, 8 decimals. FACTS of the deployed ManualPriceOracle. */
const BOUNDS8 = {
  eth: { low: 500n * 10n ** 8n, high: 10_000n * 10n ** 8n },
  eliza: { low: 100n, high: 10_000n * 10n ** 8n },
} as const;

/** Ten times more or less than the last known price, within a third, is a slip of the decimal point. */
const SLIP_TOLERANCE_PCT = 33n;

/**
 * Refuses a price out of bounds, and one that is the last known price times a power of ten.
 * @throws {BaseError} with the number that was probably meant.
 */
export function requirePlausible(
  asset: "eth" | "eliza",
  price8: bigint,
  lastKnown8: bigint | undefined,
): void {
  const name = asset === "eth" ? "ETH" : "elizaOS";
  const meant = lastKnown8 === undefined ? undefined : probablyMeant(price8, lastKnown8);
  const hint = meant === undefined ? "Check the digits." : `You probably meant ${usd(meant)}.`;
  const { low, high } = BOUNDS8[asset];
  if (price8 < low || price8 > high) {
    throw new BaseError(
      `${name} at ${usd(price8)} is outside the oracle's bounds, ${usd(low)} to ${usd(high)}`,
      {
        code: "out-of-bounds",
        retryable: false,
        nextStep: hint,
      },
    );
  }
  if (meant !== undefined) {
    throw new BaseError(`${name} at ${usd(price8)} is ${usd(lastKnown8)} with the point moved`, {
      code: "scaled-by-mistake",
      retryable: false,
      nextStep: hint,
    });
  }
}

/** `price8` shifted by the power of ten that brings it near the last known price; undefined when none or zero places do. */
function probablyMeant(price8: bigint, lastKnown8: bigint): bigint | undefined {
  for (let places = 1; places <= 12; places++) {
    const factor = 10n ** BigInt(places);
    for (const shifted of [price8 / factor, price8 * factor]) {
      const distance = shifted > lastKnown8 ? shifted - lastKnown8 : lastKnown8 - shifted;
      if (distance * 100n <= lastKnown8 * SLIP_TOLERANCE_PCT) return shifted;
    }
  }
  return undefined;
}
