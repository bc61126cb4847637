/**
 * Members that fell silent without a goodbye, as this agent sees it by its own clock. One that comes back, or whose record is gone, is
 * forgotten; so is everybody's silence while the store does not answer, because then nobody can be heard.
 */
import type { FleetMember } from "@jeju-oracle/kit";

/** Seed: OracleBotDown, not responding for 2 minutes. */
const DOWN_AFTER_MS = 120_000;

export interface MembersSeen {
  readonly botId: string;
  readonly members: readonly FleetMember[];
  readonly storeReachable: boolean;
  /** Silence after which a member does not count as alive, ms. */
  readonly ttlMs: number;
}

export class DownMembers {
  /** Since when a member is known not to be alive. */
  #silentSinceMs: ReadonlyMap<string, number> = new Map();

  /** Takes a look into account. @returns the members that are down. */
  saw({ botId, members, storeReachable, ttlMs }: MembersSeen, nowMs: number): readonly FleetMember[] {
    const silent = members.filter(
      (member) => storeReachable && member.botId !== botId && !member.alive && member.role !== "stopped",
    );
    const since = this.#silentSinceMs;
    this.#silentSinceMs = new Map(silent.map((member) => [member.botId, since.get(member.botId) ?? nowMs]));
    // Whoever is not alive was silent for a ttl before.
    return silent.filter(
      (member) => nowMs - (this.#silentSinceMs.get(member.botId) ?? nowMs) + ttlMs >= DOWN_AFTER_MS,
    );
  }
}
