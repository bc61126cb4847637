/**
 * Moves too large to be believed at once. A reading beyond the band around the price on chain is held; it is released
 * when enough readings of different source blocks, over enough time, agree with each other, or when a person approved
 * prices that agree with it. Pure.
 *
 * While a move is held nothing is pushed, heartbeats included: a heartbeat would stamp the doubtful price, or the old
 * one, as fresh.
 */
import { deviationBps, maxOf, minOf } from "../price/fixed-point.ts";

export interface PricePair {
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
}

export interface HeldReading extends PricePair {
  readonly blockNumber: bigint;
  readonly blockTimestampS: bigint;
}

/** Prices that a person approved, for the move away from what stands on chain. */
export interface Approval extends PricePair {
  readonly by: string;
}

export interface HoldState {
  /** Readings beyond the band, oldest first, that agree with the newest. Empty: nothing is held. */
  readonly readings: readonly HeldReading[];
}

export interface HoldConfig {
  readonly holdBandBps: bigint;
  readonly holdConfirmations: number;
  readonly holdMinDurationS: bigint;
  readonly holdAgreementBps: bigint;
}

export type HoldVerdict =
  | { readonly kind: "in-band" }
  | { readonly kind: "held"; readonly moveBps: bigint; readonly agreeing: number; readonly sinceS: bigint }
  | { readonly kind: "agreed"; readonly moveBps: bigint; readonly agreeing: number }
  | { readonly kind: "approved"; readonly moveBps: bigint; readonly by: string };

export const NOTHING_HELD: HoldState = { readings: [] };

/** Readings further apart than this, in chain time, do not confirm each other: too much happened unseen. */
const MAX_GAP_S = 300n;
/** Bounds the memory of a long hold; the oldest reading is kept, because the time span counts from it. */
const MAX_READINGS = 1_000;

/** The larger move of the two legs against the price on chain, in basis points. */
function largerMoveBps(quote: PricePair, onChain: PricePair): bigint {
  return maxOf(
    deviationBps(quote.ethUsd8, onChain.ethUsd8),
    deviationBps(quote.elizaUsd8, onChain.elizaUsd8),
  );
}

/**
 * Takes a new reading into account.
 * @param approval the one that counts at this moment.
 */
export function stepHoldBand(
  state: HoldState,
  reading: HeldReading,
  onChain: PricePair,
  config: HoldConfig,
  approval: Approval | undefined,
): { readonly state: HoldState; readonly verdict: HoldVerdict } {
  const moveBps = largerMoveBps(reading, onChain);
  if (moveBps <= config.holdBandBps) return { state: NOTHING_HELD, verdict: { kind: "in-band" } };
  const readings = withReading(state.readings, reading, config.holdAgreementBps);
  const next: HoldState = { readings };
  if (approval !== undefined && agree([reading, approval], config.holdAgreementBps)) {
    return { state: next, verdict: { kind: "approved", moveBps, by: approval.by } };
  }
  const sinceS = readings[0]?.blockTimestampS ?? reading.blockTimestampS;
  const spanS = reading.blockTimestampS - sinceS;
  const agreed = readings.length >= config.holdConfirmations && spanS >= config.holdMinDurationS;
  return {
    state: next,
    verdict: agreed
      ? { kind: "agreed", moveBps, agreeing: readings.length }
      : { kind: "held", moveBps, agreeing: readings.length, sinceS },
  };
}

/** The longest run of newest readings that agree with each other; the same source block counts once. */
function withReading(
  readings: readonly HeldReading[],
  reading: HeldReading,
  agreementBps: bigint,
): readonly HeldReading[] {
  const last = readings.at(-1);
  if (last !== undefined && reading.blockTimestampS - last.blockTimestampS > MAX_GAP_S) return [reading];
  if (last !== undefined && reading.blockNumber <= last.blockNumber) {
    return agree([...readings, reading], agreementBps) ? readings : [reading];
  }
  let run: HeldReading[] = [...readings, reading];
  while (run.length > 1 && !agree(run, agreementBps)) run = run.slice(1);
  return run.length <= MAX_READINGS ? run : [...run.slice(0, 1), ...run.slice(2)];
}

function agree(pairs: readonly PricePair[], agreementBps: bigint): boolean {
  const [first, ...rest] = pairs;
  if (first === undefined) return true;
  const within = (values: readonly [bigint, ...bigint[]]) =>
    deviationBps(maxOf(...values), minOf(...values)) <= agreementBps;
  return (
    within([first.ethUsd8, ...rest.map((pair) => pair.ethUsd8)]) &&
    within([first.elizaUsd8, ...rest.map((pair) => pair.elizaUsd8)])
  );
}
