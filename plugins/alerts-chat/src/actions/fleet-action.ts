/** What actions on the fleet have in common: they need its store, and rest on who leads in which term. */
import { BaseError, type FleetControl, type FleetMember } from "@jeju-oracle/kit";
import type { SystemView } from "./system-view.ts";

/** @throws {BaseError} when election is off. */
export function fleetOf(view: SystemView): FleetControl {
  if (view.fleet !== undefined) return view.fleet;
  throw new BaseError("election is off: there is no fleet to act on", {
    code: "no-fleet",
    retryable: false,
    nextStep: "Set LEADER_ELECTION_ENABLED=true and LEADER_LOCK_URL on every host.",
  });
}

/** Who leads, in words that are compared at the press. */
export function leaderAndTerm(view: SystemView): { readonly leader: string; readonly term: string } {
  const status = view.leadership();
  return { leader: status?.leaderId ?? "nobody", term: String(status?.term ?? 0) };
}

/** @throws {BaseError} naming the members. */
export function memberOf(view: SystemView, botId: string): FleetMember {
  const members = view.members();
  const found = members.find((member) => member.botId === botId);
  if (found !== undefined) return found;
  throw new BaseError(`there is no member ${botId}`, {
    code: "unknown-member",
    retryable: false,
    nextStep: `Members are ${members.map((member) => member.botId).join(", ") || "not known yet"}.`,
  });
}

/** Living members that obey a directive, and those that do not yet. */
export function obedienceTo(view: SystemView, directiveId: string) {
  const alive = view.members().filter((member) => member.alive);
  const missing = alive.filter((member) => member.directiveId !== directiveId).map(({ botId }) => botId);
  return { alive, missing };
}
