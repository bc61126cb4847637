/**
 * What is in flight from the sending account, judged from evidence: the account's nonces and our own journal. A
 * transaction that is neither mined nor provably dead could land later with an old price, so its nonce is settled
 * before anything new is sent. Pure.
 */

export interface Fees {
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

/** An own transaction whose nonce is not used up on chain. */
export interface OpenTransaction extends Fees {
  readonly hash: `0x${string}`;
  readonly nonce: number;
  /** True for a cancellation that a node has taken: it does no harm wherever it lands. */
  readonly harmless: boolean;
  /** Time in ms since it was signed; Infinity for one of an earlier run of this process. */
  readonly ageMs: number;
}

export interface InFlightEvidence {
  /** Next nonce by mined transactions. */
  readonly latestNonce: number;
  /** Next nonce when the node's mempool counts too. */
  readonly pendingNonce: number;
  readonly open: readonly OpenTransaction[];
  /** Time in ms for which another sender's pending transaction has been seen at `latestNonce`. */
  readonly foreignPendingForMs: number;
}

export type InFlight =
  | { readonly kind: "clear" }
  /** Give it time: it is within its deadline. */
  | { readonly kind: "wait"; readonly nonce: number; readonly whose: "own" | "other"; readonly ageMs: number }
  /** Past its deadline: replace it at its nonce by a fresh decision, or cancel it. */
  | {
      readonly kind: "resolve";
      readonly nonce: number;
      readonly whose: "own" | "other";
      readonly ageMs: number;
      /** Fees a replacement must exceed; undefined when they are not ours to know. */
      readonly floor: Fees | undefined;
    }
  /** An own transaction waits behind a gap: it must be cancelled before the gap is filled, or it lands right after. */
  | { readonly kind: "cancel-queued"; readonly nonce: number; readonly ageMs: number; readonly floor: Fees };

/** The account sends one transaction at a time, so a larger distance is a journal of another chain, not a queue. */
export const MAX_PLAUSIBLE_QUEUE = 16;

/** Judges the evidence. `deadlineMs`: how long a transaction may stay unmined. */
export function judgeInFlight(evidence: InFlightEvidence, deadlineMs: number): InFlight {
  const { latestNonce, pendingNonce } = evidence;
  const open = evidence.open.filter(
    ({ nonce }) => nonce >= latestNonce && nonce < latestNonce + MAX_PLAUSIBLE_QUEUE,
  );
  const queued = open.filter(({ nonce }) => nonce > latestNonce);
  const harmful = harmfulNonces(queued);
  const highest = Math.max(...harmful, latestNonce);
  if (highest > latestNonce) {
    const atHighest = queued.filter(({ nonce }) => nonce === highest);
    return {
      kind: "cancel-queued",
      nonce: highest,
      ageMs: youngest(atHighest),
      floor: highestFees(atHighest),
    };
  }
  const next = open.filter(({ nonce }) => nonce === latestNonce);
  if (next.length === 0 && queued.length > 0) {
    return { kind: "resolve", nonce: latestNonce, whose: "own", ageMs: youngest(queued), floor: undefined };
  }
  if (next.length > 0) {
    const ageMs = youngest(next);
    return ageMs < deadlineMs
      ? { kind: "wait", nonce: latestNonce, whose: "own", ageMs }
      : { kind: "resolve", nonce: latestNonce, whose: "own", ageMs, floor: highestFees(next) };
  }
  if (pendingNonce > latestNonce) {
    const ageMs = evidence.foreignPendingForMs;
    return ageMs < deadlineMs
      ? { kind: "wait", nonce: latestNonce, whose: "other", ageMs }
      : { kind: "resolve", nonce: latestNonce, whose: "other", ageMs, floor: undefined };
  }
  return { kind: "clear" };
}

/** Nonces at which the transaction that pays most, and so is the one a mempool keeps, could still change the price. */
function harmfulNonces(queued: readonly OpenTransaction[]): readonly number[] {
  const best = new Map<number, OpenTransaction>();
  for (const transaction of queued) {
    const known = best.get(transaction.nonce);
    if (known === undefined || transaction.maxFeePerGasWei > known.maxFeePerGasWei) {
      best.set(transaction.nonce, transaction);
    }
  }
  return [...best.values()].filter(({ harmless }) => !harmless).map(({ nonce }) => nonce);
}

function youngest(transactions: readonly OpenTransaction[]): number {
  return transactions.reduce((least, { ageMs }) => Math.min(least, ageMs), Number.POSITIVE_INFINITY);
}

/** The dearest of each fee: what a replacement of all of them must exceed. */
export function highestFees(transactions: readonly Fees[]): Fees {
  return transactions.reduce(
    (most, fees) => ({
      maxFeePerGasWei: larger(most.maxFeePerGasWei, fees.maxFeePerGasWei),
      maxPriorityFeePerGasWei: larger(most.maxPriorityFeePerGasWei, fees.maxPriorityFeePerGasWei),
    }),
    { maxFeePerGasWei: 0n, maxPriorityFeePerGasWei: 0n },
  );
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
