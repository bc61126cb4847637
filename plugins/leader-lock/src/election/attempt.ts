/**
 * A write and its repetitions. The outcome of a write that nobody answered is unknown, so it is repeated byte for byte: landing
 * twice is landing once. A lease counts from the *first* sending, since any of them may be the one that landed.
 */
import type { StoreRecord } from "@jeju-oracle/kit";
import type { Attempt, Effect, ElectionConfig, Moment } from "./election-types.ts";
import { encodeLease, type LeaseRecord } from "./lease-record.ts";

/** The first sending of `lease` in place of `previous`. */
export function newAttempt(
  purpose: Attempt["purpose"],
  previous: StoreRecord | null,
  lease: LeaseRecord,
  { nowMs }: Moment,
): Attempt {
  return {
    purpose,
    previous,
    lease,
    next: encodeLease(lease),
    firstSentMs: nowMs,
    underWay: true,
    repeatAtMs: Number.POSITIVE_INFINITY,
  };
}

/** The attempt after an unknown outcome: repeated a little later. */
export function unsettled(attempt: Attempt, { nowMs }: Moment, { retryMs }: ElectionConfig): Attempt {
  return { ...attempt, underWay: false, repeatAtMs: nowMs + retryMs };
}

/** The attempt as it is sent once more, or undefined when that is not due. */
export function repetition(attempt: Attempt, { nowMs }: Moment): Attempt | undefined {
  if (attempt.underWay || nowMs < attempt.repeatAtMs) return undefined;
  return { ...attempt, underWay: true };
}

/** When a tick is due for the attempt: never while an outcome is awaited. */
export function attemptDueMs(attempt: Attempt): number {
  return attempt.underWay ? Number.POSITIVE_INFINITY : attempt.repeatAtMs;
}

/** Until when an agent may act on the lease of this attempt once it landed. */
export function validUntil({ firstSentMs }: Attempt, { ttlMs, marginMs }: ElectionConfig): number {
  return firstSentMs + ttlMs - marginMs;
}

export function writeEffect({ purpose, previous, next }: Attempt): Effect {
  return { kind: "write", purpose, previous, next };
}

/** What every lease tells that names this agent as its holder. */
export function ownLease({ self, ttlMs, lockPlace }: ElectionConfig, { wallMs, nonce, report }: Moment) {
  const place = lockPlace === undefined ? {} : { lockPlace };
  return { holder: self, ttlMs, timestamp: wallMs, nonce, report, ...place };
}
