/** What to pay: the node's suggestion times a multiplier, never above the absolute cap. Pure. */
import { maxOf, minOf } from "../price/fixed-point.ts";
import type { Fees } from "./in-flight.ts";

export interface FeeMarket {
  /** Base fee of the newest block, wei per gas. */
  readonly baseFeeWei: bigint;
  /** The node's suggestion for a prompt transaction (`eth_gasPrice`), wei per gas. */
  readonly gasPriceWei: bigint;
}

/** Nodes want at least 10 % more for a replacement (geth txpool.pricebump, also op-geth, reth, anvil). */
const REPLACEMENT_BUMP_PCT = 125n;
/** The base fee rises by at most 12.5 % a block (EIP-1559): twice the present one lasts five full blocks. */
const BASE_FEE_HEADROOM = 2n;

/** What inclusion needs per gas now, before the cap. */
export function gasPriceNeeded(market: FeeMarket, multiplierPct: bigint): bigint {
  return (market.gasPriceWei * multiplierPct) / 100n;
}

/** Fees of a new transaction. Callers have checked {@link gasPriceNeeded} against the cap. */
export function freshFees(market: FeeMarket, multiplierPct: bigint, feeCapWei: bigint): Fees {
  const suggestedTipWei = maxOf(market.gasPriceWei - market.baseFeeWei, 1n);
  const tipWei = minOf(maxOf((suggestedTipWei * multiplierPct) / 100n, 1n), feeCapWei);
  // Room for one replacement below the cap: an offer at the cap itself could never be outbid by us.
  const comfortableWei = minOf(
    BASE_FEE_HEADROOM * market.baseFeeWei + tipWei,
    (feeCapWei * 100n) / REPLACEMENT_BUMP_PCT - 1n,
  );
  const maxFeePerGasWei = minOf(maxOf(comfortableWei, gasPriceNeeded(market, multiplierPct), 1n), feeCapWei);
  return { maxFeePerGasWei, maxPriorityFeePerGasWei: minOf(tipWei, maxFeePerGasWei) };
}

/**
 * Fees that replace a transaction which pays `floor`.
 * @returns undefined when the cap does not allow the bump that nodes demand.
 */
export function replacementFees(fresh: Fees, floor: Fees, feeCapWei: bigint): Fees | undefined {
  const bumped = {
    maxFeePerGasWei: maxOf(fresh.maxFeePerGasWei, bump(floor.maxFeePerGasWei)),
    maxPriorityFeePerGasWei: maxOf(fresh.maxPriorityFeePerGasWei, bump(floor.maxPriorityFeePerGasWei)),
  };
  return bumped.maxFeePerGasWei > feeCapWei ? undefined : bumped;
}

function bump(feeWei: bigint): bigint {
  return (feeWei * REPLACEMENT_BUMP_PCT) / 100n + 1n;
}
