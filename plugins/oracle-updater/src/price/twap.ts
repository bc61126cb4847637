/**
 * Time-weighted average over a window of a Uniswap v3 pool's own observations. Formulas: OracleLibrary.consult of
 * Uniswap v3 periphery (https://github.com/Uniswap/v3-periphery/blob/v1.3.0/contracts/libraries/OracleLibrary.sol).
 */

/** `observe([windowS, 0])`: cumulative values at the start and at the end of the window. */
export interface ObservedWindow {
  readonly windowS: number;
  readonly tickCumulatives: readonly [bigint, bigint];
  readonly secondsPerLiquidityX128: readonly [bigint, bigint];
}

export interface Twap {
  readonly windowS: number;
  /** Arithmetic mean tick = geometric mean price, rounded toward negative infinity. */
  readonly meanTick: number;
  /** Harmonic mean of in-range liquidity: one moment of high liquidity cannot raise it, one of low lowers it. */
  readonly harmonicMeanLiquidity: bigint;
}

const MAX_UINT160 = (1n << 160n) - 1n;

/** Evaluates an observed window. Cumulative values wrap (int56, uint160) as in the contract. */
export function evaluateWindow(observed: ObservedWindow): Twap {
  const window = BigInt(observed.windowS);
  const [tickStart, tickEnd] = observed.tickCumulatives;
  const [splStart, splEnd] = observed.secondsPerLiquidityX128;
  const tickDelta = BigInt.asIntN(56, tickEnd - tickStart);
  const splDelta = BigInt.asUintN(160, splEnd - splStart);
  const truncated = tickDelta / window;
  const meanTick = tickDelta < 0n && tickDelta % window !== 0n ? truncated - 1n : truncated;
  return {
    windowS: observed.windowS,
    meanTick: Number(meanTick),
    harmonicMeanLiquidity: splDelta === 0n ? 0n : (window * MAX_UINT160) / (splDelta << 32n),
  };
}

/** The windows to ask for, longest first: halving from `longestS` down to `shortestS`, both included. */
export function windowLadder(longestS: number, shortestS: number): readonly number[] {
  const ladder: number[] = [];
  for (let windowS = longestS; windowS > shortestS; windowS = Math.floor(windowS / 2)) ladder.push(windowS);
  ladder.push(shortestS);
  return ladder;
}
