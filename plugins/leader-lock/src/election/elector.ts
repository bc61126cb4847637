/**
 * Runs the election machine for one lease: feeds it time and outcomes, carries out what it wants, and answers who leads from the
 * clock at the moment of the question. Decides nothing.
 */
import { BaseError, type Clock, type CompareAndSetResult, type StoreRecord } from "@jeju-oracle/kit";
import { initialState, knownLease, leadsAt, nextTickMs, step } from "./election.ts";
import type { Effect, ElectionConfig, ElectionEvent, ElectionState, Standing } from "./election-types.ts";
import { type AgentIdentity, decodeLease, type LeaseRecord } from "./lease-record.ts";

/** What the elector needs of the outside. */
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
  /** After every step: the role, the term or the leader may have changed. */
  readonly changed?: () => void;
}

/** A timer must not spin when a time is due that the machine does nothing about. */
const LEAST_TICK_MS = 5;

export class Elector {
  readonly #ports: ElectorPorts;
  readonly #config: ElectionConfig;
  #state: ElectionState = initialState();
  #cancelTimer: () => void = () => undefined;
  #started = false;
  #stopped = Promise.withResolvers<void>();

  constructor(config: ElectionConfig, ports: ElectorPorts) {
    this.#config = config;
    this.#ports = ports;
  }

  start(): void {
    this.#started = true;
    this.#tick();
  }

  /** Lets the lease go, if held, and takes no further part. Resolves when that is done or given up. */
  async stop(why: string): Promise<void> {
    if (!this.#started) return;
    this.#feed({ type: "stop", why });
    await this.#stopped.promise;
  }

  /** Lets the lease go, if held, and stays out of the election for `sitOutMs`. */
  resign(why: string, sitOutMs: number, nominee?: string): void {
    this.#feed({ type: "resign", why, sitOutMs, ...(nominee === undefined ? {} : { nominee }) });
  }

  /** Something may have changed in the store: looks without waiting for the next poll. */
  lookSoon(): void {
    const state = this.#state;
    if (state.role !== "follower" && state.role !== "cooldown") return;
    this.#state = { ...state, lookAtMs: this.#nowMs() };
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
    const { clock, standing, report } = this.#ports;
    const moment = {
      nowMs: this.#nowMs(),
      wallMs: clock.wallMs(),
      nonce: crypto.randomUUID(),
      jitter: Math.random(),
      standing: standing(),
      report: report(),
    };
    const { state, effects } = step(this.#state, { ...moment, ...event }, this.#config);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    if (this.#state.role === "stopped") this.#stopped.resolve();
    this.#schedule();
    this.#ports.changed?.();
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "look":
        void this.#look();
        return;
      case "write":
        void this.#write(effect.previous, effect.next);
        return;
      case "elected":
      case "demoted":
      case "claim-failed":
        this.#ports.on(effect);
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
      this.#feed({ type: "look-failed" });
      return rethrowDefect(error);
    }
    this.#feed({ type: "looked", lease, holderIsDead: this.#holderIsDead(lease) });
  }

  async #write(previous: StoreRecord | null, next: string): Promise<void> {
    let result: CompareAndSetResult;
    try {
      result = await this.#ports.write(previous, next);
    } catch (error) {
      this.#feed({ type: "write-unknown", next });
      return rethrowDefect(error);
    }
    if (!result.won) {
      const { current } = result;
      this.#feed({ type: "write-lost", next, current, holderIsDead: this.#holderIsDead(current) });
    } else if (result.record !== null) {
      this.#feed({ type: "write-won", next, record: result.record });
    }
  }

  #holderIsDead(record: StoreRecord | null): boolean {
    const holder = record === null ? undefined : decodeLease(record.value)?.holder;
    return holder != null && this.#ports.isDead(holder);
  }

  #schedule(): void {
    this.#cancelTimer();
    if (this.#state.role === "stopped") return;
    const dueMs = nextTickMs(this.#state, this.#ports.standing(), this.#config);
    // Even when only an outcome is awaited: the deadline of a lease, and a standing that changes, need a look at the clock.
    const delayMs = Math.min(dueMs - this.#nowMs(), this.#config.pollMs);
    this.#cancelTimer = this.#ports.clock.setTimer(Math.max(LEAST_TICK_MS, delayMs), () => this.#tick());
  }
}

/** An event without what every event carries. */
type EventBody = ElectionEvent extends infer Event
  ? Event extends ElectionEvent
    ? Omit<Event, "nowMs" | "wallMs" | "nonce" | "jitter" | "standing" | "report">
    : never
  : never;

/** A typed failure of the store was told already; anything else is a defect that must be seen. */
function rethrowDefect(error: unknown): void {
  if (!(error instanceof BaseError)) throw error;
}
