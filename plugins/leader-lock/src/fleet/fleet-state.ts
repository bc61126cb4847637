/** What this agent knows of its fleet between two listings of the store, and what it tells about itself. */
import {
  BaseError,
  type Clock,
  type FleetMember,
  type OracleSnapshot,
  type StoreRecord,
} from "@jeju-oracle/kit";
import type { AgentIdentity, LeaseRecord } from "../election/lease-record.ts";
import type { Liveness } from "../identity/process-probe.ts";
import type { FullReport } from "./member-record.ts";
import { leaseOf, type Membership, membersAt, NO_MEMBERSHIP, observeListing } from "./membership.ts";
import { memberName } from "./names.ts";
import { type OwnFacts, ownReport } from "./own-report.ts";
import { judgeRegistration, type Registration, UNREGISTERED } from "./registration.ts";

export interface FleetStateOptions {
  readonly self: AgentIdentity;
  readonly facts: OwnFacts;
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly probe: (identity: AgentIdentity) => Liveness;
  /** @throws BaseError when the price loop cannot tell. */
  readonly snapshot: () => OracleSnapshot | undefined;
  readonly chatReachable: () => boolean | undefined;
  readonly ownRole: () => FleetMember["role"];
}

/** A report is computed at most this often: the election asks for it at every step. */
const REPORT_CACHE_MS = 200;

export class FleetState {
  readonly #options: FleetStateOptions;
  #membership: Membership = NO_MEMBERSHIP;
  #registration: Registration = UNREGISTERED;
  #report: { readonly value: FullReport; readonly atMs: number } | undefined;

  constructor(options: FleetStateOptions) {
    this.#options = options;
  }

  /** Takes a listing into account. @returns the registration, when the listing changed its kind. */
  listed(records: readonly StoreRecord[]): Registration | undefined {
    const { clock, self, ttlMs, probe } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#membership = observeListing(this.#membership, records, nowMs);
    const before = this.#registration;
    this.#registration = judgeRegistration(before, self, this.#membership, nowMs, ttlMs, probe);
    return this.#registration.kind === before.kind ? undefined : this.#registration;
  }

  get registration(): Registration["kind"] {
    return this.#registration.kind;
  }

  get records(): ReadonlyMap<string, StoreRecord> {
    return this.#membership.records;
  }

  record(name: string): StoreRecord | null {
    return this.#membership.records.get(name) ?? null;
  }

  ownRecord(): StoreRecord | null {
    return this.record(memberName(this.#options.self.botId));
  }

  lease(): LeaseRecord | undefined {
    return leaseOf(this.#membership);
  }

  /** Every member. About itself an agent knows more than the store does. */
  members(): readonly FleetMember[] {
    const { clock, self, ttlMs, ownRole } = this.#options;
    return membersAt(this.#membership, clock.monotonicMs(), ttlMs).map((member) =>
      member.botId === self.botId && member.incarnation === self.incarnation
        ? { ...member, ...this.ownReport(), alive: true, silentForMs: 0, role: ownRole() }
        : member,
    );
  }

  /** Who lived when the store last answered: during an outage everybody is silent. Empty when it never has. */
  membersWhenListed(): readonly FleetMember[] {
    const { listedAtMs } = this.#membership;
    return listedAtMs === undefined ? [] : membersAt(this.#membership, listedAtMs, this.#options.ttlMs);
  }

  ownReport(): FullReport {
    const { clock, facts, chatReachable } = this.#options;
    const nowMs = clock.monotonicMs();
    if (this.#report === undefined || nowMs - this.#report.atMs >= REPORT_CACHE_MS) {
      this.#report = { value: ownReport(facts, this.snapshot(), chatReachable()), atMs: nowMs };
    }
    return this.#report.value;
  }

  /** Undefined while the price loop starts or cannot tell: an election must not fail with it. */
  snapshot(): OracleSnapshot | undefined {
    try {
      return this.#options.snapshot();
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
      return undefined;
    }
  }
}
