/** Listings of a fleet's records as a store would give them, for the pure parts that read them. */
import type { FleetMember, StoreRecord } from "@jeju-oracle/kit";
import { type AgentIdentity, encodeLease, type LeaseRecord } from "../../../src/election/lease-record.ts";
import { encodeMember, encodeReport, type FullReport } from "../../../src/fleet/member-record.ts";
import { memberName, ORACLE_LEASE } from "../../../src/fleet/names.ts";
import { identityOf, reportWith } from "../../intents/support/fleet-records.ts";

export const TTL_MS = 20_000;

export function recordOf(name: string, value: string, version: string | number): StoreRecord {
  return { name, value, version: String(version) };
}

export function memberRecord(
  identity: AgentIdentity,
  version: string | number,
  { stopped = false, report = {} as Partial<FullReport>, timestamp = 1_000 } = {},
): StoreRecord {
  const record = { identity, stopped, timestamp, nonce: `nonce-${version}`, report: reportWith(report) };
  return recordOf(memberName(identity.botId), encodeMember(record), version);
}

export function leaseRecord(
  holder: AgentIdentity | null,
  version: string | number,
  changes: Partial<LeaseRecord> = {},
): StoreRecord {
  const lease: LeaseRecord = {
    term: 3,
    holder,
    ttlMs: TTL_MS,
    timestamp: 2_000,
    nonce: `lease-nonce-${version}`,
    why: "released",
    from: null,
    ...(holder === null ? {} : { report: encodeReport(reportWith()) }),
    ...changes,
  };
  return recordOf(ORACLE_LEASE, encodeLease(lease), version);
}

export function memberWith(botId: string, changes: Partial<FleetMember> = {}): FleetMember {
  const { incarnation, host, pid } = identityOf(botId);
  return {
    ...{ botId, incarnation, host, pid },
    ...reportWith({ tag: `tag-of-${botId}` }),
    role: "follower",
    alive: true,
    silentForMs: 0,
    ...changes,
  };
}

export { identityOf, reportWith };
