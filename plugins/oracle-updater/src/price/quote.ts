/** A reading that passed every check: both prices from one block, fit to be pushed together. */

export interface Quote {
  readonly kind: "quote";
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
  readonly blockNumber: bigint;
  readonly blockTimestampS: bigint;
  /** Age of the feed's answer against its own block. */
  readonly feedAgeS: bigint;
  /** elizaOS at the pool's spot price: compared with the TWAP, never pushed. */
  readonly spotElizaUsd8: bigint;
  readonly spotTwapSpreadBps: bigint;
  readonly averaging: "twap" | "sampled-median";
  readonly windowS: number;
  readonly poolDepthWei: bigint;
}
