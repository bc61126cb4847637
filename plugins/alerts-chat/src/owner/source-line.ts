/** A price source in one line, with how far the price that somebody wants to set is from it. Pure. */
import { usd } from "../words/format.ts";
import type { LiveSource } from "./owner-office.ts";

export interface WantedPrices {
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
}

/** Beyond this the person is made to look twice. MAX_PRICE_DEVIATION_PCT of the price loop has the same default. */
const NOTABLE_BPS = 1_000n;

/** `Chainlink on Base: $3,245.67 (ETH +0.4 %), 12 s old`. */
export function sourceLine({ name, ethUsd8, elizaUsd8, detail }: LiveSource, wanted: WantedPrices): string {
  const prices = [
    ...(ethUsd8 === undefined ? [] : [priceWords("ETH", ethUsd8, wanted.ethUsd8)]),
    ...(elizaUsd8 === undefined ? [] : [priceWords("elizaOS", elizaUsd8, wanted.elizaUsd8)]),
  ];
  return `${name}: ${[...prices, detail].filter((text) => text !== "").join(", ")}`;
}

function priceWords(asset: string, source8: bigint, wanted8: bigint): string {
  if (source8 <= 0n) return `${asset} ${usd(source8)}`;
  const bps = ((wanted8 - source8) * 10_000n) / source8;
  const size = bps < 0n ? -bps : bps;
  const percent = `${bps < 0n ? "-" : "+"}${size / 100n}.${(size % 100n).toString().padStart(2, "0")} %`;
  return `${asset} ${usd(source8)} (yours ${percent}${size > NOTABLE_BPS ? " ⚠️" : ""})`;
}
