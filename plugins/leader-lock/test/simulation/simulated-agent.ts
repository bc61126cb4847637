/**
 * One agent of a simulation: the real machine in a process that can be killed, stopped and frozen, with the clocks of its host.
 * Plays the part of the elector: every request has exactly one outcome, told once.
 */
import type { CompareAndSetResult, StoreRecord } from "@jeju-oracle/kit";
import type {
  Effect,
  ElectionConfig,
  ElectionState,
  EventBody,
  Standing,
} from "../../src/election/election-types.ts";
import type { AgentIdentity } from "../../src/election/lease-record.ts";
import type { DriftingClock } from "./drifting-clock.ts";
import type { Machine } from "./machine.ts";
import type { Cut } from "./network.ts";
import type { World } from "./world.ts";

export interface AgentSetup {
  readonly name: string;
  /** The name, but for a twin that was given another's by mistake. */
  readonly botId: string;
  /** Agents of one host can prove each other's death. */
  readonly host: string;
  readonly clock: DriftingClock;
  readonly config: Omit<ElectionConfig, "self">;
  readonly opTimeoutMs: number;
}

/** As the elector's. */
const LEAST_TICK_MS = 5;

export class SimulatedAgent {
  readonly name: string;
  readonly host: string;
  readonly clock: DriftingClock;
  state: ElectionState;
  standing: Standing = { eligible: true, claimDelayMs: 0 };
  cut: Cut | undefined;
  running = false;
  paused = false;
  /** The next write arrives so much later, and this process is frozen for so long once it has sent it. */
  freezeAtWrite: { readonly arrivesAfterMs: number; readonly frozenForMs: number } | undefined;
  /** When the store last answered, by this agent's clock. */
  answeredMs = Number.NEGATIVE_INFINITY;
  readonly #world: World;
  readonly #machine: Machine;
  readonly #setup: AgentSetup;
  #config: ElectionConfig;
  #starts = 0;
  /** Counts processes: what was meant for an earlier one is dropped. */
  #generation = 0;
  /** What waits for a frozen process. */
  #inbox: (() => void)[] = [];
  #tickAtMs = Number.POSITIVE_INFINITY;

  constructor(world: World, setup: AgentSetup) {
    this.#world = world;
    this.#machine = world.machine;
    this.#setup = setup;
    this.name = setup.name;
    this.host = setup.host;
    this.clock = setup.clock;
    this.state = this.#machine.initialState();
    this.#config = { ...setup.config, self: this.identity };
  }

  get identity(): AgentIdentity {
    const { name, botId, host } = this.#setup;
    return { botId, incarnation: `${name}-${this.#starts}`, host, pid: 100 + this.#starts };
  }

  get config(): ElectionConfig {
    return this.#config;
  }

  get generation(): number {
    return this.#generation;
  }

  nowMs(): number {
    return this.clock.shownMs(this.#world.nowMs);
  }

  /** What `isLeader()` answers at this moment; a frozen process answers so as soon as it runs on. */
  leads(): boolean {
    return this.running && this.#machine.leadsAt(this.state, this.nowMs());
  }

  start(): void {
    if (this.running) return;
    this.#starts++;
    this.#generation++;
    this.#config = { ...this.#setup.config, self: this.identity };
    this.state = this.#machine.initialState();
    this.running = true;
    this.paused = false;
    this.#tickAtMs = Number.POSITIVE_INFINITY;
    this.answeredMs = this.nowMs();
    this.feed({ type: "tick" });
    this.#world.started(this);
  }

  /** kill -9. */
  kill(): void {
    this.running = false;
    this.paused = false;
    this.#inbox = [];
    this.#generation++;
  }

  /** SIGSTOP: nothing is processed, the clock runs on. */
  pause(): void {
    if (this.running) this.paused = true;
  }

  /** SIGCONT: what is ready is processed in any order. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    const waiting = this.#inbox;
    this.#inbox = [];
    this.#world.random.shuffle(waiting);
    const generation = this.#generation;
    for (const run of waiting) this.deliver(generation, run);
  }

  stop(why: string): void {
    if (this.running) this.deliver(this.#generation, () => this.feed({ type: "stop", why }));
  }

  resign(why: string, sitOutMs: number, nominee?: string): void {
    const nomination = nominee === undefined ? {} : { nominee };
    if (!this.running) return;
    this.deliver(this.#generation, () => this.feed({ type: "resign", why, sitOutMs, ...nomination }));
  }

  setStanding(standing: Standing): void {
    this.standing = standing;
    if (this.running) this.deliver(this.#generation, () => this.feed({ type: "tick" }));
  }

  setClockRate(rate: number): void {
    this.clock.setRate(this.#world.nowMs, rate);
    this.#tickAtMs = Number.POSITIVE_INFINITY;
    if (this.running) this.#schedule();
  }

  /** Runs what is meant for one process of this agent, when that process runs. */
  deliver(generation: number, run: () => void): void {
    if (generation !== this.#generation) return;
    if (this.paused) this.#inbox.push(run);
    else run();
  }

  feed(event: EventBody): void {
    const world = this.#world;
    world.counts.steps++;
    const nowMs = this.nowMs();
    const moment = {
      nowMs,
      wallMs: this.clock.wallMs(world.nowMs),
      nonce: world.newNonce(),
      jitter: world.jitter(),
      standing: this.standing,
      report: undefined,
    };
    const { state, effects } = this.#machine.step(this.state, { ...moment, ...event }, this.#config);
    this.state = state;
    for (const effect of effects) this.#carryOut(effect);
    if (state.role === "leader") world.checkOneLeader(this);
    if (state.role === "stopped") {
      world.note(this.name, "has stopped");
      this.kill();
    } else this.#schedule();
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "look":
        this.#world.request(
          this,
          this.#setup.opTimeoutMs,
          () => ({ lease: this.#world.store.read() }),
          (outcome) => this.#looked(outcome),
        );
        return;
      case "write":
        this.#write(effect);
        return;
      case "elected":
      case "demoted":
      case "claim-failed":
        this.#world.told(this, effect);
        return;
      default:
        effect satisfies never;
    }
  }

  #looked(outcome: { readonly lease: StoreRecord | null } | undefined): void {
    if (outcome === undefined) {
      this.feed({ type: "look-failed" });
      return;
    }
    this.answeredMs = this.nowMs();
    const { lease } = outcome;
    this.feed({ type: "looked", lease, holderIsDead: this.#world.isProvedDead(lease, this.host) });
  }

  #write({ purpose, previous, next }: Extract<Effect, { kind: "write" }>): void {
    const world = this.#world;
    const freeze = this.freezeAtWrite;
    world.request(
      this,
      this.#setup.opTimeoutMs,
      () => {
        const result = world.store.cas(previous, next);
        if (world.trace !== undefined) world.noteWrite(this.name, purpose, result);
        return result;
      },
      (outcome) => this.#wrote(next, outcome),
      freeze?.arrivesAfterMs,
    );
    if (freeze === undefined) return;
    this.freezeAtWrite = undefined;
    world.note(this.name, "is frozen in the middle of a write");
    this.pause();
    world.after(freeze.frozenForMs, () => this.resume());
  }

  #wrote(next: string, outcome: CompareAndSetResult | undefined): void {
    if (outcome === undefined) {
      this.feed({ type: "write-unknown", next });
      return;
    }
    this.answeredMs = this.nowMs();
    if (!outcome.won) {
      const { current } = outcome;
      const holderIsDead = this.#world.isProvedDead(current, this.host);
      this.feed({ type: "write-lost", next, current, holderIsDead });
    } else if (outcome.record !== null) {
      this.feed({ type: "write-won", next, record: outcome.record });
    }
  }

  #schedule(): void {
    const dueMs = this.#machine.nextTickMs(this.state, this.standing, this.#config);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const world = this.#world;
    const atMs = Math.max(this.clock.realMs(dueMs), world.nowMs + LEAST_TICK_MS);
    // An earlier tick that is on its way already will find the same state.
    if (this.#tickAtMs > world.nowMs && this.#tickAtMs <= atMs) return;
    this.#tickAtMs = atMs;
    const generation = this.#generation;
    world.at(atMs, () => {
      if (this.#tickAtMs === atMs) this.deliver(generation, () => this.#tick());
    });
  }

  #tick(): void {
    this.#tickAtMs = Number.POSITIVE_INFINITY;
    this.feed({ type: "tick" });
  }
}
