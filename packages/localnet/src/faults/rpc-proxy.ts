/**
 * An RPC endpoint that can be broken on purpose: HTTP and WebSocket at one port, in front of a real node. Without a
 * fault it is transparent. It counts what it is asked, whatever it answers.
 */
import { systemClock, withDeadline } from "@jeju-oracle/kit";
import { LocalnetInputError, LocalRpcError } from "../errors.ts";
import { type Behaviour, behaviourOf, type Outcome, type Upstreams } from "./behaviour.ts";
import { type RpcFault, type RpcFaultKind, validateFault } from "./fault.ts";
import { Listener } from "./listener.ts";
import { parseMessage, type RpcMessage } from "./messages.ts";
import { SocketRelay } from "./socket-relay.ts";
import { Upstream } from "./upstream.ts";

export interface RpcProxyOptions {
  /** HTTP URL of the node. Its WebSocket is at the same address. */
  readonly target: string;
  /** HTTP URL of a node of another chain, for the fault "wrong-chain". */
  readonly otherTarget?: string;
}

export interface RpcLogEntry {
  /** Arrival, in milliseconds of `performance.now()`. */
  readonly atMs: number;
  readonly via: "http" | "ws";
  /** Methods of the calls, in order. Empty when the message was not JSON-RPC. */
  readonly methods: readonly string[];
  /** The fault in force at arrival. */
  readonly fault: RpcFaultKind | null;
  /** What became of it so far: "abandoned" once the client left without an answer. */
  readonly outcome: "unanswered" | "answered" | "abandoned";
}

/** Enough for every test; a benchmark that runs for hours keeps the latest. */
const MAX_LOG_ENTRIES = 10_000;
const DEFAULT_WAIT_MS = 5_000;

interface ActiveFault {
  readonly fault: RpcFault | null;
  readonly behaviour: Behaviour;
  /** Aborts when another fault, or none, takes its place. */
  readonly over: AbortController;
}

interface Waiter {
  readonly method: string;
  readonly arrived: () => void;
}

export class RpcProxy {
  readonly url: string;
  readonly wsUrl: string;
  readonly #listener: Listener;
  readonly #upstreams: Upstreams;
  readonly #stopped: AbortController;
  readonly #relays = new Set<SocketRelay>();
  readonly #waiters = new Set<Waiter>();
  readonly #calls = new Map<string, number>();
  #log: { -readonly [K in keyof RpcLogEntry]: RpcLogEntry[K] }[] = [];
  #requests = 0;
  #active: ActiveFault;
  #changes: Promise<void> = Promise.resolve();

  private constructor(upstreams: Upstreams, behaviour: Behaviour, stopped: AbortController) {
    this.#upstreams = upstreams;
    this.#stopped = stopped;
    this.#active = { fault: null, behaviour, over: new AbortController() };
    this.#listener = new Listener({
      onRequest: (request) => this.#onRequest(request),
      openRelay: (send, close) => this.#openRelay(send, close),
      refusesSockets: () => this.#refusesSockets(),
    });
    this.url = `http://127.0.0.1:${this.#listener.port}`;
    this.wsUrl = `ws://127.0.0.1:${this.#listener.port}`;
  }

  /**
   * Listens at a free port of 127.0.0.1, without a fault. The node is not contacted before the first request.
   * @throws {LocalnetInputError} when a target is no http URL.
   * @throws {RpcProxyPortError} when no port is free.
   */
  static async start({ target, otherTarget }: RpcProxyOptions): Promise<RpcProxy> {
    requireHttpUrl("target", target);
    if (otherTarget !== undefined) requireHttpUrl("otherTarget", otherTarget);
    const stopped = new AbortController();
    const upstreams = {
      target: new Upstream(target, stopped.signal),
      other: otherTarget === undefined ? undefined : new Upstream(otherTarget, stopped.signal),
    };
    return new RpcProxy(upstreams, await behaviourOf(null, upstreams), stopped);
  }

  /** The fault in force. */
  get fault(): RpcFault | null {
    return this.#active.fault;
  }

  /** HTTP requests that arrived, answered or not. A refused connection is not seen here. */
  get requests(): number {
    return this.#requests;
  }

  /** JSON-RPC calls that arrived, by method, over HTTP and WebSocket. */
  get calls(): ReadonlyMap<string, number> {
    return this.#calls;
  }

  /** The latest messages, oldest first; at most 10,000. */
  get log(): readonly RpcLogEntry[] {
    return this.#log;
  }

  /** Sets the counts to zero and empties the log. */
  resetCounts(): void {
    this.#requests = 0;
    this.#calls.clear();
    this.#log = [];
  }

  /**
   * Puts a fault in force in place of the one before; null heals. Resolves when it is in force.
   * @throws {LocalnetInputError} for an unusable parameter.
   * @throws {LocalRpcError} when the node does not answer a fault that starts from its head; nothing changes then.
   * @throws {RpcProxyPortError} when the port was taken during "refuse"; the fault stays.
   */
  setFault(fault: RpcFault | null): Promise<void> {
    const change = this.#changes.then(() => this.#change(fault));
    this.#changes = change.catch(() => undefined);
    return change;
  }

  /**
   * Resolves at the next arrival of a call of `method`, before it is answered.
   * @throws {DeadlineError} when none arrives in time.
   */
  async nextCall(method: string, deadlineMs = DEFAULT_WAIT_MS): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter: Waiter = { method, arrived: resolve };
    this.#waiters.add(waiter);
    try {
      await withDeadline(systemClock, `a call of ${method}`, deadlineMs, () => promise, this.#stopped.signal);
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  /** Cuts all connections and ends. Requests to the node under way are given up. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped.abort(new LocalRpcError("request", "the proxy was stopped", false));
    await this.#changes;
    this.#active.over.abort();
    for (const relay of this.#relays) relay.cutOff();
    await this.#listener.close();
  }

  async #change(fault: RpcFault | null): Promise<void> {
    if (this.#stopped.signal.aborted) throw new LocalRpcError("setFault", "the proxy was stopped", false);
    if (fault !== null) validateFault(fault, this.#upstreams.other !== undefined);
    const behaviour = await behaviourOf(fault, this.#upstreams);
    if (fault?.kind !== "refuse") await this.#listener.open();
    const { over } = this.#active;
    this.#active = { fault, behaviour, over: new AbortController() };
    over.abort();
    for (const relay of this.#relays) relay.onFaultChanged();
    if (fault?.kind === "refuse") await this.#listener.close();
  }

  async #onRequest(request: Request): Promise<Response> {
    this.#requests += 1;
    const message = parseMessage(await request.text());
    const outcome = await this.#respond(message, "http", request.signal);
    switch (outcome.kind) {
      case "answer":
        return new Response(outcome.text, {
          status: outcome.status,
          headers: { "content-type": "application/json" },
        });
      case "page":
        return new Response(outcome.text, { status: outcome.status, headers: outcome.headers });
      case "silence":
        await aborted(request.signal);
        return new Response(null, { status: 499 });
      default:
        return outcome satisfies never;
    }
  }

  #openRelay(send: (text: string) => void, close: () => void): SocketRelay {
    const relay = new SocketRelay({
      behaviour: () => this.#active.behaviour,
      answer: async (message, gone) => {
        const outcome = await this.#respond(message, "ws", gone);
        if (outcome.kind === "silence") return undefined;
        return outcome.kind === "page" ? "closed" : outcome.text;
      },
      recordSubscription: (message, passedOn) => {
        this.#record(message, "ws").outcome = passedOn ? "answered" : "unanswered";
      },
      send,
      close,
      ended: (ended) => this.#relays.delete(ended),
    });
    this.#relays.add(relay);
    return relay;
  }

  #refusesSockets(): Response | undefined {
    if (this.#active.behaviour.pushes.kind !== "closed") return undefined;
    return new Response("Service Unavailable", { status: 503 });
  }

  async #respond(
    message: RpcMessage,
    via: "http" | "ws",
    gone: AbortSignal,
  ): Promise<Exclude<Outcome, { readonly kind: "held" }>> {
    const entry = this.#record(message, via);
    void aborted(gone).then(() => {
      if (entry.outcome === "unanswered") entry.outcome = "abandoned";
    });
    while (!gone.aborted && !this.#stopped.signal.aborted) {
      const { behaviour, over } = this.#active;
      const outcome = await this.#outcome(behaviour, message);
      if (outcome.kind === "held") {
        await aborted(AbortSignal.any([over.signal, gone]));
        continue;
      }
      if (outcome.kind !== "silence" && !gone.aborted) entry.outcome = "answered";
      return outcome;
    }
    return { kind: "silence" };
  }

  /** A node that is gone looks to the client like one behind a web server. */
  async #outcome(behaviour: Behaviour, message: RpcMessage): Promise<Outcome> {
    try {
      return await behaviour.respond(message);
    } catch (error) {
      if (!(error instanceof LocalRpcError)) throw error;
      return { kind: "page", status: 502, text: error.message, headers: { "content-type": "text/plain" } };
    }
  }

  #record(message: RpcMessage, via: "http" | "ws") {
    const methods = message.calls.map(({ method }) => method);
    for (const method of methods) this.#calls.set(method, (this.#calls.get(method) ?? 0) + 1);
    for (const waiter of this.#waiters) if (methods.includes(waiter.method)) waiter.arrived();
    const fault = this.#active.fault?.kind ?? null;
    const entry = {
      atMs: performance.now(),
      via,
      methods,
      fault,
      outcome: "unanswered" as RpcLogEntry["outcome"],
    };
    this.#log.push(entry);
    if (this.#log.length > MAX_LOG_ENTRIES) this.#log.splice(0, this.#log.length - MAX_LOG_ENTRIES);
    return entry;
  }
}

/** Starts a proxy. See {@link RpcProxy.start}. */
export function startRpcProxy(options: RpcProxyOptions): Promise<RpcProxy> {
  return RpcProxy.start(options);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function requireHttpUrl(name: string, url: string): void {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return;
  throw new LocalnetInputError(`${name} is ${JSON.stringify(url)}`, "Give the http URL of a node.");
}
