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
  const { sinceMs } = seen;
  const unknownTtlMs = Math.max(config.ttlMs, state.longestTtlMs);
  if (seen.record === null) {
    const waitMs = config.claimEmptyAtOnce ? 0 : unknownTtlMs;
    return { how: "empty", atMs: sinceMs + waitMs + standing.claimDelayMs };
  }
  if (seen.lease === undefined)
    return { how: "unreadable", atMs: sinceMs + unknownTtlMs + standing.claimDelayMs };
  const { holder, ttlMs, nominee } = seen.lease;
  const graceMs = nominee === undefined ? 0 : config.nomineeGraceMs;
  const delayMs = nominee === config.self.botId ? 0 : standing.claimDelayMs + graceMs;
  if (holder === null) return { how: "released", atMs: sinceMs + delayMs };
  if (isSameAgent(holder, config.self)) return { how: "own", atMs: sinceMs };
  if (seen.holderIsDead) return { how: "dead", atMs: sinceMs + delayMs };
  return { how: "expired", atMs: sinceMs + ttlMs + delayMs };
}
