/** Who of the fleet should lead: by health, then priority, then name. Pure. */
import type { FitnessTrouble, FleetMember } from "@jeju-oracle/kit";

/** How far apart candidates of neighbouring rank claim a free lease: longer than a claim takes, so that few race. */
export const CLAIM_STAGGER_MS = 500;

/** Members that could lead, the best first. */
export function candidates(members: readonly FleetMember[]): readonly FleetMember[] {
  return members
    .filter((member) => member.alive && !member.nofailover)
    .sort((a, b) => Number(b.fit) - Number(a.fit) || b.priority - a.priority || (a.botId < b.botId ? -1 : 1));
}

/** Position of `botId` among those that could take over from the present leader; behind all when it is not among them. */
export function claimRank(members: readonly FleetMember[], botId: string): number {
  const waiting = candidates(members).filter((member) => member.role !== "leader" || member.botId === botId);
  const rank = waiting.findIndex((member) => member.botId === botId);
  return rank < 0 ? waiting.length : rank;
}

/** Trouble that passing the lead on would cure, and that has lasted for `resignAfterMs`. */
export function lastingTrouble(
  troubles: readonly FitnessTrouble[],
  resignAfterMs: number,
): FitnessTrouble | undefined {
  return troubles.find(({ shared, forMs }) => !shared && forMs >= resignAfterMs);
}

/** Who a leader in trouble should hand over to: only a member that is strictly better off. */
export function healthierThanLeader(
  members: readonly FleetMember[],
  leaderId: string,
): FleetMember | undefined {
  return candidates(members).find((member) => member.botId !== leaderId && member.fit);
}
