/** Whether a member can be asked to lead, or to do anything, as the records tell. Pure. Whether it is fit, its leader judges. */
import type { FleetReport, MemberEntry } from "../fleet/fleet-report.ts";
import { IntentRefusedError } from "./errors.ts";

/** The member of this name. @throws {IntentRefusedError} naming those that there are. */
export function memberNamed({ members }: FleetReport, botId: string): MemberEntry {
  const member = members.find(({ identity }) => identity.botId === botId);
  if (member !== undefined) return member;
  const known = members.map(({ identity }) => identity.botId);
  const list = known.length === 0 ? "the store knows no member" : `members are ${known.join(", ")}`;
  throw new IntentRefusedError(`there is no member ${botId}`, `Name a member: ${list}.`);
}

/** A member whose process may live. @throws {IntentRefusedError} */
export function runningMember(report: FleetReport, botId: string): MemberEntry {
  const member = memberNamed(report, botId);
  const { identity, stopped, liveness } = member;
  if (!stopped && liveness !== "dead") return member;
  const why = stopped ? `${botId} is not running` : `the process of ${botId} is dead`;
  throw new IntentRefusedError(why, `Start its service on ${identity.host}.`);
}

/** A member that can be named as the next leader. @throws {IntentRefusedError} */
export function candidateNamed(report: FleetReport, botId: string): MemberEntry {
  if (report.lease?.holder?.botId === botId) {
    throw new IntentRefusedError(`${botId} leads already`, "Nothing is to be done.");
  }
  const member = memberNamed(report, botId);
  if (member.report.nofailover) {
    throw new IntentRefusedError(`${botId} never leads (LEADER_NOFAILOVER)`, "Name another member.");
  }
  return runningMember(report, botId);
}
