/** Answers of the leadership port, as a test wants them. */
import type { Leadership, LeadershipGrant, LeadershipRefusal } from "@jeju-oracle/kit";

type Answer = LeadershipGrant | LeadershipRefusal;

const REFUSED: LeadershipRefusal = { granted: false, leaderId: "other", reason: "follower" };

/** Leadership by a function of the price's age; remembers every age it was asked with. */
export class ScriptedLeadership implements Leadership {
  readonly agesMs: (number | undefined)[] = [];
  answer: (priceAgeMs: number | undefined) => Answer;

  constructor(answer: (priceAgeMs: number | undefined) => Answer) {
    this.answer = answer;
  }

  guard(_minRemainingMs: number, priceAgeMs?: number): Answer {
    this.agesMs.push(priceAgeMs);
    return this.answer(priceAgeMs);
  }

  leadershipStatus() {
    return { role: "follower", term: 0, leaderId: undefined, validForMs: undefined } as const;
  }

  /** From now on this agent leads in `term`. */
  lead(term: number): void {
    this.answer = () => ({ granted: true, as: "leader", term });
  }

  follow(): void {
    this.answer = () => REFUSED;
  }
}

export function follower(): ScriptedLeadership {
  return new ScriptedLeadership(() => REFUSED);
}

/** Nobody can lead; a price older than `ageS` may be pushed all the same. */
export function fallbackAfter(ageS: number, term: number): ScriptedLeadership {
  return new ScriptedLeadership((priceAgeMs) =>
    priceAgeMs !== undefined && priceAgeMs >= ageS * 1000
      ? { granted: true, as: "fallback", term }
      : { granted: false, leaderId: undefined, reason: "no-leader" },
  );
}
