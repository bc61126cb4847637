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

/** Empty when healthy. A follower that stands by is healthy. */
export function unhealthyReasons(input: HealthInput): readonly string[] {
  const reasons: string[] = [];
  if (input.consecutiveFailures > MAX_CONSECUTIVE_FAILURES) {
    reasons.push(`${input.consecutiveFailures} consecutive failures`);
  }
  if (input.baseUnreachableForMs >= MAX_UNREACHABLE_MS)
    reasons.push("Base has been unreachable for over 60 s");
  if (input.jejuUnreachableForMs >= MAX_UNREACHABLE_MS)
    reasons.push("Jeju has been unreachable for over 60 s");
  if (input.priceAgeS === undefined) reasons.push("the price on chain has not been read yet");
  else if (input.priceAgeS > STALE_AFTER_S)
    reasons.push(`the price on chain is stale: ${input.priceAgeS} s old`);
  return reasons;
}
