/** Whether a member can be asked to lead, or to do anything, as the records tell. Pure. Whether it is fit, its leader judges. */

import type { LeaseRecord } from "../election/lease-record.ts";
import type { FleetReport, MemberEntry } from "../fleet/fleet-report.ts";
import { IntentRefusedError } from "./errors.ts";

/** The lease, whoever holds it. @throws {IntentRefusedError} when there is none to be read. */
export function leaseIn({ lease }: FleetReport): LeaseRecord {
  if (lease !== undefined) return lease;
  throw new IntentRefusedError(
    "the store holds no lease that can be read: no fleet was ever elected in it",
    "Start an agent, or check that LEADER_LOCK_URL names the fleet's store.",
  );
}

/** The lease of a leader that can be asked to hand over. @throws {IntentRefusedError} */
export function heldLease(report: FleetReport): LeaseRecord {
  const lease = leaseIn(report);
  if (lease.holder !== null) return lease;
  throw new IntentRefusedError(
    "nobody leads at the moment",
    "Wait for the election; `oracle-agent list` shows who may lead, `oracle-agent force-leader` names one.",
  );
}

/** The member of this name. @throws {IntentRefusedError} naming those that there are. */
function memberNamed({ members }: FleetReport, botId: string): MemberEntry {
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
