/** Who may act. The leader-lock plugin implements it; the price loop asks one question before every side effect. */

/**
 * How long leadership must last yet for an update to be sent, ms: until the node has the transaction. The price loop asks for as
 * much; a lease that is renewed in time must always have it left.
 */
export const SEND_GUARD_MS = 3_000;

export interface LeadershipGrant {
  readonly granted: true;
  /**
   * `leader`: this agent holds the lease. `standalone`: election is off. `fallback`: nobody can hold the lease because the
   * store is out of reach, the price on chain has aged, and it is this agent's turn; the fence keeps updates unique.
   */
  readonly as: "leader" | "standalone" | "fallback";
  /** Fencing term: grows with every change of leader. 0 when election is off; the last one seen in fallback. */
  readonly term: number;
}

export interface LeadershipRefusal {
  readonly granted: false;
  readonly leaderId: string | undefined;
  readonly reason: "follower" | "no-leader" | "expiring" | "draining";
}

export interface LeadershipStatus {
  readonly role: "leader" | "follower" | "standalone";
  readonly term: number;
  readonly leaderId: string | undefined;
  /** Time in ms that the lease of this agent still covers; undefined unless it leads. */
  readonly validForMs: number | undefined;
}

export interface Leadership {
  /**
   * Asks for leave to act for the next `minRemainingMs`. Answers from the clock at the moment of the call, so an
   * answer must not be kept: ask again right before the side effect.
   * @param priceAgeMs age of the price on chain; without it there is no fallback grant.
   */
  guard(minRemainingMs: number, priceAgeMs?: number): LeadershipGrant | LeadershipRefusal;
  /** Role and term for display. Not a permission: only {@link guard} is. */
  leadershipStatus(): LeadershipStatus;
}
