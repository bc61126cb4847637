/** What this agent knows of its fleet between two listings of the store, and what it tells about itself. */
import type { Clock, FleetMember, OracleSnapshot, StoreRecord } from "@jeju-oracle/kit";
import type { Defects } from "../defects.ts";
import type { AgentIdentity, LeaseRecord } from "../election/lease-record.ts";
import type { Liveness } from "../identity/process-probe.ts";
import type { FullReport } from "./member-record.ts";
import {
  leaseOf,
  livingLeader,
  type Membership,
  membersAt,
  NO_MEMBERSHIP,
  observeListing,
  type SilentRecord,
  silentRecords,
} from "./membership.ts";
import { memberName } from "./names.ts";
import { type OwnFacts, ownReport } from "./own-report.ts";
import { judgeRegistration, type Registration, UNREGISTERED } from "./registration.ts";

export interface FleetStateOptions {
  readonly self: AgentIdentity;
  readonly facts: OwnFacts;
  /** Silence after which a member counts as gone. */
  readonly silenceMs: number;
  readonly clock: Clock;
  readonly defects: Defects;
  readonly probe: (identity: AgentIdentity) => Liveness;
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

  /** Takes a listing into account. @returns the registration, when it is the first or of another kind than before. */
  listed(records: readonly StoreRecord[]): Registration | undefined {
    const { clock, self, silenceMs, probe } = this.#options;
    const nowMs = clock.monotonicMs();
    const isFirst = this.#membership.listedAtMs === undefined;
    this.#membership = observeListing(this.#membership, records, nowMs);
    const before = this.#registration;
    this.#registration = judgeRegistration(before, self, this.#membership, nowMs, silenceMs, probe);
    return isFirst || this.#registration.kind !== before.kind ? this.#registration : undefined;
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

  /** Whether the store has a record of this very process. */
  isListed(): boolean {
    const { botId, incarnation } = this.#options.self;
    return this.#membership.watched.get(memberName(botId))?.member?.identity.incarnation === incarnation;
  }

  lease(): LeaseRecord | undefined {
    return leaseOf(this.#membership);
  }

  /** Who leads, as far as the store told lately. */
  livingLeader(): AgentIdentity | undefined {
    return livingLeader(this.#membership, this.#options.clock.monotonicMs());
  }

  /** Every member, this agent included unless another process has its id. About itself it knows more than the store does. */
  members(): readonly FleetMember[] {
    const { clock, self, silenceMs } = this.#options;
    const all = membersAt(this.#membership, clock.monotonicMs(), silenceMs);
    if (this.registration !== "registered") return all;
    const others = all.filter(({ botId }) => botId !== self.botId);
    return [...others, this.#ownMember()].sort((a, b) => (a.botId < b.botId ? -1 : 1));
  }

  /** Who lived when the store last answered: during an outage everybody is silent. Empty when it never has. */
  membersWhenListed(): readonly FleetMember[] {
    const { listedAtMs } = this.#membership;
    return listedAtMs === undefined ? [] : membersAt(this.#membership, listedAtMs, this.#options.silenceMs);
  }

  /** Records of other members that are gone, the longest silent first. */
  silentRecords(): readonly SilentRecord[] {
    const { clock, self, silenceMs } = this.#options;
    return silentRecords(this.#membership, clock.monotonicMs(), silenceMs).filter(
      ({ record }) => record.name !== memberName(self.botId),
    );
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
    return this.#options.defects.isolate("the snapshot of the price loop", undefined, this.#options.snapshot);
  }

  #ownMember(): FleetMember {
    const { self, ownRole } = this.#options;
    const { botId, incarnation, host, pid } = self;
    return {
      ...{ botId, incarnation, host, pid },
      ...this.ownReport(),
      role: ownRole(),
      alive: true,
      silentForMs: 0,
    };
  }
}
