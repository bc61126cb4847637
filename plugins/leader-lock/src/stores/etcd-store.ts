/**
 * The coordination store in etcd 3.4 or later, through its HTTP gateway: one key per record, one transaction per write. Reads
 * are linearizable, which is etcd's default.
 */
import { readFileSync } from "node:fs";
import {
  type Clock,
  type CompareAndSetAndListResult,
  type CompareAndSetResult,
  type CoordinationStore,
  describeError,
  type Logger,
  registerUrlSecrets,
  type StoreRecord,
  StoreUnusableError,
} from "@jeju-oracle/kit";
import { EtcdGateway, type EtcdTls } from "./etcd/etcd-gateway.ts";
import {
  EtcdKeys,
  rangeAnswer,
  resultOf,
  transactionAnswer,
  transactionFor,
  type Write,
} from "./etcd/etcd-transaction.ts";
import { type EtcdTarget, parseEtcdUrl } from "./etcd/etcd-url.ts";
import { watchKeys } from "./etcd/etcd-watch.ts";
import { untilAborted } from "./until-aborted.ts";

export interface EtcdStoreOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Deadline in ms that callers give one call. */
  readonly opTimeoutMs: number;
}

/**
 * Opens the store; nothing is asked of it yet. The URL's form: etcd/etcd-url.ts.
 * @throws {StoreUnusableError} for a URL that is wrong, or a certificate that cannot be read.
 */
export function openEtcdStore(url: string, options: EtcdStoreOptions): CoordinationStore {
  return new EtcdStore(url, options);
}

class EtcdStore implements CoordinationStore {
  readonly local = false;
  readonly label: string;
  readonly #options: EtcdStoreOptions;
  readonly #gateway: EtcdGateway;
  readonly #keys: EtcdKeys;
  readonly #closed = new AbortController();
  readonly #watches = new Set<AbortController>();

  constructor(url: string, options: EtcdStoreOptions) {
    const target = parseEtcdUrl(url);
    registerLogin(url);
    this.label = target.label;
    this.#options = options;
    this.#gateway = new EtcdGateway(target, { ...options, tls: readTlsFiles(target) });
    this.#keys = new EtcdKeys(target.keyPrefix);
  }

  async read(name: string, signal: AbortSignal): Promise<StoreRecord | null> {
    const [record = null] = await this.#range(this.#keys.one(name), signal);
    return record;
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly StoreRecord[]> {
    return this.#range(this.#keys.under(prefix), signal);
  }

  async cas(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    signal: AbortSignal,
  ): Promise<CompareAndSetResult> {
    const { listed: _, ...outcome } = await this.#write({ name, previous, next, listedPrefix: null }, signal);
    return outcome;
  }

  async casAndList(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    prefix: string,
    signal: AbortSignal,
  ): Promise<CompareAndSetAndListResult> {
    return this.#write({ name, previous, next, listedPrefix: prefix }, signal);
  }

  watch(prefix: string, onChange: () => void): () => void {
    if (this.#closed.signal.aborted) return () => undefined;
    const watch = new AbortController();
    this.#watches.add(watch);
    const context = { ...this.#options, gateway: this.#gateway };
    void watchKeys(context, this.#keys.under(prefix), onChange, watch.signal);
    return () => {
      this.#watches.delete(watch);
      watch.abort();
    };
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const watch of this.#watches) watch.abort();
    this.#watches.clear();
  }

  #write(write: Write, signal: AbortSignal): Promise<CompareAndSetAndListResult> {
    return this.#bounded(signal, async (ended) => {
      const transaction = transactionFor(this.#keys, write);
      const answer = await this.#gateway.call("/kv/txn", transaction, transactionAnswer, ended);
      return resultOf(this.#keys, write, answer);
    });
  }

  #range(range: { readonly key: string }, signal: AbortSignal): Promise<readonly StoreRecord[]> {
    return this.#bounded(signal, async (ended) => {
      const { kvs } = await this.#gateway.call("/kv/range", range, rangeAnswer, ended);
      return kvs.map((each) => this.#keys.record(each));
    });
  }

  /** Ends what it started, too, when the call ends. */
  async #bounded<T>(signal: AbortSignal, work: (ended: AbortSignal) => Promise<T>): Promise<T> {
    const ended = new AbortController();
    const limits = { label: this.label, signal, closed: this.#closed.signal };
    try {
      return await untilAborted(limits, () => work(ended.signal));
    } finally {
      ended.abort();
    }
  }
}

/** User and password alone: several hosts do not make a URL, and what else there is are paths. */
function registerLogin(url: string): void {
  const login = /^etcd:\/\/([^@/?]*@)/.exec(url)?.[1];
  if (login !== undefined) registerUrlSecrets(`etcd://${login}host`);
}

function readTlsFiles({ caFile, certFile, keyFile }: EtcdTarget): EtcdTls {
  return {
    ...(caFile === undefined ? {} : { ca: readPem(caFile, "ca") }),
    ...(certFile === undefined ? {} : { cert: readPem(certFile, "cert") }),
    ...(keyFile === undefined ? {} : { key: readPem(keyFile, "key") }),
  };
}

function readPem(file: string, parameter: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new StoreUnusableError(`cannot read a certificate or key of the store: ${describeError(cause)}`, {
      nextStep: `Name a readable PEM file as ${parameter} in LEADER_LOCK_URL.`,
      cause,
    });
  }
}
