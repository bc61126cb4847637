/** Agents with their own ledgers over one store in memory, and clocks that stand still until a test moves them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CoordinationStore, type Logger, type SharedRecords, silentLogger } from "@jeju-oracle/kit";
import type { SimulatedClock } from "@jeju-oracle/kit/testing";
import { MemoryStoreServer } from "../../../../leader-lock/test/support/memory-store.ts";
import { type Alert, isActive } from "../../../src/alerts/alert.ts";
import { AlertBook } from "../../../src/alerts/alert-book.ts";
import { Ledger } from "../../../src/alerts/ledger.ts";
import { StoreSync } from "../../../src/alerts/store-sync.ts";

/** A store that refuses everything of one client. */
export class TestStore extends MemoryStoreServer {
  /** Names of the clients that do not reach it. */
  readonly cutOff = new Set<string>();

  constructor() {
    super();
    this.faultOf = ({ client }) => (this.cutOff.has(client) ? { drop: "request" } : undefined);
  }

  /** What stands in the record of an alert. */
  alert(fingerprint: string): Alert | undefined {
    const record = this.peek(`alert/a/${fingerprint}`);
    return record === null ? undefined : JSON.parse(record.value);
  }

  /** Replaces a record by hand. */
  put(name: string, value: string): void {
    this.compareAndSet(name, this.peek(name), value);
  }
}

export interface AgentWishes {
  readonly store: TestStore | undefined;
  readonly clock: SimulatedClock;
  readonly stateDir: string;
  readonly logger?: Logger;
  readonly pullEveryMs?: () => number | undefined;
}

export class TestAgent {
  readonly book: AlertBook;
  readonly sync: StoreSync;
  readonly records: SharedRecords;
  readonly ledger: Ledger;
  /** What was said about the disk. */
  readonly said: (string | undefined)[] = [];
  #running: AbortController | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(
    readonly botId: string,
    wishes: AgentWishes,
  ) {
    const { clock, logger = silentLogger, store, stateDir, pullEveryMs = () => 5_000 } = wishes;
    this.records = recordsOver(store?.client(botId), () => store?.cutOff.has(botId) === false);
    this.ledger = new Ledger(join(stateDir, `${botId}.sqlite`), logger);
    this.book = new AlertBook({
      ledger: this.ledger,
      clock,
      logger,
      changed: () => this.sync?.ring(),
      unwritable: (problem) => this.said.push(problem?.message),
    });
    this.sync = new StoreSync({
      records: this.records,
      book: this.book,
      clock,
      logger,
      isOwn: ({ raisers }) => raisers[botId] !== undefined && raisers[botId].endedAtMs === undefined,
      pullEveryMs,
      pulled: () => undefined,
    });
  }

  /** Shares alerts with the fleet from now on. */
  start(): void {
    const running = new AbortController();
    this.#running = running;
    this.#ended = this.sync.run(running.signal);
  }

  async stop(): Promise<void> {
    this.#running?.abort();
    await this.#ended;
    this.book.close();
  }

  /** What holds, as this agent knows. */
  active(): readonly string[] {
    return this.book
      .all()
      .filter(isActive)
      .map(({ fingerprint, episode }) => `${fingerprint} #${episode}`)
      .sort();
  }
}

export function recordsOver(store: CoordinationStore | undefined, reachable: () => boolean): SharedRecords {
  const { signal } = new AbortController();
  const nothing = () => Promise.reject(new Error("there is no store"));
  return {
    available: store !== undefined,
    reachable,
    read: (name) => store?.read(name, signal) ?? nothing(),
    list: (prefix) => store?.list(prefix, signal) ?? nothing(),
    cas: (name, previous, next) => store?.cas(name, previous, next, signal) ?? nothing(),
    watch: (prefix, onChange) => store?.watch(prefix, onChange) ?? (() => undefined),
  };
}

/** A folder that is removed when the test is over. */
export class TestFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "alerts-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
