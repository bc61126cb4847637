/** Agents over one store in memory that tell one chat by the clock. */
import {
  type Coordination,
  type CoordinationStore,
  type Logger,
  type SharedRecords,
  type Supervised,
  silentLogger,
} from "@jeju-oracle/kit";
import type { SimulatedClock } from "@jeju-oracle/kit/testing";
import { MemoryStoreServer } from "../../../../leader-lock/test/support/memory-store.ts";
import type { OutboundMessage } from "../../../src/conversation/outbound.ts";
import { startSchedule } from "../../../src/schedule/start-schedule.ts";
import { FakeSystem } from "../../support/fake-view.ts";
import { HandCron } from "./hand-cron.ts";

export interface Told {
  readonly botId: string;
  readonly channel: string;
  readonly text: string;
  readonly message: OutboundMessage;
}

export interface TellerWishes {
  /** Without a store it is alone. */
  readonly isAlone?: boolean;
  readonly holds?: () => boolean;
  /** What a channel does in place of taking a message: it throws, or never answers. Undefined: it takes it. */
  readonly failure?: (channel: string) => Error | "hangs" | undefined;
  readonly channels?: readonly string[];
  readonly logger?: Logger;
}

/** Far more turns of the event loop than telling takes. */
const TURNS = 50;

/** Clock and store are shared; what was told is in one list. */
export class FleetOfTellers {
  readonly server = new MemoryStoreServer();
  readonly system = new FakeSystem();
  readonly told: Told[] = [];
  /** What channels were asked to take, failures included. */
  attempts = 0;
  readonly #schedules: Supervised[] = [];
  readonly #crons: HandCron[] = [];

  get clock(): SimulatedClock {
    return this.system.clock;
  }

  add(
    botId: string,
    wishes: TellerWishes = {},
  ): { readonly cron: HandCron; readonly stop: () => Promise<void> } {
    const { isAlone = false, holds = () => true, failure, channels = ["telegram"], logger } = wishes;
    const cron = new HandCron();
    this.#crons.push(cron);
    const records = recordsOver(this.server.client(botId), !isAlone);
    const coordination: Coordination = {
      records,
      chatLease: {
        start: () => undefined,
        holds,
        holderId: () => undefined,
        reportReachable: () => undefined,
      },
    };
    const view = { ...this.system.view(), botId, records: isAlone ? undefined : records };
    const schedule = startSchedule({
      config: {
        DAILY_DIGEST_CRON: "0 8 * * *",
        DRILL_REMINDER_CRON: "0 9 * * 1",
        SCHEDULE_TIMEZONE: "UTC",
      },
      botId,
      coordination,
      channels: channels.map((id) => ({
        id,
        send: async (message) => {
          this.attempts += 1;
          const trouble = failure?.(id);
          if (trouble === "hangs") return new Promise<never>(() => undefined);
          if (trouble !== undefined) throw trouble;
          this.told.push({ botId, channel: id, text: textOf(message), message });
          return { platform: id, chatId: "team", messageId: String(this.told.length) };
        },
      })),
      sources: {
        view,
        alerts: { list: async () => [], silences: async () => [] },
        proposals: { pending: async () => [] },
      },
      people: { oncall: ["ann", "bob"] },
      watch: { run: async () => undefined },
      clock: this.clock,
      logger: logger ?? silentLogger,
      cron,
    });
    this.#schedules.push(schedule);
    return { cron, stop: () => schedule.stop() };
  }

  /** The clock strikes on every agent, now; returns when they have done what needs no time. */
  async strike(what: "daily digest" | "drill reminder"): Promise<void> {
    for (const cron of this.#crons) cron.strike(what, this.clock.wallMs());
    for (let turn = 0; turn < TURNS; turn++) await this.clock.advance(0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#schedules.map((schedule) => schedule.stop()));
  }
}

export function textOf({ lines }: OutboundMessage): string {
  return lines.map((line) => line.map(({ text }) => text).join("")).join("\n");
}

function recordsOver(store: CoordinationStore, available: boolean): SharedRecords {
  const { signal } = new AbortController();
  return {
    available,
    reachable: () => true,
    read: (name) => store.read(name, signal),
    list: (prefix) => store.list(prefix, signal),
    cas: (name, previous, next) => store.cas(name, previous, next, signal),
    watch: () => () => undefined,
  };
}
