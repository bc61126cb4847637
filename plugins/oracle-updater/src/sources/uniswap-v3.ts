/** Reading a Uniswap v3 pool: spot, liquidity, and the longest observed window the pool can answer. */
import type { Address } from "viem";
import type { PoolReading } from "../price/source-reading.ts";
import type { ObservedWindow } from "../price/twap.ts";
import type { ContractResult } from "../rpc/batch-read.ts";
import { contractRead } from "../rpc/contract-read.ts";
import { poolAbi } from "./abis.ts";

/** The reads of one pool and their common result. `windowsS`: longest first. */
export function poolReads(pool: Address, windowsS: readonly number[]) {
  const slot0 = contractRead(pool, poolAbi, "slot0", []);
  const liquidity = contractRead(pool, poolAbi, "liquidity", []);
  const windows = windowsS.map((windowS) => ({
    windowS,
    read: contractRead(pool, poolAbi, "observe", [[windowS, 0]]),
  }));
  return {
    calls: [slot0, liquidity, ...windows.map(({ read }) => read)],
    /** Undefined when the pool itself could not be read. */
    decode(results: readonly ContractResult[]): PoolReading | undefined {
      const state = slot0.decode(results[0]);
      const inRange = liquidity.decode(results[1]);
      if (state === undefined || inRange === undefined) return undefined;
      const [spotSqrtPriceX96, spotTick, , observationCardinality, observationCardinalityNext] = state;
      let window: ObservedWindow | undefined;
      for (const [index, { windowS, read }] of windows.entries()) {
        window = decodeWindow(windowS, read.decode(results[2 + index]));
        if (window !== undefined) break;
      }
      return {
        spotTick,
        spotSqrtPriceX96,
        liquidity: inRange,
        observationCardinality,
        observationCardinalityNext,
        window,
      };
    },
  };
}

function decodeWindow(
  windowS: number,
  observed: readonly [readonly bigint[], readonly bigint[]] | undefined,
): ObservedWindow | undefined {
  const [tickStart, tickEnd] = observed?.[0] ?? [];
  const [splStart, splEnd] = observed?.[1] ?? [];
  if (tickStart === undefined || tickEnd === undefined || splStart === undefined || splEnd === undefined) {
    return undefined;
  }
  return { windowS, tickCumulatives: [tickStart, tickEnd], secondsPerLiquidityX128: [splStart, splEnd] };
}
