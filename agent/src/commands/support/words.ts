/** Sentences that several commands share. Pure. */
import { BaseError } from "@jeju-oracle/kit";
import type { FleetReport, MemberEntry } from "@jeju-oracle/plugin-leader-lock";

/** `bot-1 (term 6)`, or that nobody leads. */
export function leaderWords({ lease }: FleetReport): string {
  if (lease === undefined) return "nobody";
  return lease.holder === null
    ? `nobody (term ${lease.term} was let go)`
    : `${lease.holder.botId} (term ${lease.term})`;
}

export function namesOf(members: readonly MemberEntry[]): string {
  return members.map(({ identity }) => identity.botId).join(", ");
}

/** Whether its process may read what is written: it did not say goodbye, and nothing proves it dead. */
export function mayAnswer({ stopped, liveness }: MemberEntry): boolean {
  return !stopped && liveness !== "dead";
}

class NoFleetError extends BaseError {
  constructor(store: string) {
    super(`${store} has never held a fleet`, {
      code: "no-fleet",
      retryable: false,
      nextStep:
        "Check that LEADER_LOCK_URL (or LEADER_LOCK_FILE) names the fleet's store. Nothing was written.",
    });
  }
}

/** An order in a store that nobody reads would look obeyed. @throws {NoFleetError} */
export function requireFleet({ store, lease, members }: FleetReport): void {
  if (lease === undefined && members.length === 0) throw new NoFleetError(store);
}
