/**
 * What operators ask of the fleet, written to the store from any host. Needs no living agent: an intent waits for those whom it
 * concerns, and says when it is void.
 */
import type {
  FailoverRequest,
  FleetControl,
  IntentReceipt,
  OverrideRequest,
  PauseRequest,
  Requester,
  StoreRecord,
} from "@jeju-oracle/kit";
import { decodeLease, encodeLease, type LeaseRecord } from "../election/lease-record.ts";
import { decodeMember } from "../fleet/member-record.ts";
import {
  DIRECTIVE,
  FAILOVER_INTENT,
  MEMBER_PREFIX,
  ORACLE_LEASE,
  OVERRIDE_PREFIX,
  RESTART_PREFIX,
} from "../fleet/names.ts";
import { bounded, type StoreAccess, settledCas } from "../stores/settled-cas.ts";
import { IntentRefusedError } from "./errors.ts";
import { encodeIntent } from "./intent-records.ts";

/** A record that others change all the time is tried again from its newest version. */
const RACES = 10;

export class FleetAdmin implements FleetControl {
  readonly #access: StoreAccess;

  constructor(access: StoreAccess) {
    this.#access = access;
  }

  async failover({ to, by, reason }: FailoverRequest): Promise<IntentReceipt> {
    const lease = await this.#currentLease();
    if (lease.holder === null) {
      throw new IntentRefusedError(
        "nobody leads at the moment",
        "Wait for the election; `oracle-agent list` shows who may lead.",
      );
    }
    if (to !== undefined) await this.#requireCandidate(to, lease);
    const intent = { ...this.#asked(by, reason), forTerm: lease.term, ...(to === undefined ? {} : { to }) };
    await this.#replace(FAILOVER_INTENT, () => encodeIntent(intent));
    return { id: intent.id, term: lease.term, leaderId: lease.holder.botId };
  }

  async forceLeader({ to, by, reason }: FailoverRequest & { readonly to: string }): Promise<IntentReceipt> {
    const lease = await this.#currentLease();
    await this.#requireCandidate(to, lease);
    const { id, timestamp } = this.#asked(by, reason);
    const why = `forced to ${to} by ${by}: ${reason}`;
    const written = await this.#replace(ORACLE_LEASE, (current) => {
      const present = current === null ? undefined : decodeLease(current.value);
      if (present === undefined || present.term !== lease.term) return undefined;
      const revoked = present.holder === null ? {} : { revoked: true };
      return encodeLease({ ...present, ...revoked, nominee: to, why, nonce: id, timestamp });
    });
    if (!written) {
      throw new IntentRefusedError(
        `another term began while this was written (it was ${lease.term})`,
        "Look at `oracle-agent list` and ask again if it is still needed.",
      );
    }
    return { id, term: lease.term, leaderId: lease.holder?.botId };
  }

  pause({ by, reason, untilChainTimeS }: PauseRequest): Promise<IntentReceipt> {
    const until = untilChainTimeS === undefined ? {} : { untilChainTimeS };
    return this.#write(DIRECTIVE, { ...this.#asked(by, reason), kind: "pause", ...until });
  }

  resume({ by, reason }: Requester): Promise<IntentReceipt> {
    return this.#write(DIRECTIVE, { ...this.#asked(by, reason), kind: "resume" });
  }

  async restart({ botId, by, reason }: Requester & { readonly botId: string }): Promise<IntentReceipt> {
    const member = (await this.#members()).find(({ identity }) => identity.botId === botId);
    if (member === undefined) throw await this.#unknownMember(botId);
    if (member.stopped) {
      throw new IntentRefusedError(
        `${botId} is not running`,
        `Start its service on ${member.identity.host}.`,
      );
    }
    const { incarnation } = member.identity;
    return this.#write(`${RESTART_PREFIX}${botId}`, { ...this.#asked(by, reason), botId, incarnation });
  }

  async set({ name, value, untilChainTimeS, by, reason }: OverrideRequest): Promise<IntentReceipt> {
    const record = `${OVERRIDE_PREFIX}${name}`;
    if (value !== undefined) {
      return this.#write(record, { ...this.#asked(by, reason), name, value, untilChainTimeS });
    }
    await this.#replace(record, () => null);
    return this.#receipt(crypto.randomUUID());
  }

  #asked(by: string, reason: string) {
    return { id: crypto.randomUUID(), by, reason, timestamp: this.#access.clock.wallMs() };
  }

  async #write(name: string, intent: Parameters<typeof encodeIntent>[0]): Promise<IntentReceipt> {
    await this.#replace(name, () => encodeIntent(intent));
    return this.#receipt(intent.id);
  }

  async #receipt(id: string): Promise<IntentReceipt> {
    const record = await this.#read(ORACLE_LEASE);
    const lease = record === null ? undefined : decodeLease(record.value);
    return { id, term: lease?.term ?? 0, leaderId: lease?.holder?.botId };
  }

  /**
   * Replaces a record whatever its version, by what `make` gives for the present one; undefined leaves it.
   * @returns whether it was written.
   */
  async #replace(
    name: string,
    make: (current: StoreRecord | null) => string | null | undefined,
  ): Promise<boolean> {
    let current = await this.#read(name);
    for (let race = 0; race < RACES; race++) {
      const next = make(current);
      if (next === undefined) return false;
      const result = await settledCas(this.#access, name, current, next);
      if (result.won) return true;
      current = result.current;
    }
    throw new IntentRefusedError(`${name} changes too fast to be written`, "Ask again in a few seconds.");
  }

  #read(name: string): Promise<StoreRecord | null> {
    return bounded(this.#access, `read of ${name}`, (signal) => this.#access.store.read(name, signal));
  }

  async #currentLease(): Promise<LeaseRecord> {
    const record = await this.#read(ORACLE_LEASE);
    const lease = record === null ? undefined : decodeLease(record.value);
    if (lease !== undefined) return lease;
    throw new IntentRefusedError(
      record === null ? "there has been no election in this store" : "the lease record cannot be read",
      "Start an agent, or check that LEADER_LOCK_URL names the fleet's store.",
    );
  }

  async #members() {
    const records = await bounded(this.#access, "list of members", (signal) =>
      this.#access.store.list(MEMBER_PREFIX, signal),
    );
    return records.flatMap(({ value }) => decodeMember(value) ?? []);
  }

  async #requireCandidate(botId: string, lease: LeaseRecord): Promise<void> {
    if (lease.holder?.botId === botId) {
      throw new IntentRefusedError(`${botId} leads already`, "Nothing is to be done.");
    }
    const member = (await this.#members()).find(({ identity }) => identity.botId === botId);
    if (member === undefined) throw await this.#unknownMember(botId);
    if (member.report.nofailover) {
      throw new IntentRefusedError(`${botId} never leads (LEADER_NOFAILOVER)`, "Name another member.");
    }
    if (member.stopped) {
      throw new IntentRefusedError(
        `${botId} is not running`,
        `Start its service on ${member.identity.host}.`,
      );
    }
  }

  async #unknownMember(botId: string): Promise<IntentRefusedError> {
    const known = (await this.#members()).map(({ identity }) => identity.botId);
    const list = known.length === 0 ? "the store knows no member" : `members are ${known.join(", ")}`;
    return new IntentRefusedError(`there is no member ${botId}`, `Name a member: ${list}.`);
  }
}
