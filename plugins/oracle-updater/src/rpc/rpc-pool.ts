/**
 * The endpoints of one chain. Sticky: the first healthy endpoint serves everything, a failed one is left alone until
 * background probes find it well again, then it takes over again. An attempt runs on one endpoint from beginning to
 * end; when that endpoint fails, the whole attempt starts again on the next one and re-reads everything.
 */
import { type Clock, type Logger, type Supervised, sleep, supervise } from "@jeju-oracle/kit";
import { zeroAddress } from "viem";
import { batchReadCall } from "./batch-read.ts";
import { type RpcCall, RpcEndpoint, type RpcReply } from "./endpoint.ts";
import { EndpointHealth } from "./endpoint-health.ts";
import { type BlockHead, HeadTracker } from "./head-tracker.ts";
import { blockHead, safeInteger } from "./parse.ts";
import { ChainUnreachableError, EndpointError } from "./rpc-errors.ts";

/** One attempt's view of the endpoint it runs on. */
export interface RpcSession {
  readonly label: string;
  /** One HTTP request with one or more calls. @throws {EndpointError} */
  request(calls: readonly RpcCall[]): Promise<readonly RpcReply[]>;
  /**
   * Reports the head that an answer was computed at.
   * @throws {EndpointError} `head-behind` or `head-stalled` when another endpoint is known to be ahead.
   */
  observeHead(head: BlockHead): Promise<void>;
}

export interface RpcPoolEvents {
  /** After each HTTP request. */
  request(chain: string, durationMs: number): void;
  /** When the serving endpoint changes because of a failure. */
  failover(chain: string, fromIndex: number, toIndex: number, failure: string): void;
}

/** An endpoint that serves because the first one does not. */
export interface StandIn {
  readonly chain: "Base" | "Jeju";
  readonly index: number;
  readonly forMs: number;
}

export interface RpcPoolOptions {
  readonly chain: "Base" | "Jeju";
  readonly urls: readonly string[];
  readonly chainId: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: RpcPoolEvents;
}

interface PooledEndpoint {
  readonly url: string;
  readonly endpoint: RpcEndpoint;
  readonly health: EndpointHealth;
}

/** When every endpoint timed out, the second round is this much more patient: slow beats nothing. */
const LAST_RESORT_FACTOR = 4;
const PROBE_INTERVAL_MS = 5_000;
/** Standbys are probed every n-th round, so that a dead one is known before it is needed. */
const STANDBY_PROBE_EVERY = 6;
/** Failures that the same endpoint may get over within moments: worth a second, more patient round. */
const PASSING_FAILURES: ReadonlySet<string> = new Set(["timeout", "head-behind", "state-unavailable"]);

export class RpcPool {
  readonly chain: string;
  readonly #options: RpcPoolOptions;
  #states: readonly PooledEndpoint[];
  #nextIndex = 0;
  readonly #heads: HeadTracker;
  #prober: Supervised | undefined;
  #serving = 0;
  /** Since when another endpoint serves than the first; undefined while the first does. */
  #standInSinceMs: number | undefined;
  /** When attempts began to fail; undefined while the last one succeeded. */
  #failingSinceMs: number | undefined;

  constructor(options: RpcPoolOptions) {
    this.chain = options.chain;
    this.#options = options;
    this.#states = options.urls.map((url) => this.#pooled(url, true));
    this.#heads = new HeadTracker(options.clock);
  }

  /** Starts the background probes of endpoints that do not serve. */
  start(): void {
    const { clock, logger } = this.#options;
    this.#prober ??= supervise(clock, logger, `${this.chain} RPC prober`, (signal) =>
      this.#probeLoop(signal),
    );
  }

  async stop(): Promise<void> {
    await this.#prober?.stop();
  }

  /**
   * Replaces the endpoints behind the configured ones. A new one serves when nothing else does, and as a fallback of equal
   * standing after a probe in the background found it well; never before it proved to be a node of this chain. An attempt
   * that runs on one that is taken away is completed there.
   */
  setExtraUrls(urls: readonly string[]): void {
    const configured = this.#states.slice(0, this.#options.urls.length);
    const extra = this.#states.slice(this.#options.urls.length);
    const wanted = [...new Set(urls)].filter((url) => !this.#options.urls.includes(url));
    for (const { url, endpoint } of extra) if (!wanted.includes(url)) this.#heads.forget(endpoint.index);
    const kept = wanted.map((url) => extra.find((known) => known.url === url) ?? this.#pooled(url, false));
    this.#states = [...configured, ...kept];
  }

  #pooled(url: string, trusted: boolean): PooledEndpoint {
    const { chain, clock } = this.#options;
    const endpoint = new RpcEndpoint(chain, this.#nextIndex++, url, clock);
    return { url, endpoint, health: new EndpointHealth(clock.monotonicMs(), trusted) };
  }

  /** Time in ms for which no endpoint has completed an attempt; 0 while the last one succeeded. */
  unreachableForMs(): number {
    return this.#failingSinceMs === undefined ? 0 : this.#options.clock.monotonicMs() - this.#failingSinceMs;
  }

  servingIndex(): number {
    return this.#serving;
  }

  /** Which endpoint serves instead of the first one, and for how long one has; undefined while the first does. */
  standIn(): StandIn | undefined {
    if (this.#standInSinceMs === undefined) return undefined;
    const forMs = this.#options.clock.monotonicMs() - this.#standInSinceMs;
    return { chain: this.#options.chain, index: this.#serving, forMs };
  }

  /**
   * Runs `work` on the serving endpoint, and again from its beginning on the next one while endpoints fail.
   * Errors other than {@link EndpointError} pass through at once.
   * @throws {ChainUnreachableError} when no endpoint could complete it.
   */
  async attempt<T>(work: (session: RpcSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { timeoutMs } = this.#options;
    const startedAtMs = this.#options.clock.monotonicMs();
    const candidates = this.#candidates();
    let lastError: unknown;
    let worthAnotherRound = false;
    for (const [position, state] of candidates.entries()) {
      const outcome = await this.#tryOn(state, timeoutMs, work, signal);
      if (outcome.done) return outcome.value;
      lastError = outcome.error;
      worthAnotherRound ||= PASSING_FAILURES.has(outcome.error.kind);
      this.#moveOn(state, candidates[position + 1], outcome.error);
    }
    if (worthAnotherRound) {
      for (const state of candidates) {
        const outcome = await this.#tryOn(state, timeoutMs * LAST_RESORT_FACTOR, work, signal);
        if (outcome.done) return outcome.value;
        lastError = outcome.error;
      }
    }
    this.#failingSinceMs ??= startedAtMs;
    throw new ChainUnreachableError(this.chain, candidates.length, lastError);
  }

  /**
   * Sends `calls` to every healthy endpoint (to all when none is), whatever they answer: for what is safe anywhere, any
   * number of times. Changes nobody's health and takes at most one deadline.
   */
  async tellAll(calls: readonly RpcCall[], signal?: AbortSignal): Promise<void> {
    const healthy = this.#states.filter(({ health }) => health.healthy);
    const told = (healthy.length > 0 ? healthy : this.#states).map(async ({ endpoint }) => {
      try {
        await this.#timedRequest(endpoint, calls, this.#options.timeoutMs, signal);
      } catch (error) {
        if (!(error instanceof EndpointError) && signal?.aborted !== true) throw error;
      }
    });
    await Promise.all(told);
  }

  /** Healthy endpoints in the order of trust, then the failed ones: better a doubtful answer than none. */
  #candidates(): PooledEndpoint[] {
    const healthy = this.#states.filter(({ health }) => health.healthy);
    const failed = this.#states.filter(({ health }) => !health.healthy);
    return [...healthy, ...failed];
  }

  async #tryOn<T>(
    state: PooledEndpoint,
    timeoutMs: number,
    work: (session: RpcSession) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<{ done: true; value: T } | { done: false; error: EndpointError }> {
    try {
      if (!state.health.proven) {
        await this.#readHead(state.endpoint, timeoutMs, signal);
        state.health.probedWell();
      }
      const value = await work(this.#session(state, timeoutMs, signal));
      this.#failingSinceMs = undefined;
      this.#serves(state);
      if (!state.health.healthy && !this.#states.some(({ health }) => health.healthy)) this.#markWell(state);
      return { done: true, value };
    } catch (error) {
      if (error instanceof EndpointError && signal?.aborted !== true) return { done: false, error };
      throw error;
    }
  }

  #serves({ endpoint: { index } }: PooledEndpoint): void {
    this.#serving = index;
    this.#standInSinceMs =
      index === 0 ? undefined : (this.#standInSinceMs ?? this.#options.clock.monotonicMs());
  }

  #session(state: PooledEndpoint, timeoutMs: number, signal: AbortSignal | undefined): RpcSession {
    const { endpoint } = state;
    return {
      label: endpoint.label,
      request: (calls) => this.#timedRequest(endpoint, calls, timeoutMs, signal),
      observeHead: async (head) => {
        const suspicion = this.#heads.observe(endpoint.index, head);
        if (suspicion === "behind") {
          throw new EndpointError(
            "head-behind",
            endpoint.label,
            `its head ${head.number} is behind what was already seen`,
          );
        }
        if (suspicion === "stalled" && (await this.#anotherIsAhead(endpoint, head, timeoutMs, signal))) {
          throw new EndpointError(
            "head-stalled",
            endpoint.label,
            `its head stays at ${head.number}, others are ahead`,
          );
        }
      },
    };
  }

  async #timedRequest(
    endpoint: RpcEndpoint,
    calls: readonly RpcCall[],
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly RpcReply[]> {
    const startedAtMs = this.#options.clock.monotonicMs();
    try {
      return await endpoint.request(calls, timeoutMs, signal);
    } finally {
      this.#options.events.request(this.chain, this.#options.clock.monotonicMs() - startedAtMs);
    }
  }

  #moveOn(from: PooledEndpoint, to: PooledEndpoint | undefined, error: EndpointError): void {
    const { logger, events } = this.#options;
    const wasHealthy = from.health.healthy;
    if (wasHealthy) from.health.fail(this.#options.clock.monotonicMs());
    if (to === undefined) {
      logger.warn(`${from.endpoint.label} failed, no fallback left`, {
        failure: error.kind,
        detail: error.message,
      });
      return;
    }
    if (!wasHealthy) return;
    logger.warn(`${from.endpoint.label} failed, trying fallback`, {
      failure: error.kind,
      detail: error.message,
    });
    logger.warn("RPC failover occurred", {
      chain: this.chain,
      from: from.endpoint.index,
      to: to.endpoint.index,
      failure: error.kind,
    });
    events.failover(this.chain, from.endpoint.index, to.endpoint.index, error.kind);
  }

  /** Whether any other endpoint has a newer head: a chain that stops is no endpoint's fault. */
  async #anotherIsAhead(
    suspect: RpcEndpoint,
    head: BlockHead,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const others = this.#states.filter((state) => state.endpoint !== suspect);
    const heads = await Promise.all(others.map((state) => this.#probe(state.endpoint, timeoutMs, signal)));
    return heads.some((other) => other !== undefined && this.#heads.isAhead(other, head));
  }

  /** The head of an endpoint that serves, else undefined. */
  async #probe(
    endpoint: RpcEndpoint,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<BlockHead | undefined> {
    try {
      return await this.#readHead(endpoint, timeoutMs, signal);
    } catch (error) {
      if (error instanceof EndpointError) return undefined;
      throw error;
    }
  }

  /** @throws {EndpointError} unless it is on the right chain and serves the reads that the price loop needs. */
  async #readHead(endpoint: RpcEndpoint, timeoutMs: number, signal?: AbortSignal): Promise<BlockHead> {
    const { label } = endpoint;
    const { chainId: expected } = this.#options;
    const [chainId, block, read] = await this.#timedRequest(
      endpoint,
      [
        { method: "eth_chainId", params: [] },
        { method: "eth_getBlockByNumber", params: ["latest", false] },
        // Nodes that know their head and fail every eth_call exist: they would come back only to fail again.
        batchReadCall(zeroAddress, [], "latest"),
      ],
      timeoutMs,
      signal,
    );
    if (chainId?.ok !== true || block?.ok !== true || read?.ok !== true) {
      throw new EndpointError("rpc-error", label, "fails the calls of a probe");
    }
    const found = safeInteger(chainId.result, label, "chain id");
    if (found !== expected)
      throw new EndpointError("wrong-chain", label, `is on chain ${found}, not ${expected}`);
    return blockHead(block.result, label);
  }

  async #probeLoop(signal: AbortSignal): Promise<void> {
    for (let round = 1; !signal.aborted; round++) {
      await sleep(this.#options.clock, PROBE_INTERVAL_MS, signal);
      const due = this.#states.filter(
        (state) =>
          !state.health.healthy ||
          (round % STANDBY_PROBE_EVERY === 0 && state.endpoint.index !== this.#serving),
      );
      for (const state of due) if (!signal.aborted) await this.#probeState(state, signal);
    }
  }

  async #probeState(state: PooledEndpoint, signal: AbortSignal): Promise<void> {
    const head = await this.#probe(state.endpoint, this.#options.timeoutMs, signal);
    if (signal.aborted) return;
    const { health, endpoint } = state;
    const well = head !== undefined && !this.#heads.isBehindSeen(head);
    if (!well) {
      if (health.healthy) {
        this.#options.logger.warn(`${endpoint.label} does not answer probes, it is no fallback for now`);
        health.fail(this.#options.clock.monotonicMs());
      }
      health.probedBadly();
      return;
    }
    if (!health.healthy && health.probedWell()) this.#markWell(state);
  }

  #markWell(state: PooledEndpoint): void {
    state.health.recover(this.#options.clock.monotonicMs());
    this.#heads.forget(state.endpoint.index);
    this.#options.logger.info(`${state.endpoint.label} is well again`, { chain: this.chain });
  }
}
