/** Who may act. The leader-lock plugin implements it; the price loop asks one question before every side effect. */

export interface LeadershipGrant {
  readonly granted: true;
  /** Fencing term: grows with every change of leader. 0 when election is off. */
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
}

export interface Leadership {
  /**
   * Asks for leave to act for the next `minRemainingMs`. Answers from the clock at the moment of the call, so an
   * answer must not be kept: ask again right before the side effect.
   */
  guard(minRemainingMs: number): LeadershipGrant | LeadershipRefusal;
  /** Role and term for display. Not a permission: only {@link guard} is. */
  leadershipStatus(): LeadershipStatus;
}
