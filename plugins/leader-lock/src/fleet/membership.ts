/**
 * Who belongs to the fleet and who of them is alive, from one listing of the store to the next. Pure. A member is alive while
 * its record changes, as watched by this agent's own clock; what clocks its record tells is for people.
 */
import type { FleetMember, StoreRecord } from "@jeju-oracle/kit";
import { decodeLease, type LeaseRecord } from "../election/lease-record.ts";
import { decodeMember, decodeReport, type MemberRecord } from "./member-record.ts";
import { MEMBER_PREFIX, ORACLE_LEASE } from "./names.ts";

interface Watched {
  readonly version: string;
  readonly sinceMs: number;
}

export interface Membership {
  /** By record name: the version that was last seen, and since when. */
  readonly watched: ReadonlyMap<string, Watched>;
  readonly records: ReadonlyMap<string, StoreRecord>;
  /** When the latest listing arrived; undefined before the first. */
  readonly listedAtMs: number | undefined;
}

export const NO_MEMBERSHIP: Membership = { watched: new Map(), records: new Map(), listedAtMs: undefined };

/** Takes a listing of the fleet's records into account. */
export function observeListing(
  before: Membership,
  listed: readonly StoreRecord[],
  nowMs: number,
): Membership {
  const watched = new Map<string, Watched>();
  for (const { name, version } of listed) {
    const earlier = before.watched.get(name);
    watched.set(name, earlier?.version === version ? earlier : { version, sinceMs: nowMs });
  }
  return { watched, records: new Map(listed.map((record) => [record.name, record])), listedAtMs: nowMs };
}

/** Every member, ordered by id. `ttlMs`: silence after which one counts as gone. */
export function membersAt(membership: Membership, nowMs: number, ttlMs: number): readonly FleetMember[] {
  const lease = leaseOf(membership);
  const members = [...membership.records.values()]
    .filter(({ name }) => name.startsWith(MEMBER_PREFIX))
    .flatMap((record) => {
      const member = decodeMember(record.value);
      return member === undefined ? [] : [toMember(membership, record.name, member, lease, nowMs, ttlMs)];
    });
  const known = new Set(members.map(({ botId }) => botId));
  const leader = lease === undefined ? undefined : leaderOnly(membership, lease, nowMs, ttlMs);
  const all = leader === undefined || known.has(leader.botId) ? members : [...members, leader];
  return all.sort((a, b) => (a.botId < b.botId ? -1 : 1));
}

/** The lease to push prices as last listed. */
export function leaseOf(membership: Membership): LeaseRecord | undefined {
  const record = membership.records.get(ORACLE_LEASE);
  return record === undefined ? undefined : decodeLease(record.value);
}

function toMember(
  membership: Membership,
  name: string,
  { identity, stopped, report }: MemberRecord,
  lease: LeaseRecord | undefined,
  nowMs: number,
  ttlMs: number,
): FleetMember {
  const leads = lease?.holder?.botId === identity.botId && lease.holder.incarnation === identity.incarnation;
  // A leader reports inside its lease; its own record stands still meanwhile.
  const fresh = leads ? decodeReport(lease.report) : undefined;
  const silentForMs = Math.min(
    silenceOf(membership, name, nowMs),
    leads ? silenceOf(membership, ORACLE_LEASE, nowMs) : Number.POSITIVE_INFINITY,
  );
  return {
    ...pick(identity),
    ...withAllFields(fresh ?? report),
    role: stopped ? "stopped" : leads ? "leader" : "follower",
    alive: !stopped && silentForMs < ttlMs,
    silentForMs,
  };
}

/** A leader whose own record is not there, as after a wipe. */
function leaderOnly(
  membership: Membership,
  lease: LeaseRecord,
  nowMs: number,
  ttlMs: number,
): FleetMember | undefined {
  const report = decodeReport(lease.report);
  if (lease.holder === null || report === undefined) return undefined;
  const silentForMs = silenceOf(membership, ORACLE_LEASE, nowMs);
  return {
    ...pick(lease.holder),
    ...withAllFields(report),
    role: "leader",
    alive: silentForMs < ttlMs,
    silentForMs,
  };
}

function silenceOf({ watched }: Membership, name: string, nowMs: number): number {
  const seen = watched.get(name);
  return seen === undefined ? Number.POSITIVE_INFINITY : nowMs - seen.sinceMs;
}

function pick({ botId, incarnation, host, pid }: MemberRecord["identity"]) {
  return { botId, incarnation, host, pid };
}

type Report = MemberRecord["report"];

/** Fields that a report left out are undefined, not absent. */
function withAllFields(report: Report) {
  return {
    ...report,
    chainEthUsd8: report.chainEthUsd8,
    chainElizaUsd8: report.chainElizaUsd8,
    sourceEthUsd8: report.sourceEthUsd8,
    sourceElizaUsd8: report.sourceElizaUsd8,
    decision: report.decision,
    wouldPush: report.wouldPush,
    directiveId: report.directiveId,
    pausedBy: report.pausedBy,
    tag: report.tag,
    chatReachable: report.chatReachable,
  };
}
