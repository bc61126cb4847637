/** Watches the fleet over time and keeps the alert sink in step with the conditions that hold. */
import type { AlertSink, Clock } from "@jeju-oracle/kit";
import { type FleetConditionInput, fleetConditions } from "./conditions.ts";
import { DownMembers } from "./down-members.ts";
import { TermChanges } from "./term-changes.ts";

export interface FleetSighting
  extends Pick<
    FleetConditionInput,
    | "botId"
    | "members"
    | "storeLabel"
    | "storeOutageMs"
    | "storeWritesFailForMs"
    | "storeNextStep"
    | "ttlMs"
    | "lockFileFailure"
  > {
  readonly storeReachable: boolean;
  /** The highest term that this agent knows of. */
  readonly term: number;
  /** Undefined when nobody is known to lead at this moment. */
  readonly leaderId: string | undefined;
  /** Whose update was last seen on chain that this agent did not send; see OracleSnapshot. */
  readonly peerTag: string | undefined;
}

/** More tags than this fleet will ever have members at a time. */
const TAGS_REMEMBERED = 200;

export class FleetAlerts {
  readonly #sink: () => AlertSink | undefined;
  readonly #clock: Clock;
  readonly #raised = new Map<string, string>();
  readonly #since = new Map<"leaderless" | "alone" | "stranger", number>();
  /** Of everybody who was a member since this agent started: one that is gone for good is no stranger. */
  readonly #knownTags = new Set<string>();
  readonly #down = new DownMembers();
  readonly #termChanges = new TermChanges();
  #shared = true;

  constructor(sink: () => AlertSink | undefined, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  /** False from when an agent outside this store was seen to update the oracle, until it joins. */
  get storeShared(): boolean {
    return this.#shared;
  }

  sync(sighting: FleetSighting): void {
    const { members, storeReachable, leaderId, ttlMs, term } = sighting;
    const nowMs = this.#clock.monotonicMs();
    const alone = storeReachable && members.filter(({ alive }) => alive).length <= 1;
    const conditions = fleetConditions({
      ...sighting,
      leaderlessForMs: this.#lastsMs("leaderless", storeReachable && leaderId === undefined),
      aloneForMs: this.#lastsMs("alone", alone),
      down: this.#down.saw(sighting, nowMs),
      termChanges: this.#termChanges.saw(storeReachable ? term : undefined, nowMs),
      storeShared: this.#judgeShared(sighting, ttlMs),
    });
    const sink = this.#sink();
    if (sink === undefined) return;
    for (const condition of conditions) {
      const content = `${condition.severity}: ${condition.summary}`;
      if (this.#raised.get(condition.key) === content) continue;
      this.#raised.set(condition.key, content);
      sink.raise(condition);
    }
    const keys = new Set(conditions.map(({ key }) => key));
    for (const key of this.#raised.keys()) {
      if (keys.has(key)) continue;
      this.#raised.delete(key);
      sink.clear(key);
    }
  }

  /** An author who stays unknown for a ttl while the store answers is no member that is only just joining. */
  #judgeShared({ members, storeReachable, peerTag }: FleetSighting, ttlMs: number): boolean {
    if (this.#knownTags.size > TAGS_REMEMBERED) this.#knownTags.clear();
    for (const { tag } of members) if (tag !== undefined) this.#knownTags.add(tag);
    const stranger = peerTag !== undefined && !this.#knownTags.has(peerTag);
    if (!stranger) this.#shared = true;
    if (this.#lastsMs("stranger", stranger && storeReachable) >= ttlMs) this.#shared = false;
    return this.#shared;
  }

  #lastsMs(what: "leaderless" | "alone" | "stranger", holds: boolean): number {
    if (!holds) {
      this.#since.delete(what);
      return 0;
    }
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = this.#since.get(what) ?? nowMs;
    this.#since.set(what, sinceMs);
    return nowMs - sinceMs;
  }
}
