/**
 * The fleet as `list` shows it, from what the store says at one moment. Pure. Ages come from the writers' own clocks; whoever was
 * heard while this command watched is not silent, whatever its clock says.
 */
import type { FleetReport } from "@jeju-oracle/plugin-leader-lock";
import { isCurrent, type MemberPicture, memberPicture } from "./member-picture.ts";
import { shownOverride } from "./overrides.ts";
import { isoTime } from "./times.ts";

interface LeasePicture {
  readonly term: number;
  readonly holder: string | null;
  readonly ttlMs: number;
  readonly ageMs: number;
  /** Until it runs out if it is not renewed; not positive when it has run out. */
  readonly endsInMs: number;
  readonly why: string;
  readonly from: string | null;
  readonly revoked: boolean;
  readonly nominee: string | null;
}

export interface FleetPicture {
  readonly store: string;
  readonly readAt: string;
  /** Null when nobody holds the lease, or its holder is gone as far as can be told. */
  readonly leader: string | null;
  readonly term: number | null;
  readonly lease: LeasePicture | null;
  readonly members: readonly MemberPicture[];
  readonly directive: DirectivePicture | null;
  readonly overrides: readonly OverridePicture[];
  readonly failover: FailoverPicture | null;
  readonly notes: readonly string[];
}

interface DirectivePicture {
  readonly id: string;
  readonly kind: "pause" | "resume";
  readonly by: string;
  readonly reason: string;
  /** Chain time; null: until resumed. */
  readonly until: string | null;
  /** Its end has passed, by this host's clock. */
  readonly over: boolean;
  readonly obeyedBy: readonly string[];
}

interface OverridePicture {
  readonly name: string;
  /** Of a URL only scheme and host. */
  readonly value: string;
  readonly until: string;
  readonly over: boolean;
  readonly by: string;
  readonly reason: string;
}

interface FailoverPicture {
  readonly id: string;
  readonly to: string | null;
  readonly by: string;
  readonly reason: string;
  readonly ageMs: number;
  readonly refused: string | null;
}

/** A clock that is further ahead than this is worth a note. */
const NOTABLE_AHEAD_MS = 2_000;

/** @param heard members whose record changed while this command watched. */
export function fleetPicture(
  report: FleetReport,
  nowMs: number,
  defaultTtlMs: number,
  heard: ReadonlySet<string> = new Set(),
): FleetPicture {
  const { store, lease, orders, failover } = report;
  const ttlMs = lease?.ttlMs ?? defaultTtlMs;
  const members = report.members.map((entry) =>
    memberPicture(entry, {
      term: lease?.term ?? 0,
      nowMs,
      ttlMs,
      heard: heard.has(entry.identity.botId),
    }),
  );
  const leaderIn = members.find(({ role, state }) => role === "leader" && isCurrent(state));
  const { directive } = orders;
  return {
    store,
    readAt: isoTime(nowMs),
    leader: leaderIn?.botId ?? null,
    term: lease?.term ?? null,
    lease: lease === undefined ? null : leasePicture(lease, nowMs),
    members,
    directive:
      directive === undefined
        ? null
        : {
            id: directive.id,
            kind: directive.kind,
            by: directive.by,
            reason: directive.reason,
            ...endOf(directive.untilChainTimeS, nowMs),
            obeyedBy: members
              .filter(({ directiveId }) => directiveId === directive.id)
              .map(({ botId }) => botId),
          },
    overrides: orders.overrides.map(({ name, value, untilChainTimeS, by, reason }) => {
      const { until, over } = endOf(untilChainTimeS, nowMs);
      return { name, value: shownOverride(name, value), until: until ?? "", over, by, reason };
    }),
    // Void once another term has begun; the leader tidies it.
    failover:
      failover === undefined || failover.forTerm !== lease?.term
        ? null
        : {
            id: failover.id,
            to: failover.to ?? null,
            by: failover.by,
            reason: failover.reason,
            ageMs: nowMs - failover.timestamp,
            refused: failover.refused ?? null,
          },
    notes: notesOn(members, heard, ttlMs),
  };
}

function leasePicture(lease: NonNullable<FleetReport["lease"]>, nowMs: number): LeasePicture {
  const ageMs = nowMs - lease.timestamp;
  return {
    term: lease.term,
    holder: lease.holder?.botId ?? null,
    ttlMs: lease.ttlMs,
    ageMs,
    endsInMs: lease.holder === null ? 0 : lease.ttlMs - ageMs,
    why: lease.why,
    from: lease.from,
    revoked: lease.revoked === true,
    nominee: lease.nominee ?? null,
  };
}

function endOf(untilChainTimeS: bigint | undefined, nowMs: number) {
  if (untilChainTimeS === undefined) return { until: null, over: false };
  const untilMs = Number(untilChainTimeS) * 1_000;
  return { until: isoTime(untilMs), over: untilMs <= nowMs };
}

function notesOn(members: readonly MemberPicture[], heard: ReadonlySet<string>, ttlMs: number): string[] {
  const current = members.filter(({ state }) => isCurrent(state));
  const differing = (what: string, of: (member: MemberPicture) => string) => {
    const kinds = new Set(current.map(of));
    if (kinds.size < 2) return [];
    return [`${what} differ: ${current.map((one) => `${one.botId} ${of(one)}`).join(", ")}.`];
  };
  const behind = current.filter(({ botId, ageMs }) => heard.has(botId) && ageMs > ttlMs);
  const ahead = current.filter(({ ageMs }) => ageMs < -NOTABLE_AHEAD_MS);
  return [
    ...differing("Configurations", ({ configHash }) => configHash),
    ...differing("Versions", ({ version }) => version),
    ...behind.map(
      ({ botId, ageMs }) => `The clock of ${botId} is about ${Math.round(ageMs / 1_000)} s slow.`,
    ),
    ...ahead.map(
      ({ botId, ageMs }) => `The clock of ${botId} is about ${Math.round(-ageMs / 1_000)} s fast.`,
    ),
  ];
}
