/** One member as `list` shows it. Pure. */
import type { MemberEntry } from "@jeju-oracle/plugin-leader-lock";

export type MemberState = "healthy" | "unhealthy" | "paused" | "stopped" | "dead" | "silent";

export interface MemberPicture {
  readonly botId: string;
  readonly host: string;
  readonly pid: number;
  readonly incarnation: string;
  readonly role: "leader" | "follower" | "none";
  readonly state: MemberState;
  /** Why it is unhealthy or not fit to lead. */
  readonly reasons: readonly string[];
  /** Why it pushes nothing: a pause or a hold. */
  readonly pausedBy: string | null;
  /** The term that it leads. */
  readonly term: number | null;
  readonly chainEthUsd8: string | null;
  readonly chainElizaUsd8: string | null;
  readonly decision: string | null;
  readonly wouldPush: string | null;
  readonly inFlight: boolean;
  /** Since its last report, by its own clock; negative when that clock is ahead. */
  readonly ageMs: number;
  /** Proved on this host. */
  readonly processDead: boolean;
  readonly version: string;
  readonly configHash: string;
  readonly priority: number;
  readonly nofailover: boolean;
  readonly directiveId: string | null;
}

/** Whether what it reports still counts. */
export function isCurrent(state: MemberState): boolean {
  return state !== "stopped" && state !== "dead" && state !== "silent";
}

export interface Surroundings {
  readonly term: number;
  readonly nowMs: number;
  /** Silence of this length is notable. */
  readonly ttlMs: number;
  /** Whether its record changed while this command watched. */
  readonly heard: boolean;
}

export function memberPicture(entry: MemberEntry, around: Surroundings): MemberPicture {
  const { identity, leads, timestamp, report, liveness } = entry;
  const { botId, host, pid, incarnation } = identity;
  const state = stateOf(entry, around);
  return {
    botId,
    host,
    pid,
    incarnation,
    role: leads ? "leader" : isCurrent(state) ? "follower" : "none",
    state,
    reasons: isCurrent(state) ? reasonsOf(report) : [],
    pausedBy: isCurrent(state) ? (report.pausedBy ?? null) : null,
    term: leads ? around.term : null,
    chainEthUsd8: report.chainEthUsd8?.toString() ?? null,
    chainElizaUsd8: report.chainElizaUsd8?.toString() ?? null,
    decision: report.decision ?? null,
    wouldPush: report.wouldPush ?? null,
    inFlight: report.inFlight,
    ageMs: around.nowMs - timestamp,
    processDead: liveness === "dead",
    version: report.version,
    configHash: report.configHash,
    priority: report.priority,
    nofailover: report.nofailover,
    directiveId: report.directiveId ?? null,
  };
}

function stateOf(
  { stopped, liveness, timestamp, report }: MemberEntry,
  { nowMs, ttlMs, heard }: Surroundings,
): MemberState {
  if (stopped) return "stopped";
  if (liveness === "dead") return "dead";
  if (nowMs - timestamp > ttlMs && !heard) return "silent";
  if (!report.healthy) return "unhealthy";
  return report.pausedBy === undefined ? "healthy" : "paused";
}

function reasonsOf({ unhealthyReasons, unfitReasons, fit }: MemberEntry["report"]): readonly string[] {
  const unfit = fit ? [] : unfitReasons.filter((reason) => !unhealthyReasons.includes(reason));
  return [...unhealthyReasons, ...unfit];
}
