/** The state of the oracle in a few short lines, for chat and for the provider. */
import type { OracleSnapshot } from "@jeju-oracle/kit";
import { formatUsd8 } from "../price/fixed-point.ts";

/** Health, age and what happens now. */
export function describeStatus(snapshot: OracleSnapshot): string {
  const lines = [
    `${snapshot.botId}: ${snapshot.healthy ? "healthy" : `unhealthy (${snapshot.unhealthyReasons.join("; ")})`}`,
    `Price age: ${snapshot.priceAgeS === undefined ? "unknown" : `${snapshot.priceAgeS} s`}`,
    `Updates landed: ${snapshot.totalUpdates}, failures in a row: ${snapshot.consecutiveFailures}`,
  ];
  if (snapshot.lastDecision !== undefined) {
    const { kind, reason, detail } = snapshot.lastDecision;
    lines.push(`Last look: ${kind} ${reason} (${detail})`);
  }
  if (snapshot.pausedBy !== undefined) lines.push(`On hold: ${snapshot.pausedBy}`);
  return lines.join("\n");
}

/** Prices on chain beside those of the sources. */
export function describePrices(snapshot: OracleSnapshot): string {
  const price = (price8: bigint | undefined) => (price8 === undefined ? "unknown" : formatUsd8(price8));
  const lines = [
    `ETH: ${price(snapshot.chainEthUsd8)} on chain, ${price(snapshot.sourceEthUsd8)} at the source`,
    `elizaOS: ${price(snapshot.chainElizaUsd8)} on chain, ${price(snapshot.sourceElizaUsd8)} at the source`,
  ];
  if (snapshot.spotTwapSpreadBps !== undefined)
    lines.push(`Spot to average: ${snapshot.spotTwapSpreadBps} bps`);
  return lines.join("\n");
}
