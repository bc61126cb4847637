/**
 * Agents of one fleet in one process: the real parts over a store in memory and a clock that a test moves. An agent can be killed
 * and stopped as a process can, and cut from the store.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, CoordinationStore } from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { Registry } from "prom-client";
import { assembleLeaderLock, type LeaderLockOptions } from "../../../src/assembly.ts";
import type { ElectedConfig } from "../../../src/config.ts";
import type { AgentIdentity } from "../../../src/election/lease-record.ts";
import type { LeaderLock } from "../../../src/leader-lock.ts";
import { MemoryStoreServer, type StoreFault, type StoreOperation } from "../../support/memory-store.ts";
import { FakeAlerts, FakeOracle } from "./fakes.ts";

export const TTL_MS = 20_000;
export const RENEW_MS = 5_000;
export const MARGIN_MS = 4_000;
export const OP_TIMEOUT_MS = 3_000;
export const POLL_MS = 1_000;
export const FALLBACK_AFTER_MS = 330_000;
export const RANK_OFFSET_MS = 15_000;
/** A poll with its jitter, and the request. */
export const LONGEST_POLL_MS = 1.2 * POLL_MS + 50;

const STEP_MS = 50;
const NEVER = new Promise<never>(() => undefined);

export interface MemberOptions {
  readonly config?: Partial<ElectedConfig>;
  readonly facts?: Partial<LeaderLockOptions["facts"]>;
  /** Agents of one host share a lock file and can prove each other's death. A host of its own when left out. */
  readonly host?: string;
  /** False: another machine, container or pid namespace; nobody can prove anything. */
  readonly canBeProbed?: boolean;
}

/** The clocks of one process: they run on while it is stopped, and what was due comes when it goes on. */
class ProcessClock implements Clock {
  readonly #clock: SimulatedClock;
  #isDead = false;
  #missed: (() => void)[] | undefined;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#clock.setTimer(delayMs, () => this.deliver(() => isCancelled || callback()));
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Something comes from outside of the process. */
  deliver(callback: () => void): void {
    if (this.#isDead) return;
    if (this.#missed === undefined) callback();
    else this.#missed.push(callback);
  }

  kill(): void {
    this.#isDead = true;
  }

  stop(): void {
    this.#missed ??= [];
  }

  goOn(): void {
    const missed = this.#missed ?? [];
    this.#missed = undefined;
    for (const callback of missed) this.deliver(callback);
  }
}

export class Member {
  readonly botId: string;
  readonly identity: AgentIdentity;
  readonly oracle: FakeOracle;
  readonly alerts = new FakeAlerts();
  readonly log = captureLog();
  readonly metrics = new Registry();
  /** What endProcess was called with. */
  readonly ends: { readonly reason: string; readonly exitCode: number }[] = [];
  readonly lockFile: string;
  readonly lock: LeaderLock;
  readonly canBeProbed: boolean;
  isDead = false;
  /** How the price loop is found. */
  oraclePort: () => FakeOracle = () => this.oracle;
  readonly #clock: ProcessClock;
  readonly #fleet: SimulatedFleet;

  constructor(
    fleet: SimulatedFleet,
    botId: string,
    incarnation: string,
    options: MemberOptions,
    storeChanges: Partial<CoordinationStore>,
  ) {
    const { host = `host-of-${botId}`, canBeProbed = true } = options;
    this.#fleet = fleet;
    this.botId = botId;
    this.canBeProbed = canBeProbed;
    this.identity = { botId, incarnation, host, pid: 1_000 + fleet.members.length };
    this.oracle = new FakeOracle(botId);
    this.lockFile = join(fleet.directory, `${host}.lock`);
    this.#clock = new ProcessClock(fleet.clock);
    const store = fleet.server.client(incarnation);
    const watch = store.watch.bind(store);
    store.watch = (prefix, onChange) => watch(prefix, () => this.#clock.deliver(onChange));
    Object.assign(store, storeChanges);
    this.lock = assembleLeaderLock({
      config: {
        election: "elected",
        storeUrl: "memory:",
        lockFile: this.lockFile,
        timing: {
          ttlMs: TTL_MS,
          renewMs: RENEW_MS,
          marginMs: MARGIN_MS,
          opTimeoutMs: OP_TIMEOUT_MS,
          pollMs: POLL_MS,
        },
        priority: options.config?.priority ?? 100,
        nofailover: options.config?.nofailover ?? false,
        unhealthyResignMs: 30_000,
        fallbackAfterMs: FALLBACK_AFTER_MS,
        fallbackRankOffsetMs: RANK_OFFSET_MS,
        ...options.config,
      },
      self: this.identity,
      facts: {
        version: "1.0.0",
        configHash: "abcdef012345",
        priority: options.config?.priority ?? 100,
        nofailover: options.config?.nofailover ?? false,
        ...options.facts,
      },
      store,
      clock: this.#clock,
      logger: this.log.logger,
      metrics: this.metrics,
      lockPlace: `${host}:lock`,
      probe: (other) => fleet.probe(this, other),
      oracle: () => this.oraclePort(),
      alerts: () => this.alerts,
      endProcess: (reason, exitCode) => this.ends.push({ reason, exitCode }),
    });
  }

  get leads(): boolean {
    return !this.isDead && this.lock.guard(0).granted;
  }

  /** kill -9. */
  kill(): void {
    this.isDead = true;
    this.#clock.kill();
    this.cut();
  }

  /** SIGSTOP. */
  freeze(): void {
    this.#clock.stop();
  }

  /** SIGCONT. */
  thaw(): void {
    this.#clock.goOn();
  }

  /** Requests go out and are never answered. */
  cut(): void {
    this.#fleet.faults.set(this.identity.incarnation, () => ({ requestAfter: NEVER }));
  }

  /** As it should be. */
  mend(): void {
    this.#fleet.faults.delete(this.identity.incarnation);
  }

  /** Something of its own goes wrong with its requests. */
  fault(faultOf: (operation: StoreOperation) => StoreFault | undefined): void {
    this.#fleet.faults.set(this.identity.incarnation, faultOf);
  }
}

export class SimulatedFleet implements AsyncDisposable {
  readonly clock = new SimulatedClock();
  readonly server: MemoryStoreServer;
  readonly directory = mkdtempSync(join(tmpdir(), "simulated-fleet-"));
  readonly members: Member[] = [];
  readonly faults = new Map<string, (operation: StoreOperation) => StoreFault | undefined>();
  /** Requests by the process that sent them. */
  readonly requests = new Map<string, StoreOperation[]>();

  constructor({ local = true }: { readonly local?: boolean } = {}) {
    this.server = new MemoryStoreServer({ local });
    this.server.faultOf = (operation) => {
      const sent = this.requests.get(operation.client) ?? [];
      this.requests.set(operation.client, [...sent, operation]);
      return this.faults.get(operation.client)?.(operation);
    };
  }

  /** A new process; a second one with the same id is a restart, or a rival. `store`: methods of its client that are replaced. */
  add(botId: string, options: MemberOptions = {}, store: Partial<CoordinationStore> = {}): Member {
    const count = this.members.filter((member) => member.botId === botId).length;
    const member = new Member(this, botId, `${botId}-${count + 1}`, options, store);
    this.members.push(member);
    member.lock.start();
    return member;
  }

  /** Starts one agent after the other: the first one leads. */
  async start(...botIds: readonly string[]): Promise<Member[]> {
    const members: Member[] = [];
    for (const botId of botIds) {
      members.push(this.add(botId));
      await this.advance(2 * LONGEST_POLL_MS);
    }
    return members;
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Time in ms until `holds`. */
  async until(what: string, holds: () => boolean, withinMs: number): Promise<number> {
    for (let tookMs = 0; tookMs <= withinMs; tookMs += STEP_MS) {
      if (holds()) return tookMs;
      await this.advance(STEP_MS);
    }
    throw new Error(`not within ${withinMs} ms: ${what}`);
  }

  /** The result of `work`, for which time passes. */
  async settle<T>(work: Promise<T>, withinMs = 30_000): Promise<T> {
    let isSettled = false;
    const settled = work.finally(() => {
      isSettled = true;
    });
    // Awaited below, and by nobody when it never settles.
    settled.catch(() => undefined);
    await this.until("the call is settled", () => isSettled, withinMs);
    return settled;
  }

  /** Those that lead now; never more than one. */
  leaders(): readonly string[] {
    return this.members.filter(({ leads }) => leads).map(({ botId }) => botId);
  }

  operations(member: Member): readonly StoreOperation[] {
    return this.requests.get(member.identity.incarnation) ?? [];
  }

  probe(asking: Member, other: AgentIdentity): "dead" | "alive" | "unknown" {
    const process = this.members.find(({ identity }) => identity.incarnation === other.incarnation);
    const isSameHost = process?.identity.host === asking.identity.host;
    if (process === undefined || !isSameHost || !process.canBeProbed || !asking.canBeProbed) return "unknown";
    return process.isDead ? "dead" : "alive";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const living = this.members.filter(({ isDead }) => !isDead);
    await this.settle(Promise.all(living.map(({ lock }) => lock.stop())));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
