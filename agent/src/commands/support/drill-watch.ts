/** What a drill waits for, as store and chain show it. Nothing here changes anything. */
import { BaseError, describeError, sleep } from "@jeju-oracle/kit";
import type { Milestone, OwnerOffice } from "@jeju-oracle/plugin-alerts-chat/operator";
import type { FleetReport, MemberEntry } from "@jeju-oracle/plugin-leader-lock";
import { describeMs } from "./duration.ts";
import type { FleetSession } from "./session.ts";

/** Who led when the drill began. */
export interface OldLeader {
  readonly botId: string;
  readonly incarnation: string;
  readonly host: string;
  readonly term: number;
}

const LOOK_EVERY_MS = 400;

const WAITING_FOR: Readonly<Record<Milestone, (old: OldLeader) => string>> = {
  "another-leads": ({ botId }) => `waiting until another member leads instead of ${botId}`,
  "price-moves-on": () => "waiting for the next update on chain",
  "old-leader-follows": ({ botId }) => `waiting until ${botId} is well again and follows`,
};

/** Follows the fleet through a drill, and knows when the fault began and when it was over. */
export class DrillWatch {
  readonly #session: FleetSession;
  readonly #owner: OwnerOffice;
  readonly #old: OldLeader;
  /** Of the old leader's record, as last seen. */
  #recordKey = "";
  #lastSignMs: number;
  #unfitSinceMs: number | undefined;
  #recoveredAtMs: number | undefined;
  #keyAtRecovery = "";
  #newLeader: string | undefined;
  #lastUpdateS: bigint | undefined;

  constructor(session: FleetSession, owner: OwnerOffice, old: OldLeader) {
    this.#session = session;
    this.#owner = owner;
    this.#old = old;
    this.#lastSignMs = session.clock.monotonicMs();
  }

  get newLeader(): string | undefined {
    return this.#newLeader;
  }

  /** From the fault to the recovery, ms; undefined before it is over. */
  get failoverMs(): number | undefined {
    if (this.#recoveredAtMs === undefined) return undefined;
    return Math.max(0, this.#recoveredAtMs - (this.#unfitSinceMs ?? this.#lastSignMs));
  }

  /** An order was given: the time counts from here. */
  faultNow(): void {
    this.#unfitSinceMs = this.#session.clock.monotonicMs();
  }

  /** Waits. @returns undefined when it was reached, else why not. Never throws for a store or chain that is away. */
  async until(milestone: Milestone, withinMs: number): Promise<string | undefined> {
    const { clock, interrupted, office, terminal } = this.#session;
    const startedAtMs = clock.monotonicMs();
    for (;;) {
      const trouble = await this.#look(milestone);
      if (trouble === undefined) return undefined;
      const elapsedMs = clock.monotonicMs() - startedAtMs;
      const waiting = WAITING_FOR[milestone](this.#old);
      if (interrupted.aborted) return `interrupted while ${waiting}`;
      if (elapsedMs >= withinMs) return `${waiting} took more than ${describeMs(withinMs)}${trouble}`;
      terminal.status(`${describeMs(elapsedMs).padStart(5)}  ${waiting}${trouble}`);
      if (milestone === "price-moves-on") await sleep(clock, LOOK_EVERY_MS, interrupted);
      else await office.changed(LOOK_EVERY_MS, interrupted);
      terminal.status("");
    }
  }

  /** @returns undefined when it is reached, else what else there is to say. */
  async #look(milestone: Milestone): Promise<string | undefined> {
    try {
      const isReached =
        milestone === "price-moves-on" ? await this.#priceMoved() : await this.#inStore(milestone);
      return isReached ? undefined : "";
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
      return ` (${describeError(error)})`;
    }
  }

  async #priceMoved(): Promise<boolean> {
    const { lastUpdateS } = await this.#owner.readOracle();
    this.#lastUpdateS ??= lastUpdateS;
    return lastUpdateS !== this.#lastUpdateS;
  }

  async #inStore(milestone: Exclude<Milestone, "price-moves-on">): Promise<boolean> {
    const report = await this.#session.office.report();
    const entry = report.members.find(({ identity }) => identity.botId === this.#old.botId);
    const nowMs = this.#session.clock.monotonicMs();
    if (milestone === "old-leader-follows") return this.#followsAgain(entry);
    const { lease } = report;
    const leads = lease?.holder?.incarnation === this.#old.incarnation;
    if (leads && entry !== undefined) this.#observeOld(entry, nowMs);
    if (!isAnother(report, this.#old)) return false;
    this.#recoveredAtMs = nowMs;
    this.#newLeader = lease?.holder?.botId;
    this.#keyAtRecovery = entry === undefined ? "" : keyOf(entry);
    this.#lastUpdateS = await this.#updateNow();
    return true;
  }

  /** Undefined when the chain does not answer: then the update that stands at the next look counts. */
  async #updateNow(): Promise<bigint | undefined> {
    try {
      return (await this.#owner.readOracle()).lastUpdateS;
    } catch (error) {
      if (error instanceof BaseError) return undefined;
      throw error;
    }
  }

  #observeOld(entry: MemberEntry, nowMs: number): void {
    const key = keyOf(entry);
    if (key !== this.#recordKey) this.#lastSignMs = nowMs;
    this.#recordKey = key;
    if (!entry.report.fit) this.#unfitSinceMs ??= nowMs;
  }

  /** A record that stands still since the takeover is the one of before. */
  #followsAgain(entry: MemberEntry | undefined): boolean {
    if (entry === undefined || keyOf(entry) === this.#keyAtRecovery) return false;
    return !entry.leads && !entry.stopped && entry.liveness !== "dead" && entry.report.fit;
  }
}

function isAnother({ lease }: FleetReport, old: OldLeader): boolean {
  return lease?.holder != null && lease.term > old.term && lease.holder.botId !== old.botId;
}

function keyOf({ identity, timestamp }: MemberEntry): string {
  return `${identity.incarnation} ${timestamp}`;
}
