/**
 * Pushing without a leader: while the store is out of reach nobody can hold a lease, and a price that ages is pushed by the
 * agents in the order of their rank. Pure. The fence on chain keeps updates unique, whoever else pushes (G2).
 */
export interface FallbackInput {
  /** For how long the store has been out of reach, ms; see Exchange. */
  readonly storeOutageMs: number;
  readonly priceAgeMs: number;
  /** Place among the members that were last known to live; undefined when this agent was not seen among them. */
  readonly rank: () => number | undefined;
  readonly botId: string;
  /** Never pushes on its own account. */
  readonly nofailover: boolean;
}

export interface FallbackConfig {
  readonly ttlMs: number;
  readonly fallbackAfterMs: number;
  readonly fallbackRankOffsetMs: number;
}

/** Agents that know nothing of each other spread over this many places. */
const UNKNOWN_RANKS = 4;

/** Whether this agent may push although nobody leads. */
export function mayFallBack(input: FallbackInput, config: FallbackConfig): boolean {
  // Within the ttl of the last answer somebody may lead: there is no outage to fall back from.
  if (input.nofailover || input.storeOutageMs < config.ttlMs) return false;
  const rank = input.rank() ?? spread(input.botId);
  return input.priceAgeMs >= config.fallbackAfterMs + rank * config.fallbackRankOffsetMs;
}

function spread(botId: string): number {
  return Bun.hash.crc32(botId) % UNKNOWN_RANKS;
}
