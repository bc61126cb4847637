/** A Telegram channel against a Bot API, with a clock that stands still, a lease that tests give and take, and a store in memory. */
import {
  type AlertCondition,
  type CompareAndSetResult,
  Secret,
  type SharedRecords,
  type StoreRecord,
  StoreUnavailableError,
} from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { createTelegramChannel, type TelegramChannel } from "../../../src/channels/telegram/index.ts";
import type { InboundHandler } from "../../../src/conversation/channel.ts";
import type { Inbound } from "../../../src/conversation/inbound.ts";
import { TEAM_CHAT_ID, TelegramServer, type TelegramUser } from "../../support/telegram-server.ts";

export const alice: TelegramUser = { id: 111, name: "Alice" };
export const bob: TelegramUser = { id: 222, name: "Bob" };

const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 2;
const REQUEST_DEADLINE_MS = 10_000;
const POLL_DEADLINE_MS = 35_000;

/** Waits for real until `isTrue`. */
export async function until(isTrue: () => boolean, what = isTrue.toString()): Promise<void> {
  const startedAtMs = performance.now();
  while (!isTrue()) {
    if (performance.now() - startedAtMs > PATIENCE_MS) throw new Error(`waited in vain for: ${what}`);
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

/** Knows which requests are under way, by their deadlines: time must not pass while one is between the two sides. */
class RequestClock extends SimulatedClock {
  requests = 0;
  polls = 0;
  /** Requests whose deadline has passed. */
  givenUp = 0;

  override setTimer(delayMs: number, callback: () => void): () => void {
    if (delayMs !== REQUEST_DEADLINE_MS && delayMs !== POLL_DEADLINE_MS)
      return super.setTimer(delayMs, callback);
    const count = (change: number) => {
      if (delayMs === POLL_DEADLINE_MS) this.polls += change;
      else this.requests += change;
    };
    count(1);
    let isOver = false;
    const over = () => {
      if (!isOver) count(-1);
      isOver = true;
    };
    const cancel = super.setTimer(delayMs, () => {
      over();
      this.givenUp++;
      callback();
    });
    return () => {
      over();
      cancel();
    };
  }
}

class TestLease {
  isHeld = true;
  started = 0;
  readonly reports: boolean[] = [];
  start() {
    this.started++;
  }
  holds() {
    return this.isHeld;
  }
  holderId() {
    return this.isHeld ? "bot-1" : "bot-2";
  }
  reportReachable(reachable: boolean) {
    this.reports.push(reachable);
  }
}

export class MemoryRecords implements SharedRecords {
  available = true;
  isDown = false;
  readonly values = new Map<string, StoreRecord>();
  #version = 0;

  reachable(): boolean {
    return !this.isDown;
  }
  async read(name: string): Promise<StoreRecord | null> {
    this.#check();
    return this.values.get(name) ?? null;
  }
  async list(): Promise<readonly StoreRecord[]> {
    this.#check();
    return [...this.values.values()];
  }
  async cas(name: string, previous: StoreRecord | null, next: string | null): Promise<CompareAndSetResult> {
    this.#check();
    const current = this.values.get(name) ?? null;
    if (current?.version !== previous?.version) return { won: false, current };
    if (next === null) {
      this.values.delete(name);
      return { won: true, record: null };
    }
    const record = { name, version: String(++this.#version), value: next };
    this.values.set(name, record);
    return { won: true, record };
  }
  watch(): () => void {
    return () => undefined;
  }
  get offset(): number | undefined {
    const record = this.values.get("chat/telegram-offset");
    return record === undefined ? undefined : JSON.parse(record.value).offset;
  }
  #check(): void {
    if (!this.available || this.isDown) throw new StoreUnavailableError("the store is away");
  }
}

export interface RigOptions {
  readonly server?: TelegramServer;
  readonly records?: MemoryRecords;
  readonly token?: string;
  readonly handler?: InboundHandler;
}

export class Rig {
  readonly server: TelegramServer;
  readonly records: MemoryRecords;
  readonly lease = new TestLease();
  readonly clock = new RequestClock();
  readonly log = captureLog("debug");
  readonly raised: AlertCondition[] = [];
  /** What came in, in the order in which handling began. */
  readonly received: Inbound[] = [];
  readonly channel: TelegramChannel;
  readonly signal = new AbortController().signal;
  handler: InboundHandler;

  constructor(options: RigOptions = {}) {
    this.server = options.server ?? TelegramServer.start();
    this.records = options.records ?? new MemoryRecords();
    this.handler = options.handler ?? (async () => undefined);
    this.channel = createTelegramChannel({
      token: new Secret(options.token ?? this.server.token),
      chatId: String(TEAM_CHAT_ID),
      apiRoot: this.server.apiRoot,
      chatLease: this.lease,
      records: this.records,
      clock: this.clock,
      logger: this.log.logger,
      raise: (condition) => this.raised.push(condition),
      random: () => 0.5,
    });
  }

  listen(): void {
    this.channel.start(async (inbound) => {
      this.received.push(inbound);
      await this.handler(inbound);
    });
  }

  get texts(): readonly string[] {
    return this.received.map((inbound) => (inbound.kind === "message" ? inbound.text : inbound.data));
  }

  /** Everything that was said is handled and confirmed. */
  async quiet(): Promise<void> {
    await until(() => this.server.unconfirmed.length === 0, "all updates confirmed");
  }

  /** Moves the clock in steps until `isTrue`, and lets the requests arrive in between. */
  async pass(stepMs: number, isTrue: () => boolean): Promise<number> {
    let passedMs = 0;
    for (let step = 0; !isTrue(); step++) {
      if (step > 1_000) throw new Error(`${passedMs} ms passed in vain for: ${isTrue.toString()}`);
      await until(() => this.#isNetworkQuiet() || isTrue(), "requests that are under way");
      if (isTrue()) break;
      await this.clock.advance(stepMs);
      passedMs += stepMs;
      await Bun.sleep(0);
    }
    return passedMs;
  }

  /** Every request is answered, or waits at the server on purpose. */
  #isNetworkQuiet(): boolean {
    const { clock, server } = this;
    const polls = server.hanging + (server.isPolled ? 1 : 0);
    return clock.givenUp <= server.abandoned && clock.requests <= server.hanging && clock.polls <= polls;
  }

  async end(): Promise<void> {
    const stopped = this.channel.stop();
    let isStopped = false;
    void stopped.then(() => {
      isStopped = true;
    });
    await this.pass(500, () => isStopped);
    await this.server.close();
  }
}
