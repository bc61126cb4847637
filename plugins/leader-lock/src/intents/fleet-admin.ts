/**
 * What operators ask of the fleet, written to the store from any host. Needs no living agent: an intent waits for those whom it
 * concerns, and says when it is void.
 */
import type {
  ApprovalRequest,
  FailoverRequest,
  FleetControl,
  IntentReceipt,
  OverrideRequest,
  PauseRequest,
  Requester,
  StoreRecord,
} from "@jeju-oracle/kit";
import { decodeLease, encodeLease } from "../election/lease-record.ts";
import { type FleetReport, fleetReport, type Probe } from "../fleet/fleet-report.ts";
import {
  APPROVAL,
  DIRECTIVE,
  FAILOVER_INTENT,
  FLEET_PREFIX,
  ORACLE_LEASE,
  OVERRIDE_PREFIX,
  RESTART_PREFIX,
} from "../fleet/names.ts";
import { bounded, type StoreAccess, settledCas } from "../stores/settled-cas.ts";
import { candidateNamed, heldLease, leaseIn, runningMember } from "./candidacy.ts";
import { IntentRefusedError } from "./errors.ts";
import { encodeIntent } from "./intent-records.ts";

/** A record that others change all the time is tried again from its newest version. */
const RACES = 10;

type Intent = Parameters<typeof encodeIntent>[0];

export class FleetAdmin implements FleetControl {
  readonly #access: StoreAccess;
  readonly #probe: Probe;

  /** @param probe proves processes of this host dead; without it nobody is taken for dead. */
  constructor(access: StoreAccess, probe: Probe = () => "unknown") {
    this.#access = access;
    this.#probe = probe;
  }

  async failover({ to, by, reason }: FailoverRequest): Promise<IntentReceipt> {
    const report = await this.#report();
    const lease = heldLease(report);
    if (to !== undefined) candidateNamed(report, to);
    const intent = { ...this.#asked(by, reason), forTerm: lease.term, ...(to === undefined ? {} : { to }) };
    return this.#write(FAILOVER_INTENT, intent, report);
  }

  async forceLeader({ to, by, reason }: FailoverRequest & { readonly to: string }): Promise<IntentReceipt> {
    const report = await this.#report();
    const lease = leaseIn(report);
    candidateNamed(report, to);
    const asked = this.#asked(by, reason);
    const why = `forced to ${to} by ${by}: ${reason}`;
    const outcome = await this.#replace(ORACLE_LEASE, (current) => {
      const present = current === null ? undefined : decodeLease(current.value);
      if (present?.term !== lease.term) return undefined;
      const revoked = present.holder === null ? {} : { revoked: true };
      return encodeLease({
        ...present,
        ...revoked,
        nominee: to,
        why,
        nonce: asked.id,
        timestamp: asked.timestamp,
      });
    });
    if (outcome === "left" && !(await this.#hasObeyed(to, why))) {
      throw new IntentRefusedError(
        `another term began while this was written (it was ${lease.term})`,
        "Look at `oracle-agent list` and ask again if it is still needed.",
      );
    }
    return receiptOf(asked.id, report);
  }

  async pause({ by, reason, untilChainTimeS }: PauseRequest): Promise<IntentReceipt> {
    const until = untilChainTimeS === undefined ? {} : { untilChainTimeS };
    const directive = { ...this.#asked(by, reason), kind: "pause", ...until } as const;
    return this.#write(DIRECTIVE, directive, await this.#report());
  }

  async resume({ by, reason }: Requester): Promise<IntentReceipt> {
    return this.#write(DIRECTIVE, { ...this.#asked(by, reason), kind: "resume" }, await this.#report());
  }

  async restart({ botId, by, reason }: Requester & { readonly botId: string }): Promise<IntentReceipt> {
    const report = await this.#report();
    const { incarnation } = runningMember(report, botId).identity;
    return this.#write(
      `${RESTART_PREFIX}${botId}`,
      { ...this.#asked(by, reason), botId, incarnation },
      report,
    );
  }

  async set({ name, value, untilChainTimeS, by, reason }: OverrideRequest): Promise<IntentReceipt> {
    const record = `${OVERRIDE_PREFIX}${name}`;
    const asked = this.#asked(by, reason);
    const report = await this.#report();
    if (value !== undefined) return this.#write(record, { ...asked, name, value, untilChainTimeS }, report);
    await this.#replace(record, () => null);
    return receiptOf(asked.id, report);
  }

  async approve({ by, reason, ...move }: ApprovalRequest): Promise<IntentReceipt> {
    return this.#write(APPROVAL, { ...this.#asked(by, reason), ...move }, await this.#report());
  }

  #asked(by: string, reason: string) {
    return { id: crypto.randomUUID(), by, reason, timestamp: this.#access.clock.wallMs() };
  }

  /** The receipt is made of what was read before: once an intent is written, nothing may fail any more. */
  async #write(name: string, intent: Intent, report: FleetReport): Promise<IntentReceipt> {
    const value = encodeIntent(intent);
    await this.#replace(name, () => value);
    return receiptOf(intent.id, report);
  }

  /** Replaces a record whatever its version, by what `make` gives for the present one; undefined leaves it. */
  async #replace(
    name: string,
    make: (current: StoreRecord | null) => string | null | undefined,
  ): Promise<"written" | "left"> {
    let current = await bounded(this.#access, `read of ${name}`, (signal) =>
      this.#access.store.read(name, signal),
    );
    for (let race = 0; race < RACES; race++) {
      const next = make(current);
      if (next === undefined) return "left";
      const result = await settledCas(this.#access, name, current, next);
      if (result.won) return "written";
      current = result.current;
    }
    throw new IntentRefusedError(`${name} changes too fast to be written`, "Ask again in a few seconds.");
  }

  async #report(): Promise<FleetReport> {
    const { store } = this.#access;
    const listed = await bounded(this.#access, "list of the fleet", (signal) =>
      store.list(FLEET_PREFIX, signal),
    );
    return fleetReport(store.label, listed, this.#probe);
  }

  /** A write may land unheard and be obeyed before it is repeated: the new term then tells whose will it was. */
  async #hasObeyed(to: string, why: string): Promise<boolean> {
    const { lease } = await this.#report();
    return lease?.holder?.botId === to && lease.why === why;
  }
}

function receiptOf(id: string, { lease }: FleetReport): IntentReceipt {
  return { id, term: lease?.term ?? 0, leaderId: lease?.holder?.botId };
}
