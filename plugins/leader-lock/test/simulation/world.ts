/**
 * A deterministic world for agents that elect: real time, a store, the ways to it, a chain. After every step of every agent it
 * judges G1: no two answer that they lead. Leading can only begin in a step, so no instant between steps is left out.
 */
import type { CompareAndSetResult, StoreRecord } from "@jeju-oracle/kit";
import type { Effect } from "../../src/election/election-types.ts";
import { type Counts, noCounts } from "./counts.ts";
import { EventQueue } from "./event-queue.ts";
import { LeaseStore } from "./lease-store.ts";
import type { Machine } from "./machine.ts";
import { Network } from "./network.ts";
import { Random } from "./random.ts";
import type { SimulatedAgent } from "./simulated-agent.ts";

/** A promise was broken. */
export class ViolationError extends Error {
  constructor(what: string, atMs: number) {
    super(`${what} at ${(atMs / 1000).toFixed(3)} s`);
    this.name = "ViolationError";
  }
}

export type Told = Exclude<Effect, { kind: "look" } | { kind: "write" }>;

/** Called for each line of the transcript. */
export type Trace = (atMs: number, who: string, text: string) => void;

export interface WorldOptions {
  readonly seed: number;
  readonly machine: Machine;
  readonly trace?: Trace | undefined;
  /** Spread of polls; uniform in [0, 1) unless given. */
  readonly jitter?: () => number;
}

/** A machine that ticks without end makes no progress in time. */
const MOST_STEPS = 50_000;

export class World {
  nowMs = 0;
  readonly machine: Machine;
  readonly random: Random;
  readonly store = new LeaseStore();
  readonly network: Network;
  readonly agents: SimulatedAgent[] = [];
  readonly counts: Counts = noCounts();
  readonly trace: Trace | undefined;
  readonly jitter: () => number;
  /** Told of each process that starts, and of what an election brings about. */
  onStart: (agent: SimulatedAgent) => void = () => undefined;
  onTold: (agent: SimulatedAgent, effect: Told) => void = () => undefined;
  /** The record of the term was lost: terms grow only as far as somebody remembers. */
  termsForgotten = false;
  #highestTerm = 0;
  #nonces = 0;
  readonly #queue = new EventQueue();

  constructor({ seed, machine, trace, jitter }: WorldOptions) {
    this.machine = machine;
    this.random = new Random(seed);
    this.network = new Network(this.random);
    this.trace = trace;
    this.jitter = jitter ?? (() => this.random.next());
  }

  at(atMs: number, run: () => void): void {
    this.#queue.add(atMs, run);
  }

  after(delayMs: number, run: () => void): void {
    this.#queue.add(this.nowMs + delayMs, run);
  }

  runUntil(endMs: number): void {
    while (this.#queue.nextMs() <= endMs) {
      const next = this.#queue.take();
      if (next === undefined) break;
      this.nowMs = next.atMs;
      next.run();
      if (this.counts.steps > MOST_STEPS) throw new ViolationError("the machine spins", this.nowMs);
    }
    this.nowMs = endMs;
  }

  newNonce(): string {
    this.#nonces++;
    return `nonce-${this.#nonces.toString().padStart(4, "0")}`;
  }

  leader(): SimulatedAgent | undefined {
    return this.agents.find((agent) => agent.leads());
  }

  note(who: string, text: string): void {
    this.trace?.(this.nowMs, who, text);
  }

  noteWrite(who: string, purpose: string, result: CompareAndSetResult): void {
    const record = result.won ? result.record : result.current;
    const revision = record?.version.split(".")[0];
    const there = revision === undefined ? "nothing" : `version ${revision}`;
    this.note(who, `${purpose} arrives: ${result.won ? "is" : "lost, there is"} ${there}`);
  }

  started(agent: SimulatedAgent): void {
    this.onStart(agent);
  }

  /** G1. */
  checkOneLeader(agent: SimulatedAgent): void {
    if (!agent.leads()) return;
    for (const other of this.agents) {
      if (other === agent || !other.leads()) continue;
      throw new ViolationError(`G1: ${agent.name} and ${other.name} both lead`, this.nowMs);
    }
  }

  told(agent: SimulatedAgent, effect: Told): void {
    switch (effect.kind) {
      case "elected":
        this.counts.terms++;
        this.note(agent.name, `leads term ${effect.term}: ${effect.why}`);
        this.#checkTerm(agent, effect.term);
        break;
      case "demoted":
        if (effect.voluntary) this.counts.resignations++;
        else this.counts.demotions++;
        this.note(agent.name, `no longer leads: ${effect.why}`);
        break;
      case "claim-failed":
        if (effect.why === "lost-race") this.counts.lostRaces++;
        this.note(agent.name, `claim failed: ${effect.why}`);
        break;
      default:
        effect satisfies never;
    }
    this.onTold(agent, effect);
  }

  /** Terms grow with each leader. */
  #checkTerm(agent: SimulatedAgent, term: number): void {
    if (!this.termsForgotten && term <= this.#highestTerm) {
      throw new ViolationError(`terms: ${agent.name} leads ${term} after ${this.#highestTerm}`, this.nowMs);
    }
    this.#highestTerm = Math.max(this.#highestTerm, term);
  }

  /** Whether somebody on `host` can prove that the process that holds this lease is dead. */
  isProvedDead(record: StoreRecord | null, host: string): boolean {
    if (record === null || !record.value.includes(`"host":"${host}"`)) return false;
    const holder = this.machine.decodeLease(record.value)?.holder;
    if (holder == null || holder.host !== host) return false;
    return !this.agents.some(
      ({ running, identity }) => running && identity.incarnation === holder.incarnation,
    );
  }

  /**
   * A request of `agent` to the store: `apply` happens when it arrives, if it does; `done` gets the result, or undefined when the
   * agent's deadline passed first or the store refused.
   */
  request<Result extends object>(
    agent: SimulatedAgent,
    deadlineMs: number,
    apply: () => Result,
    done: (result: Result | undefined) => void,
    arrivesAfterMs?: number,
  ): void {
    const { generation } = agent;
    const fate = this.network.fate(this.nowMs, agent.cut);
    const requestMs = arrivesAfterMs ?? fate.requestMs;
    const { replyMs } = fate;
    const lateMs = this.nowMs + deadlineMs / agent.clock.rate;
    let settled = false;
    const settle = (result: Result | undefined) => {
      if (settled) return;
      settled = true;
      done(result);
    };
    const timeOut = () => this.at(lateMs, () => agent.deliver(generation, () => settle(undefined)));
    const isOnTime =
      requestMs !== undefined && replyMs !== undefined && this.nowMs + requestMs + replyMs < lateMs;
    // A process that was frozen finds the reply and the end of its deadline at once: either may come first.
    const reply = (result: Result | undefined) =>
      agent.deliver(generation, () =>
        settle(isOnTime && this.nowMs > lateMs && this.random.chance(0.5) ? undefined : result),
      );
    if (!isOnTime) timeOut();
    if (requestMs === undefined) return;
    const arrive = () => {
      const result = apply();
      if (replyMs !== undefined) this.after(replyMs, () => reply(result));
    };
    this.after(requestMs, () => {
      const { outage, stalled } = this.store;
      if (outage === undefined) return arrive();
      if (outage === "refuses" && replyMs !== undefined) {
        this.after(replyMs, () => reply(undefined));
        return;
      }
      if (isOnTime) timeOut();
      if (outage === "mute") apply();
      if (outage === "stalls") stalled.push(arrive);
    });
  }

  /** What was stalled is applied, in any order. */
  endOutage(): void {
    this.store.outage = undefined;
    const arrivals = this.store.stalled.splice(0);
    this.random.shuffle(arrivals);
    for (const arrive of arrivals) arrive();
  }
}
