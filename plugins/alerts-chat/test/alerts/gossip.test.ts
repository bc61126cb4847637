/** Agents that see, tell, are cut off and come back in seeded random order: afterwards all know the same, and nothing that was told is lost. */
import { describe, expect, test } from "bun:test";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { Random } from "../../../leader-lock/test/simulation/random.ts";
import { acknowledge, endRaiser, tell } from "../../src/alerts/episode.ts";
import { saySame } from "../../src/alerts/merge.ts";
import { TestAgent, TestFolder, TestStore } from "./support/agents.ts";
import { messageOf, seen, T0 } from "./support/observations.ts";

const SCHEDULES = 24;
const PULL_EVERY_MS = 60_000;
const TEST_MS = 60_000;
const STEPS = 40;
const BOTS = ["bot-1", "bot-2", "bot-3"] as const;
const RULES = ["source-rejected", "price-stale"] as const;
const SEVERITIES = ["critical", "warning"] as const;

class World {
  readonly clock = new SimulatedClock(T0);
  readonly store = new TestStore();
  readonly folder = new TestFolder();
  readonly random: Random;
  readonly agents: readonly TestAgent[];
  /** What each agent sees now, by rule. */
  readonly sees = new Map<string, Set<string>>(RULES.map((rule) => [rule, new Set()]));
  /** Messages that a channel took. */
  readonly told: { readonly rule: string; readonly messageId: string }[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
    this.agents = BOTS.map(
      (botId) =>
        new TestAgent(botId, {
          store: this.store,
          clock: this.clock,
          stateDir: this.folder.path,
          pullEveryMs: () => PULL_EVERY_MS,
        }),
    );
    for (const agent of this.agents) agent.start();
  }

  async step(): Promise<void> {
    const agent = this.random.pick(this.agents);
    const rule = this.random.pick(RULES);
    const nowMs = this.clock.wallMs() + this.random.integer(-3_000, 3_000);
    switch (this.random.integer(0, 6)) {
      case 0:
      case 1:
        agent.book.take(
          seen({ rule, fingerprint: rule, raiser: agent.botId, severity: this.random.pick(SEVERITIES) }),
        );
        this.sees.get(rule)?.add(agent.botId);
        break;
      case 2:
        agent.book.change(rule, (alert) => endRaiser(alert, agent.botId, nowMs, crypto.randomUUID()));
        this.sees.get(rule)?.delete(agent.botId);
        break;
      case 3:
        agent.book.change(rule, (alert) => acknowledge(alert, "ann", nowMs, crypto.randomUUID()));
        break;
      case 4:
        this.#tell(agent, rule, nowMs);
        break;
      case 5:
        if (this.random.chance(0.5)) this.store.cutOff.add(agent.botId);
        else this.store.cutOff.delete(agent.botId);
        break;
      default:
        await this.clock.advance(this.random.pick([100, 3_000, 20_000, 200_000]));
    }
  }

  /** As a courier does: alone under its own name, else only when the store takes the note. */
  #tell(agent: TestAgent, rule: string, atMs: number): void {
    const alert = agent.book.find(rule);
    if (alert === undefined) return;
    const key = `telegram/${alert.severity}@${agent.botId}`;
    if (alert.slots[key]?.state === "sent") return;
    const messageId = crypto.randomUUID();
    this.told.push({ rule, messageId });
    const slot = {
      state: "sent",
      by: agent.botId,
      atMs,
      shown: "active:critical",
      message: messageOf(messageId),
    } as const;
    agent.book.change(rule, (now) => tell(now, alert.episode, key, slot, crypto.randomUUID()));
  }

  /** Everybody reaches the store again, and says what it sees as its parts would. */
  async meet(): Promise<void> {
    this.store.cutOff.clear();
    for (let turn = 0; turn < 4; turn++) {
      await this.clock.advance(10_000);
      for (const agent of this.agents) {
        for (const rule of RULES) {
          const alert = agent.book.find(rule);
          const isSeen = this.sees.get(rule)?.has(agent.botId) === true;
          const own = alert?.raisers[agent.botId];
          const isKnown = own !== undefined && own.endedAtMs === undefined;
          if (isSeen && !isKnown) agent.book.take(seen({ rule, fingerprint: rule, raiser: agent.botId }));
          if (!isSeen && isKnown)
            agent.book.change(rule, (now) =>
              endRaiser(now, agent.botId, this.clock.wallMs(), crypto.randomUUID()),
            );
        }
      }
    }
    await this.clock.advance(2 * PULL_EVERY_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.stop()));
    this.folder[Symbol.dispose]();
  }
}

describe(`over ${SCHEDULES} schedules of ${STEPS} steps`, () => {
  test(
    "agents that meet again know the same as the store, hold what somebody sees, and then write nothing",
    async () => {
      let told = 0;
      for (let seed = 1; seed <= SCHEDULES; seed++) {
        await using world = new World(seed);
        for (let step = 0; step < STEPS; step++) await world.step();
        await world.meet();
        for (const rule of RULES) {
          const record = world.store.alert(rule);
          const copies = world.agents.map(({ book }) => book.find(rule));
          const differs = copies.filter(
            (copy) => copy === undefined || record === undefined || !saySame(copy, record),
          );
          if (record !== undefined || copies.some((copy) => copy !== undefined))
            expect({ seed, rule, differs: differs.length }).toEqual({ seed, rule, differs: 0 });
          const holds = record !== undefined && record.resolvedAtMs === undefined;
          expect({ seed, rule, holds }).toEqual({ seed, rule, holds: (world.sees.get(rule)?.size ?? 0) > 0 });
          const known = new Set(Object.values(record?.slots ?? {}).map(({ message }) => message?.messageId));
          const lost = world.told.filter((each) => each.rule === rule && !known.has(each.messageId));
          expect({ seed, rule, lost }).toEqual({ seed, rule, lost: [] });
        }
        told += world.told.length;
        const { writes } = world.store;
        await world.clock.advance(300_000);
        expect({ seed, writes: world.store.writes - writes }).toEqual({ seed, writes: 0 });
      }
      expect(told).toBeGreaterThan(SCHEDULES);
    },
    TEST_MS,
  );
});
