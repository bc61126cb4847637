/** Price literals and the bounds of the deployed oracle. USD with 8 decimals. */
export interface Prices {
  readonly ethUsd: bigint;
  readonly elizaUsd: bigint;
}

export const usd = (whole: number): bigint => BigInt(Math.round(whole * 1e8));

export const initialPrices: Prices = { ethUsd: usd(3_000), elizaUsd: usd(0.1) };

/** Seed runbook and the deployed contract's own constants. */
export const bounds = {
  ethUsd: { lowest: usd(500), highest: usd(10_000) },
  elizaUsd: { lowest: 100n, highest: usd(10_000) },
} as const;
