/** What a digest tells, as values. Undefined: it could not be found out, and the digest says so or leaves it out. */
import type { FleetMember, LeadershipStatus, OracleSnapshot } from "@jeju-oracle/kit";
import type { Alert } from "../../alerts/alert.ts";
import type { Silence } from "../../alerts/silence.ts";
import type { Proposal } from "../../confirm/proposal.ts";
import type { Drill, DrillRecord } from "../../drills/drill-record.ts";
import type { LastDay } from "../watch/last-day.ts";
import type { Runway } from "../watch/runway.ts";

/** A setting that was changed for a while. Its value may be a secret and is not told. */
export interface OverrideInForce {
  readonly name: string;
  readonly by: string;
  readonly leftMs: number;
}

/** The latest run and the latest one that was passed. */
export interface DrillHistory {
  readonly drill: Drill;
  readonly last: DrillRecord | undefined;
  readonly lastPass: DrillRecord | undefined;
}

export interface DigestFacts {
  readonly botId: string;
  /** Wall clock, ms since the epoch. */
  readonly nowMs: number;
  /** Whether agents share a store; without one this agent speaks for itself alone. */
  readonly isShared: boolean;
  readonly snapshot: OracleSnapshot | undefined;
  readonly leadership: LeadershipStatus | undefined;
  /** Empty without an election. */
  readonly members: readonly FleetMember[];
  readonly lastDay: LastDay | undefined;
  readonly runway: Runway | undefined;
  readonly alerts: readonly Alert[] | undefined;
  readonly silences: readonly Silence[] | undefined;
  readonly proposals: readonly Proposal[] | undefined;
  readonly overrides: readonly OverrideInForce[] | undefined;
  readonly drills: readonly DrillHistory[] | undefined;
}
