/**
 * What must hold of one election machine whatever happens, told a second time and in other words than the machine's own: from the
 * events that it got and the effects that it wanted.
 */
import type { StoreRecord } from "@jeju-oracle/kit";
import type { Effect, EventBody } from "../../../src/election/election-types.ts";
import { decodeLease, isSameAgent, type LeaseRecord } from "../../../src/election/lease-record.ts";
import { MARGIN_MS, type Machine, TTL_MS } from "./machine.ts";

type Write = Extract<Effect, { kind: "write" }>;

interface Sighting {
  readonly record: StoreRecord | null;
  readonly sinceMs: number;
  /** Whether the latest look at this version proved its holder dead. */
  readonly isDead: boolean;
}

class BrokenRule extends Error {}

export class Judge {
  readonly #machine: Machine;
  readonly #firstSentMs = new Map<string, number>();
  #sighting: Sighting | undefined;
  /** Until when the last write that won, and that nothing has put in doubt, allows to lead. */
  #mayLeadUntilMs = Number.NEGATIVE_INFINITY;
  #held: StoreRecord | undefined;
  #longestTtlMs = TTL_MS;
  #highestTerm = 0;
  #sitsOutUntilMs = Number.NEGATIVE_INFINITY;
  #isStopped = false;
  #awaited: Write | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Feeds one event and judges what comes of it. @throws {BrokenRule} */
  feed(event: EventBody): readonly Effect[] {
    this.#before(event);
    const before = this.#machine.state.highestTerm;
    const effects = this.#machine.feed(event);
    this.#require(this.#machine.state.highestTerm >= before, "the highest term fell");
    const requests = effects.filter(({ kind }) => kind === "look" || kind === "write");
    this.#require(requests.length <= 1, "two requests in one step");
    for (const effect of effects) if (effect.kind === "write") this.#judgeWrite(effect);
    this.judgeLeading();
    if (!this.#isAwaiting()) this.#awaited = undefined;
    return effects;
  }

  /** The one thing that is asked of the state: whether a write was given up. */
  #isAwaiting(): boolean {
    const { state } = this.#machine;
    if (state.role === "follower" || state.role === "cooldown") return state.marking !== undefined;
    return state.role !== "stopped";
  }

  #before(event: EventBody): void {
    switch (event.type) {
      case "looked":
        this.#sees(event.lease, event.holderIsDead);
        break;
      case "write-lost":
        if (event.next !== this.#awaited?.next) break;
        this.#awaited = undefined;
        this.#mayLeadUntilMs = Number.NEGATIVE_INFINITY;
        this.#sees(event.current, event.holderIsDead);
        break;
      case "write-won":
        this.#won(event.next, event.record);
        break;
      case "resign":
        this.#mayLeadUntilMs = Number.NEGATIVE_INFINITY;
        this.#sitsOutUntilMs = Math.max(this.#sitsOutUntilMs, this.#machine.nowMs + event.sitOutMs);
        break;
      case "stop":
        this.#mayLeadUntilMs = Number.NEGATIVE_INFINITY;
        this.#isStopped = true;
        break;
      case "tick":
      case "look-failed":
      case "write-unknown":
        break;
      default:
        event satisfies never;
    }
  }

  #sees(record: StoreRecord | null, isDead: boolean): void {
    const isNew = this.#sighting === undefined || this.#sighting.record?.version !== record?.version;
    const sinceMs = isNew ? this.#machine.nowMs : (this.#sighting?.sinceMs ?? 0);
    this.#sighting = { record, sinceMs, isDead };
    const lease = record === null ? undefined : decodeLease(record.value);
    this.#longestTtlMs = Math.max(this.#longestTtlMs, lease?.ttlMs ?? 0);
    this.#highestTerm = Math.max(this.#highestTerm, lease?.term ?? 0);
    // Whoever names this agent knows better than its own reason to sit out.
    if (this.#isCalledBy(lease)) this.#sitsOutUntilMs = Number.NEGATIVE_INFINITY;
  }

  #isCalledBy(lease: LeaseRecord | undefined): boolean {
    const isNominee = lease?.nominee === this.#machine.config.self.botId;
    return isNominee && (lease.holder === null || lease.revoked === true);
  }

  #won(next: string, record: StoreRecord): void {
    const write = this.#awaited;
    if (next !== write?.next) return;
    this.#awaited = undefined;
    if (write.purpose === "mark") this.#sees(record, false);
    if (write.purpose !== "claim" && write.purpose !== "renew") return;
    this.#held = record;
    const isCalledOff = this.#isStopped || this.#machine.state.role === "draining";
    if (isCalledOff) return;
    this.#mayLeadUntilMs = (this.#firstSentMs.get(next) ?? Number.NaN) + TTL_MS - MARGIN_MS;
  }

  #judgeWrite(write: Write): void {
    const { nowMs } = this.#machine;
    const firstSentMs = this.#firstSentMs.get(write.next);
    if (firstSentMs !== undefined) {
      this.#require(write.next === this.#awaited?.next, "a write that was given up is repeated");
      this.#require(write.previous === this.#awaited?.previous, "a repetition replaces another version");
      this.#require(write.purpose !== "mark", "a mark is sent twice");
      return;
    }
    this.#firstSentMs.set(write.next, nowMs);
    this.#awaited = write;
    if (write.purpose === "claim") this.#judgeClaim(write);
    if (write.purpose === "renew") {
      this.#require(write.previous === this.#held, "a renewal replaces what this agent did not write");
      this.#require(nowMs < this.#mayLeadUntilMs, "a lease is renewed after its end");
    }
    if (this.#isStopped) this.#require(write.purpose === "release", "a stopped agent wants more");
  }

  #judgeClaim({ previous, next }: Write): void {
    const { nowMs, config, standing } = this.#machine;
    const seen = this.#sighting;
    this.#require(previous === (seen?.record ?? null), "a claim replaces another version than was seen");
    this.#require(standing.eligible && nowMs >= this.#sitsOutUntilMs, "a claim by one that must not");
    this.#require((decodeLease(next)?.term ?? 0) > this.#highestTerm, "a claim in an old term");
    const watchedMs = nowMs - (seen?.sinceMs ?? nowMs);
    if (previous === null) {
      this.#require(config.claimEmptyAtOnce, "nothing is claimed");
      return;
    }
    const lease = decodeLease(previous.value);
    if (lease === undefined || lease.quarantined === true) {
      this.#require(watchedMs >= this.#longestTtlMs, "an unknown lease is claimed early");
      return;
    }
    const { holder, ttlMs } = lease;
    const isFree = holder === null || isSameAgent(holder, config.self) || seen?.isDead === true;
    this.#require(isFree || watchedMs >= ttlMs, "a lease is claimed before its end");
  }

  judgeLeading(): void {
    if (!this.#machine.leads()) return;
    this.#require(this.#machine.nowMs < this.#mayLeadUntilMs, "leads without a lease");
  }

  #require(holds: boolean, rule: string): void {
    if (!holds) throw new BrokenRule(rule);
  }
}
