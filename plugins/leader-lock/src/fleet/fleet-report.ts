/** The fleet as its records tell at one moment, for whoever has no agent to ask. Pure. */
import type { StoreRecord } from "@jeju-oracle/kit";
import { decodeLease, type LeaseRecord } from "../election/lease-record.ts";
import type { Liveness } from "../identity/process-probe.ts";
import { decodeFailover, type FailoverIntent } from "../intents/intent-records.ts";
import { type Orders, ordersIn } from "../intents/obedience.ts";
import { decodeMember, decodeReport, type MemberRecord } from "./member-record.ts";
import { FAILOVER_INTENT, MEMBER_PREFIX, ORACLE_LEASE } from "./names.ts";

type Identity = MemberRecord["identity"];

/** A member as its record tells; its own clock says when it was written. */
export interface MemberEntry {
  readonly identity: Identity;
  readonly stopped: boolean;
  /** Whether the lease names this process. */
  readonly leads: boolean;
  /** Wall clock of the writer: for people, never compared to decide. */
  readonly timestamp: number;
  readonly report: MemberRecord["report"];
  /** Proved on this host; unknown for members of other hosts. */
  readonly liveness: Liveness;
}

/** Everything that the store knows of the fleet at one moment. */
export interface FleetReport {
  readonly store: string;
  readonly lease: LeaseRecord | undefined;
  /** Ordered by id. */
  readonly members: readonly MemberEntry[];
  readonly orders: Orders;
  readonly failover: FailoverIntent | undefined;
}

/** Asks whether the process of a member lives. */
export type Probe = (process: Identity["process"]) => Liveness;

/** Reads a listing of the fleet's records. What cannot be decoded is left out. */
export function fleetReport(store: string, listed: readonly StoreRecord[], probe: Probe): FleetReport {
  const records = new Map(listed.map((record) => [record.name, record]));
  const leaseRecord = records.get(ORACLE_LEASE);
  const lease = leaseRecord === undefined ? undefined : decodeLease(leaseRecord.value);
  const failover = records.get(FAILOVER_INTENT);
  const members = listed
    .filter(({ name }) => name.startsWith(MEMBER_PREFIX))
    .flatMap(({ value }) => decodeMember(value) ?? [])
    .map((member) => toEntry(member, lease, probe));
  const leader = leaderOnly(lease, probe);
  const known = members.some(({ identity }) => identity.botId === leader?.identity.botId);
  const all = leader === undefined || known ? members : [...members, leader];
  return {
    store,
    lease,
    members: all.sort((a, b) => (a.identity.botId < b.identity.botId ? -1 : 1)),
    orders: ordersIn(records),
    failover: failover === undefined ? undefined : decodeFailover(failover.value),
  };
}

/** A leader reports inside its lease: that is the newer word. */
function toEntry(
  { identity, stopped, timestamp, report }: MemberRecord,
  lease: LeaseRecord | undefined,
  probe: Probe,
): MemberEntry {
  const leads = lease?.holder?.incarnation === identity.incarnation;
  const ownWord = leads ? decodeReport(lease.report) : undefined;
  return {
    identity,
    stopped,
    leads,
    timestamp: ownWord === undefined ? timestamp : Math.max(timestamp, lease?.timestamp ?? 0),
    report: ownWord ?? report,
    liveness: probe(identity.process),
  };
}

/** A leader whose own record is not there, as after a wipe. */
function leaderOnly(lease: LeaseRecord | undefined, probe: Probe): MemberEntry | undefined {
  const report = decodeReport(lease?.report);
  if (lease?.holder == null || report === undefined) return undefined;
  const { holder, timestamp } = lease;
  const liveness = probe(holder.process);
  return { identity: holder, stopped: false, leads: true, timestamp, report, liveness };
}
