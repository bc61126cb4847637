/**
 * When a lease may be claimed: the rule on which G1 rests. Everything is judged by this agent's own clock; the time that a record
 * tells is for people.
 */
import type { ElectionConfig, HowFree, In, Standing } from "./election-types.ts";
import { isSameAgent } from "./lease-record.ts";

/** Why and from when the watched record can be claimed; undefined when not, or not by this agent. */
export function claimable(
  state: In<"follower">,
  standing: Standing,
  config: ElectionConfig,
): { readonly how: HowFree; readonly atMs: number } | undefined {
  const { seen } = state;
  if (seen === undefined || !standing.eligible) return undefined;
  const { sinceMs, deadSinceMs, lease } = seen;
  const { claimDelayMs } = standing;
  if (seen.record === null) {
    return config.claimEmptyAtOnce ? { how: "empty", atMs: sinceMs + claimDelayMs } : undefined;
  }
  // Who holds it, and on what terms, is unknown: as long as the longest promise that this agent knows of.
  const unknownTtlMs = Math.max(config.ttlMs, state.longestTtlMs);
  if (lease === undefined) return { how: "unreadable", atMs: sinceMs + unknownTtlMs + claimDelayMs };
  const { holder, ttlMs, nominee } = lease;
  const graceMs = nominee === undefined ? 0 : config.nomineeGraceMs;
  const delayMs = nominee === config.self.botId ? 0 : claimDelayMs + graceMs;
  if (lease.quarantined === true) {
    return { how: "empty", atMs: sinceMs + Math.max(ttlMs, unknownTtlMs) + delayMs };
  }
  if (holder === null) return { how: "released", atMs: sinceMs + delayMs };
  if (isSameAgent(holder, config.self)) return { how: "own", atMs: sinceMs };
  const expired = { how: "expired", atMs: sinceMs + ttlMs + delayMs } as const;
  if (deadSinceMs === undefined || deadSinceMs + delayMs > expired.atMs) return expired;
  return { how: "dead", atMs: deadSinceMs + delayMs };
}
