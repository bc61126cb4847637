/**
 * Leadership without an election: this agent may always act. Two such agents on one oracle do not harm each other,
 * because an update lands only if its decision saw the last one (the fence), but both spend requests on it.
 */
import type { Leadership, LeadershipGrant, LeadershipRefusal, LeadershipStatus } from "@jeju-oracle/kit";

/** Term of an agent that was never elected. */
const NO_TERM = 0;

export class StandaloneLeadership implements Leadership {
  readonly #botId: string;
  #draining = false;

  constructor(botId: string) {
    this.#botId = botId;
  }

  /** Granted until {@link drain}: nothing can take the lead away, so any `minRemainingMs` is covered. */
  guard(_minRemainingMs: number): LeadershipGrant | LeadershipRefusal {
    return this.#draining
      ? { granted: false, leaderId: undefined, reason: "draining" }
      : { granted: true, as: "standalone", term: NO_TERM };
  }

  leadershipStatus(): LeadershipStatus {
    return {
      role: "standalone",
      term: NO_TERM,
      leaderId: this.#draining ? undefined : this.#botId,
      validForMs: undefined,
    };
  }

  /** Refuses from now on: the agent is stopping. Idempotent. */
  drain(): void {
    this.#draining = true;
  }
}
