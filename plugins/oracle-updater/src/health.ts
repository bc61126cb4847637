/** Whether this agent can do its job. Pure; the reasons are words an operator can act on. */
import { STALE_AFTER_S } from "./decision/decide.ts";

export interface HealthInput {
  readonly consecutiveFailures: number;
  readonly baseUnreachableForMs: number;
  readonly jejuUnreachableForMs: number;
  /** Age of the price on chain in s; undefined before the first read. */
  readonly priceAgeS: bigint | undefined;
}

/** Seed: OracleHighFailureRate, more than 5 consecutive failures. */
const MAX_CONSECUTIVE_FAILURES = 5;
const MAX_UNREACHABLE_MS = 60_000;

export interface UnhealthyReason {
  readonly code: "failing" | "base-unreachable" | "jeju-unreachable" | "price-unread" | "price-stale";
  readonly text: string;
}

/** Empty when healthy. A follower that stands by is healthy. */
export function unhealthyReasons(input: HealthInput): readonly UnhealthyReason[] {
  const { consecutiveFailures, baseUnreachableForMs, jejuUnreachableForMs, priceAgeS } = input;
  const reasons: UnhealthyReason[] = [];
  if (consecutiveFailures > MAX_CONSECUTIVE_FAILURES) {
    reasons.push({ code: "failing", text: `${consecutiveFailures} consecutive failures` });
  }
  if (baseUnreachableForMs >= MAX_UNREACHABLE_MS) {
    reasons.push({ code: "base-unreachable", text: "Base has been unreachable for over 60 s" });
  }
  if (jejuUnreachableForMs >= MAX_UNREACHABLE_MS) {
    reasons.push({ code: "jeju-unreachable", text: "Jeju has been unreachable for over 60 s" });
  }
  if (priceAgeS === undefined) {
    reasons.push({ code: "price-unread", text: "the price on chain has not been read yet" });
  } else if (priceAgeS > STALE_AFTER_S) {
    reasons.push({ code: "price-stale", text: `the price on chain is stale: ${priceAgeS} s old` });
  }
  return reasons;
}
