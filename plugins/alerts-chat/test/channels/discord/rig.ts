/** A Discord channel against a Discord of its own, with a lease that tests give and take. */
import { type AlertCondition, type Clock, Secret, systemClock } from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { createDiscordChannel, type DiscordChannel } from "../../../src/channels/discord/index.ts";
import type { InboundHandler } from "../../../src/conversation/channel.ts";
import type { Inbound } from "../../../src/conversation/inbound.ts";
import { line, type OutboundMessage } from "../../../src/conversation/outbound.ts";
import { DiscordServer, type DiscordUser, TEAM_CHANNEL_ID } from "../../support/discord-server.ts";

export const alice: DiscordUser = { id: "111000000000000111", name: "Alice" };
export const bob: DiscordUser = { id: "222000000000000222", name: "Bob" };
export const MENU = [
  { name: "status", about: "How the fleet is", usage: "/status" },
  { name: "emergency_price", about: "Sets a price by hand", usage: "/emergency_price <price> <reason>" },
];

const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 2;
const REQUEST_DEADLINE_MS = 10_000;
const CLAIM_DEADLINE_MS = 3_000;
const STEP_MS = 250;
/** For what has no deadline of ours: the gateway. */
const STEP_TAKES_MS = 10;

/** Waits for real until `isTrue`. */
export async function until(isTrue: () => boolean, what = isTrue.toString()): Promise<void> {
  const startedAtMs = performance.now();
  while (!isTrue()) {
    if (performance.now() - startedAtMs > PATIENCE_MS) throw new Error(`waited in vain for: ${what}`);
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

/** Knows which requests are under way, by their deadlines: time must not pass while one is between the two sides. */
export class RequestClock extends SimulatedClock {
  requests = 0;

  override setTimer(delayMs: number, callback: () => void): () => void {
    if (delayMs !== REQUEST_DEADLINE_MS && delayMs !== CLAIM_DEADLINE_MS)
      return super.setTimer(delayMs, callback);
    this.requests++;
    let isOver = false;
    const over = () => {
      if (!isOver) this.requests--;
      isOver = true;
    };
    const cancel = super.setTimer(delayMs, () => {
      over();
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

export interface RigOptions {
  readonly server?: DiscordServer;
  readonly token?: string;
  readonly channelId?: string;
  readonly clock?: Clock;
}

export class Rig {
  readonly server: DiscordServer;
  readonly lease = new TestLease();
  readonly clock: Clock;
  readonly log = captureLog("debug");
  readonly raised: AlertCondition[] = [];
  readonly cleared: string[] = [];
  /** What came in, in the order in which handling began. */
  readonly received: Inbound[] = [];
  readonly channel: DiscordChannel;
  readonly signal = new AbortController().signal;
  handler: InboundHandler = async () => undefined;

  constructor(options: RigOptions = {}) {
    this.server = options.server ?? DiscordServer.start();
    this.clock = options.clock ?? systemClock;
    this.channel = createDiscordChannel({
      token: new Secret(options.token ?? this.server.token),
      channelId: options.channelId ?? TEAM_CHANNEL_ID,
      apiRoot: this.server.apiRoot,
      chatLease: this.lease,
      clock: this.clock,
      logger: this.log.logger,
      raise: (condition) => this.raised.push(condition),
      clear: (key) => this.cleared.push(key),
      // No back-off of this takes as long as a request may.
      random: () => 0.4,
    });
  }

  listen(): void {
    this.channel.registerMenu(MENU);
    this.channel.start(async (inbound) => {
      this.received.push(inbound);
      await this.handler(inbound);
    });
  }

  /** Logged in, and the commands are known. */
  async ready(): Promise<void> {
    const isReady = () => this.server.gateway.present > 0 && this.server.commands.length > 0;
    await this.pass(isReady, "the bot to be there");
  }

  async listening(): Promise<this> {
    this.listen();
    await this.ready();
    return this;
  }

  send(message: OutboundMessage) {
    return this.channel.send(message, this.signal);
  }

  edit(reference: Awaited<ReturnType<Rig["send"]>>, message: OutboundMessage) {
    return this.channel.edit(reference, message, this.signal);
  }

  answer(inbound: Inbound, message: OutboundMessage) {
    return this.channel.answer(inbound, message, this.signal);
  }

  /** Waits until `isTrue`; a simulated clock moves meanwhile, 25 times as fast as a real one. */
  async pass(isTrue: () => boolean, what = isTrue.toString()): Promise<void> {
    const { clock } = this;
    if (!(clock instanceof RequestClock)) return await until(isTrue, what);
    const startedAtMs = performance.now();
    while (!isTrue()) {
      if (performance.now() - startedAtMs > PATIENCE_MS) throw new Error(`waited in vain for: ${what}`);
      await until(() => clock.requests <= this.server.hanging, "requests that are under way");
      await clock.advance(STEP_MS);
      await Bun.sleep(STEP_TAKES_MS);
    }
  }

  /** Only for a simulated clock. */
  async advance(ms: number): Promise<void> {
    if (!(this.clock instanceof RequestClock)) throw new Error("this clock moves by itself");
    await this.clock.advance(ms);
  }

  async stop(): Promise<void> {
    let isStopped = false;
    void this.channel.stop().then(() => {
      isStopped = true;
    });
    await this.pass(() => isStopped, "the channel to stop");
  }

  async end(): Promise<void> {
    await this.stop();
    await this.server.close();
  }
}

export const says = (text: string): OutboundMessage => ({ lines: [line(text)] });

export const card: OutboundMessage = {
  lines: [line("**Pause** the updates")],
  buttons: [
    [
      { label: "Confirm", data: "p:c:1", style: "danger" },
      { label: "Break glass", data: "p:b:1", style: "danger", form: "break-glass" },
    ],
  ],
};
