/**
 * Who belongs to the fleet and who of them is alive, from one listing of the store to the next. Pure. A member is alive while
 * its record changes, as watched by this agent's own clock; what clocks its record tells is for people.
 */
import type { FleetMember, StoreRecord } from "@jeju-oracle/kit";
import { type AgentIdentity, decodeLease, isSameAgent, type LeaseRecord } from "../election/lease-record.ts";
import { decodeMember, decodeReport, type MemberRecord } from "./member-record.ts";
import { MEMBER_PREFIX, ORACLE_LEASE } from "./names.ts";

/** A record, and since when this agent has seen it in this version. */
interface Watched {
  readonly record: StoreRecord;
  readonly sinceMs: number;
  /** False for a record that has stood still since this agent first saw it: it may have done so for long before. */
  readonly hasChanged: boolean;
  /** What a member's record says. Read once per version. */
  readonly member: MemberRecord | undefined;
}

interface WatchedLease {
  readonly lease: LeaseRecord;
  readonly report: MemberRecord["report"] | undefined;
}

export interface Membership {
  /** By record name. */
  readonly watched: ReadonlyMap<string, Watched>;
  readonly records: ReadonlyMap<string, StoreRecord>;
  /** The lease to push prices, if its record can be read. */
  readonly oracle: WatchedLease | undefined;
  /** When the latest listing arrived; undefined before the first. */
  readonly listedAtMs: number | undefined;
}

export const NO_MEMBERSHIP: Membership = {
  watched: new Map(),
  records: new Map(),
  oracle: undefined,
  listedAtMs: undefined,
};

/** Takes a listing of the fleet's records into account. */
export function observeListing(
  before: Membership,
  listed: readonly StoreRecord[],
  nowMs: number,
): Membership {
  const watched = new Map(listed.map((record) => [record.name, watch(before, record, nowMs)]));
  const lease = watched.get(ORACLE_LEASE);
  const isSame = lease !== undefined && lease === before.watched.get(ORACLE_LEASE);
  return {
    watched,
    records: new Map(listed.map((record) => [record.name, record])),
    oracle: isSame ? before.oracle : lease && readLease(lease.record),
    listedAtMs: nowMs,
  };
}

function watch(before: Membership, record: StoreRecord, nowMs: number): Watched {
  const earlier = before.watched.get(record.name);
  if (earlier?.record.version === record.version) return earlier;
  return {
    record,
    sinceMs: nowMs,
    hasChanged: earlier !== undefined,
    member: record.name.startsWith(MEMBER_PREFIX) ? decodeMember(record.value) : undefined,
  };
}

function readLease({ value }: StoreRecord): WatchedLease | undefined {
  const lease = decodeLease(value);
  return lease === undefined ? undefined : { lease, report: decodeReport(lease.report) };
}

/** Every member, ordered by id. `silenceMs`: silence after which one counts as gone. */
export function membersAt(membership: Membership, nowMs: number, silenceMs: number): readonly FleetMember[] {
  const members = [...membership.watched.values()].flatMap((watched) =>
    watched.member === undefined ? [] : [toMember(membership, watched, watched.member, nowMs, silenceMs)],
  );
  const leader = leaderByLease(membership, nowMs, silenceMs);
  const isKnown = leader === undefined || members.some(({ botId }) => botId === leader.botId);
  return (isKnown ? members : [...members, leader]).sort((a, b) => (a.botId < b.botId ? -1 : 1));
}

/** The lease to push prices as last listed. */
export function leaseOf(membership: Membership): LeaseRecord | undefined {
  return membership.oracle?.lease;
}

/** Who leads, as far as can be known: the holder of a lease that is renewed. */
export function livingLeader(membership: Membership, nowMs: number): AgentIdentity | undefined {
  const lease = leaseOf(membership);
  if (lease?.holder == null || silenceOf(membership, ORACLE_LEASE, nowMs) >= lease.ttlMs) return undefined;
  return lease.holder;
}

/** Records of members that are not alive, the longest silent first. */
export function silentRecords(
  membership: Membership,
  nowMs: number,
  silenceMs: number,
): readonly SilentRecord[] {
  return [...membership.watched.values()]
    .filter(({ record }) => record.name.startsWith(MEMBER_PREFIX))
    .filter(({ member }) => member === undefined || !isHolder(membership, member))
    .map(({ record, sinceMs }) => ({ record, silentForMs: nowMs - sinceMs }))
    .filter(({ silentForMs }) => silentForMs >= silenceMs)
    .sort((a, b) => b.silentForMs - a.silentForMs);
}

export interface SilentRecord {
  readonly record: StoreRecord;
  readonly silentForMs: number;
}

function toMember(
  membership: Membership,
  { record, hasChanged }: Watched,
  member: MemberRecord,
  nowMs: number,
  silenceMs: number,
): FleetMember {
  const { identity, stopped, report } = member;
  const isLeader = isHolder(membership, member);
  // A leader reports inside its lease; its own record stands still meanwhile.
  const silentForMs = Math.min(
    silenceOf(membership, record.name, nowMs),
    isLeader ? silenceOf(membership, ORACLE_LEASE, nowMs) : Number.POSITIVE_INFINITY,
  );
  const wasSeenToChange =
    hasChanged || (isLeader && membership.watched.get(ORACLE_LEASE)?.hasChanged === true);
  return {
    ...pick(identity),
    ...withAllFields((isLeader ? membership.oracle?.report : undefined) ?? report),
    role: stopped ? "stopped" : isLeader ? "leader" : "follower",
    alive: !stopped && silentForMs < silenceMs,
    silentForMs: wasSeenToChange ? silentForMs : undefined,
  };
}

/** A leader whose own record is not there, as after a wipe. */
function leaderByLease(membership: Membership, nowMs: number, silenceMs: number): FleetMember | undefined {
  const { oracle } = membership;
  if (oracle?.lease.holder == null || oracle.report === undefined) return undefined;
  const silentForMs = silenceOf(membership, ORACLE_LEASE, nowMs);
  return {
    ...pick(oracle.lease.holder),
    ...withAllFields(oracle.report),
    role: "leader",
    alive: silentForMs < silenceMs,
    silentForMs: membership.watched.get(ORACLE_LEASE)?.hasChanged === true ? silentForMs : undefined,
  };
}

function isHolder({ oracle }: Membership, { identity }: MemberRecord): boolean {
  const holder = oracle?.lease.holder;
  return holder != null && isSameAgent(holder, identity);
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
export function withAllFields(report: Report) {
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
