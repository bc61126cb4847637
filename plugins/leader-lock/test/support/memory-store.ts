/**
 * A coordination store in memory, for tests: as strict as the real ones, and every operation can be delayed, lost on the
 * way there (not applied) or on the way back (applied, but its caller is not told). Nothing happens by itself: the same
 * calls and the same faults give the same outcome.
 */
import {
  type CompareAndSetAndListResult,
  type CompareAndSetResult,
  type CoordinationStore,
  type StoreRecord,
  StoreUnavailableError,
} from "@jeju-oracle/kit";
import { versionOf } from "../../src/stores/version.ts";

export type OperationKind = "read" | "cas" | "list" | "casAndList";

/** One call of one client, as a fault hook sees it. */
export interface StoreOperation {
  /** What {@link MemoryStoreServer.client} was called with. */
  readonly client: string;
  readonly kind: OperationKind;
  /** The record's name; for `list` the prefix. */
  readonly name: string;
  /** What a write wants to be there; undefined for reads. */
  readonly next?: string | null;
}

/** What goes wrong with one operation. Each part is optional. */
export interface StoreFault {
  /** The request arrives when this settles. */
  readonly requestAfter?: Promise<unknown>;
  /** `request`: never arrives. `reply`: is applied, and its caller gets a StoreUnavailableError. */
  readonly drop?: "request" | "reply";
  /** The reply arrives when this settles. */
  readonly replyAfter?: Promise<unknown>;
}

export interface MemoryStoreOptions {
  readonly local?: boolean;
}

/** What the clients share. */
export class MemoryStoreServer {
  /** Asked for each operation when it is sent. */
  faultOf: (operation: StoreOperation) => StoreFault | undefined = () => undefined;
  /** Operations sent so far, by kind, faulty ones included. */
  readonly operations: Record<OperationKind, number> = { read: 0, cas: 0, list: 0, casAndList: 0 };
  /** Writes that were applied. */
  writes = 0;
  readonly #local: boolean;
  readonly #records = new Map<string, StoreRecord>();
  readonly #watches = new Set<{ prefix: string; onChange: () => void }>();
  #revision = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.#local = options.local ?? false;
  }

  /** One more client. `name` tells clients apart in {@link faultOf}. */
  client(name = "client"): CoordinationStore {
    return new MemoryStoreClient(this, name, this.#local);
  }

  /** Everything is lost, and revisions start over. Watches are told nothing, as by a store that was replaced. */
  wipe(): void {
    this.#records.clear();
    this.#revision = 0;
  }

  /** The record as it is, whatever faults there are. */
  peek(name: string): StoreRecord | null {
    return this.#records.get(name) ?? null;
  }

  list(prefix: string): readonly StoreRecord[] {
    return [...this.#records.values()]
      .filter(({ name }) => name.startsWith(prefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  compareAndSet(name: string, previous: StoreRecord | null, next: string | null): CompareAndSetResult {
    const current = this.peek(name);
    if ((current?.value ?? null) === next) return { won: true, record: current };
    const unchanged =
      current === null || previous === null
        ? current === previous
        : current.version === previous.version && current.value === previous.value;
    if (!unchanged) return { won: false, current };
    this.#revision++;
    this.writes++;
    const record = next === null ? null : { name, version: versionOf(this.#revision, next), value: next };
    if (record === null) this.#records.delete(name);
    else this.#records.set(name, record);
    for (const watch of this.#watches) if (name.startsWith(watch.prefix)) queueMicrotask(watch.onChange);
    return { won: true, record };
  }

  /** Returns a function that ends it. */
  watch(prefix: string, onChange: () => void): () => void {
    let ended = false;
    const watch = { prefix, onChange: () => ended || onChange() };
    this.#watches.add(watch);
    return () => {
      ended = true;
      this.#watches.delete(watch);
    };
  }
}

class MemoryStoreClient implements CoordinationStore {
  readonly local: boolean;
  readonly label = "memory://";
  readonly #server: MemoryStoreServer;
  readonly #name: string;
  readonly #closed = new AbortController();
  readonly #endWatches = new Set<() => void>();

  constructor(server: MemoryStoreServer, name: string, local: boolean) {
    this.#server = server;
    this.#name = name;
    this.local = local;
  }

  read(name: string, signal: AbortSignal): Promise<StoreRecord | null> {
    return this.#run({ kind: "read", name }, signal, () => this.#server.peek(name));
  }

  list(prefix: string, signal: AbortSignal): Promise<readonly StoreRecord[]> {
    return this.#run({ kind: "list", name: prefix }, signal, () => this.#server.list(prefix));
  }

  cas(name: string, previous: StoreRecord | null, next: string | null, signal: AbortSignal) {
    return this.#run<CompareAndSetResult>({ kind: "cas", name, next }, signal, () =>
      this.#server.compareAndSet(name, previous, next),
    );
  }

  casAndList(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    prefix: string,
    signal: AbortSignal,
  ) {
    return this.#run<CompareAndSetAndListResult>({ kind: "casAndList", name, next }, signal, () => {
      const result = this.#server.compareAndSet(name, previous, next);
      return { ...result, listed: this.#server.list(prefix) };
    });
  }

  watch(prefix: string, onChange: () => void): () => void {
    if (this.#closed.signal.aborted) return () => undefined;
    const end = this.#server.watch(prefix, onChange);
    this.#endWatches.add(end);
    return () => {
      this.#endWatches.delete(end);
      end();
    };
  }

  async close(): Promise<void> {
    this.#closed.abort(new StoreUnavailableError("the store was closed"));
    for (const end of this.#endWatches) end();
    this.#endWatches.clear();
  }

  async #run<T>(operation: Omit<StoreOperation, "client">, signal: AbortSignal, apply: () => T): Promise<T> {
    this.#server.operations[operation.kind]++;
    const fault = this.#server.faultOf({ ...operation, client: this.#name }) ?? {};
    const ended = AbortSignal.any([signal, this.#closed.signal]);
    // A reply is never in the same turn as its request, as with a real store.
    await raceAbort(Promise.resolve(fault.requestAfter), ended);
    if (fault.drop === "request") throw new StoreUnavailableError("the request was lost");
    const result = apply();
    if (fault.drop === "reply") throw new StoreUnavailableError("the reply was lost");
    await raceAbort(Promise.resolve(fault.replyAfter), ended);
    return result;
  }
}

/** Waits for `work`, or until the signal aborts. @throws {StoreUnavailableError} */
async function raceAbort(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () =>
    aborted.reject(new StoreUnavailableError("the call was ended by its signal", { cause: signal.reason }));
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([aborted.promise, work]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
