/** How far the members' sources are from each other: agents that read different prices would decide differently. Pure. */
import type { FleetMember } from "@jeju-oracle/kit";

const BPS = 10_000n;

/** Largest distance in basis points between two living members' source prices; 0 when fewer than two tell one. */
export function priceDivergenceBps(members: readonly FleetMember[]): bigint {
  const alive = members.filter((member) => member.alive);
  const eth = spreadBps(alive.flatMap(({ sourceEthUsd8 }) => sourceEthUsd8 ?? []));
  const eliza = spreadBps(alive.flatMap(({ sourceElizaUsd8 }) => sourceElizaUsd8 ?? []));
  return eth > eliza ? eth : eliza;
}

function spreadBps(prices: readonly bigint[]): bigint {
  const [first, ...rest] = prices;
  if (first === undefined || rest.length === 0) return 0n;
  const low = rest.reduce((least, price) => (price < least ? price : least), first);
  const high = rest.reduce((most, price) => (price > most ? price : most), first);
  return low === 0n ? 0n : ((high - low) * BPS) / low;
}
