/**
 * Runs the election machine for one lease: feeds it time and outcomes, carries out what it wants, and answers who leads from the
 * clock at the moment of the question. Decides nothing.
 */
import {
  BaseError,
  type Clock,
  type CompareAndSetResult,
  InvariantError,
  type StoreRecord,
} from "@jeju-oracle/kit";
import { initialState, knownLease, leadsAt, nextTickMs, step } from "./election.ts";
import type { Effect, ElectionConfig, ElectionState, EventBody, Standing } from "./election-types.ts";
import { type AgentIdentity, decodeLease, type LeaseRecord } from "./lease-record.ts";

/** What the elector needs of the outside. Only the two requests may throw by contract; what else throws is a defect. */
export interface ElectorPorts {
  /** Its monotonic clock must run on while the host sleeps. */
  readonly clock: Clock;
  /** The lease as the store has it. Must settle within the operation's deadline. @throws when the store does not answer. */
  readonly look: () => Promise<StoreRecord | null>;
  /** Must settle within the operation's deadline. @throws when the outcome is unknown. */
  readonly write: (previous: StoreRecord | null, next: string) => Promise<CompareAndSetResult>;
  readonly isDead: (holder: AgentIdentity) => boolean;
  readonly standing: () => Standing;
  /** What the lease tells about its holder; JSON values only. */
  readonly report: () => unknown;
  readonly on: (effect: Exclude<Effect, { kind: "look" } | { kind: "write" }>) => void;
  /** Told of whatever threw although it must not. The election goes on. */
  readonly defect: (what: string, error: unknown) => void;
}

/** A timer must not spin when a time is due that the machine does nothing about. */
const LEAST_TICK_MS = 5;
/** Between the requests that hints cause: a store whose watch never rests must not be asked without end. */
const HINT_SPACING_MS = 100;
/** An agent whose standing cannot be told claims last. */
const LAST_RESORT: Standing = { eligible: true, claimDelayMs: 5_000 };

export class Elector {
  readonly #ports: ElectorPorts;
  readonly #config: ElectionConfig;
  #state: ElectionState = initialState();
  #cancelTimer: () => void = () => undefined;
  #started = false;
  #stopped = Promise.withResolvers<void>();
  /** When a request was last sent. */
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** A hint came while the outcome of a request was awaited that may be older than the hint. */
  #isHinted = false;

  constructor(config: ElectionConfig, ports: ElectorPorts) {
    this.#config = config;
    this.#ports = ports;
  }

  start(): void {
    this.#started = true;
    this.#tick();
  }

  /**
   * Lets the lease go, if held, and takes no further part.
   * @returns whether that was done within `deadlineMs`; after it nothing more is asked of the store.
   */
  async stop(why: string, deadlineMs: number): Promise<boolean> {
    if (!this.#started) return true;
    let isDone = true;
    const cancelDeadline = this.#ports.clock.setTimer(deadlineMs, () => {
      isDone = false;
      this.#giveUp();
    });
    this.#feed({ type: "stop", why });
    await this.#stopped.promise;
    cancelDeadline();
    return isDone;
  }

  /** Lets the lease go, if held, and stays out of the election for `sitOutMs`. */
  resign(why: string, sitOutMs: number, nominee?: string): void {
    if (!this.#started) return;
    this.#feed({ type: "resign", why, sitOutMs, ...(nominee === undefined ? {} : { nominee }) });
  }

  /** Something may have changed in the store: looks without waiting for the next poll. A leader's look is its renewal. */
  lookSoon(): void {
    if (!this.#started) return;
    this.#isHinted = isAwaiting(this.#state);
    if (this.#isHinted) return;
    this.#state = sooner(this.#state, Math.max(this.#nowMs(), this.#askedAtMs + HINT_SPACING_MS));
    this.#tick();
  }

  leads(): boolean {
    return leadsAt(this.#state, this.#nowMs());
  }

  /** Time in ms for which this agent still leads; 0 when it does not. */
  validForMs(): number {
    const nowMs = this.#nowMs();
    return this.#state.role === "leader" && leadsAt(this.#state, nowMs)
      ? this.#state.validUntilMs - nowMs
      : 0;
  }

  get role(): ElectionState["role"] {
    return this.#state.role;
  }

  /** The highest term that this agent knows of. */
  get term(): number {
    return this.#state.highestTerm;
  }

  /** The lease as last known: its own or the one that it watches. */
  lease(): LeaseRecord | undefined {
    return knownLease(this.#state);
  }

  #nowMs(): number {
    return this.#ports.clock.monotonicMs();
  }

  #tick(): void {
    this.#feed({ type: "tick" });
  }

  #feed(event: EventBody): void {
    try {
      this.#step(event);
    } catch (error) {
      this.#ports.defect("a step of the election", error);
    }
    this.#schedule();
  }

  #step(event: EventBody): void {
    const moment = {
      nowMs: this.#nowMs(),
      wallMs: this.#ports.clock.wallMs(),
      nonce: crypto.randomUUID(),
      jitter: Math.random(),
      standing: this.#standing(),
      report: this.#isolate("the report of a lease", null, this.#ports.report),
    };
    const { state, effects } = step(this.#state, { ...moment, ...event }, this.#config);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    if (this.#state.role === "stopped") this.#stopped.resolve();
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "look":
        this.#askedAtMs = this.#nowMs();
        void this.#look();
        return;
      case "write":
        this.#askedAtMs = this.#nowMs();
        void this.#write(effect.previous, effect.next);
        return;
      case "elected":
      case "demoted":
      case "claim-failed":
        this.#isolate("a listener of the election", undefined, () => this.#ports.on(effect));
        return;
      default:
        effect satisfies never;
    }
  }

  /** The store's failures are told by whoever carries out the request; here they are only outcomes. */
  async #look(): Promise<void> {
    let lease: StoreRecord | null;
    try {
      lease = await this.#ports.look();
    } catch (error) {
      this.#reportDefect("a look at the lease", error);
      this.#feed({ type: "look-failed" });
      return;
    }
    this.#feed({ type: "looked", lease, holderIsDead: this.#holderIsDead(lease) });
    if (this.#isHinted) this.lookSoon();
  }

  async #write(previous: StoreRecord | null, next: string): Promise<void> {
    let result: CompareAndSetResult;
    try {
      result = await this.#ports.write(previous, next);
    } catch (error) {
      this.#reportDefect("a write of the lease", error);
      this.#feed({ type: "write-unknown", next });
      return;
    }
    if (!result.won) {
      const { current } = result;
      this.#feed({ type: "write-lost", next, current, holderIsDead: this.#holderIsDead(current) });
    } else if (result.record === null) {
      this.#ports.defect(
        "a write of the lease",
        new InvariantError("the store deleted what it was to write"),
      );
      this.#feed({ type: "write-unknown", next });
    } else {
      this.#feed({ type: "write-won", next, record: result.record });
    }
    if (this.#isHinted) this.lookSoon();
  }

  #holderIsDead(record: StoreRecord | null): boolean {
    const holder = record === null ? undefined : decodeLease(record.value)?.holder;
    if (holder == null) return false;
    return this.#isolate("the proof that a process is dead", false, () => this.#ports.isDead(holder));
  }

  #standing(): Standing {
    return this.#isolate("the standing of this agent", LAST_RESORT, this.#ports.standing);
  }

  #isolate<T>(what: string, otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#ports.defect(what, error);
      return otherwise;
    }
  }

  /** A typed failure of the store was told already; anything else must be seen. */
  #reportDefect(what: string, error: unknown): void {
    if (!(error instanceof BaseError)) this.#ports.defect(what, error);
  }

  #giveUp(): void {
    const { highestTerm, longestTtlMs } = this.#state;
    this.#state = { role: "stopped", highestTerm, longestTtlMs };
    this.#cancelTimer();
    this.#stopped.resolve();
  }

  #schedule(): void {
    this.#cancelTimer();
    if (this.#state.role === "stopped") return;
    const dueMs = nextTickMs(this.#state, this.#standing(), this.#config);
    // Even when only an outcome is awaited: the deadline of a lease, and a standing that changes, need a look at the clock.
    const delayMs = Math.min(dueMs - this.#nowMs(), this.#config.pollMs);
    this.#cancelTimer = this.#ports.clock.setTimer(Math.max(LEAST_TICK_MS, delayMs), () => this.#tick());
  }
}

/** Whether an outcome is awaited that may be older than a hint that comes now, and after which there is time for another look. */
function isAwaiting(state: ElectionState): boolean {
  switch (state.role) {
    case "follower":
    case "cooldown":
      return state.looking || state.marking !== undefined;
    case "leader":
      return state.renewal !== undefined;
    case "acquiring":
    case "draining":
    case "stopped":
      return false;
    default:
      return state satisfies never;
  }
}

/** The state with its next request brought forward to `atMs`. */
function sooner(state: ElectionState, atMs: number): ElectionState {
  switch (state.role) {
    case "follower":
    case "cooldown":
      return { ...state, lookAtMs: Math.min(state.lookAtMs, atMs) };
    case "leader":
      return { ...state, renewAtMs: Math.min(state.renewAtMs, atMs) };
    case "acquiring":
    case "draining":
    case "stopped":
      return state;
    default:
      return state satisfies never;
  }
}
