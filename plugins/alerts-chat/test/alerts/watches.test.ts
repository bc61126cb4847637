import { describe, expect, test } from "bun:test";
import type { AlertCondition, LeadershipStatus } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { channelPauseMs } from "../../src/alerts/delivery/channel-pause.ts";
import { endGoneRaisers } from "../../src/alerts/gone-raisers.ts";
import { Wake } from "../../src/alerts/wake.ts";
import { watchLeader } from "../../src/alerts/watches/leader-watch.ts";
import { RefusalAlarm } from "../../src/alerts/watches/refusal-alarm.ts";
import { memberWith } from "../support/fake-view.ts";
import { TestAgent, TestFolder } from "./support/agents.ts";
import { HOUR_MS, MINUTE_MS, seen, T0 } from "./support/observations.ts";

class Sink {
  readonly raised: AlertCondition[] = [];
  readonly cleared: string[] = [];
  raise(condition: AlertCondition): void {
    this.raised.push(condition);
  }
  clear(key: string): void {
    this.cleared.push(key);
  }
}

describe("the watch over the leader", () => {
  test("tells another leader once, in words that every host has, and nothing of the first one or of nobody", async () => {
    const clock = new SimulatedClock(T0);
    const sink = new Sink();
    const ending = new AbortController();
    let status: LeadershipStatus | undefined;
    const watch = watchLeader(() => status, sink, clock, ending.signal);
    const leads = async (leaderId: string | undefined, term: number) => {
      status = { role: "follower", term, leaderId, validForMs: undefined };
      await clock.advance(3_000);
    };
    await clock.advance(3_000);
    await leads("bot-1", 1);
    await leads(undefined, 1);
    await leads("bot-1", 2);
    await leads("bot-2", 3);
    expect(sink.raised).toMatchObject([
      { key: "leader-changed:3-bot-2", severity: "info", summary: "bot-2 leads (term 3), after bot-1" },
    ]);
    expect(sink.cleared).toEqual(["leader-changed:3-bot-2"]);
    ending.abort();
    await watch;
  });
});

describe("the alarm over refusals", () => {
  test("is raised at the fifth within ten minutes, once, and ends when they have been quiet for as long", async () => {
    const clock = new SimulatedClock(T0);
    const sink = new Sink();
    const alarm = new RefusalAlarm(sink, clock);
    for (let n = 0; n < 4; n++) alarm.refused("telegram:9", "pause");
    await clock.advance(10 * MINUTE_MS);
    alarm.refused("telegram:9", "pause");
    expect(sink.raised).toEqual([]);
    for (let n = 0; n < 10; n++) alarm.refused("telegram:9", "failover");
    alarm.refused("vic", "pause");
    expect(sink.raised.map(({ key, summary }) => `${key}: ${summary}`)).toEqual([
      "refusals:telegram:9: telegram:9 was refused 5 times within 10 minutes, last for /failover",
    ]);
    await clock.advance(10 * MINUTE_MS - 1);
    alarm.tick();
    expect(sink.cleared).toEqual([]);
    await clock.advance(1);
    alarm.tick();
    alarm.tick();
    expect(sink.cleared).toEqual(["refusals:telegram:9"]);
  });

  test("ends by itself while it runs, and can be raised again", async () => {
    const clock = new SimulatedClock(T0);
    const sink = new Sink();
    const alarm = new RefusalAlarm(sink, clock);
    const ending = new AbortController();
    const running = alarm.run(ending.signal);
    for (let n = 0; n < 5; n++) alarm.refused("telegram:9", "pause");
    await clock.advance(11 * MINUTE_MS);
    expect(sink.cleared).toEqual(["refusals:telegram:9"]);
    for (let n = 0; n < 5; n++) alarm.refused("telegram:9", "pause");
    expect(sink.raised).toHaveLength(2);
    ending.abort();
    await running;
  });

  test("remembers few of those who try under many names", () => {
    const sink = new Sink();
    const alarm = new RefusalAlarm(sink, new SimulatedClock(T0));
    for (let round = 0; round < 6; round++)
      for (let n = 0; n < 300; n++) alarm.refused(`telegram:${n}`, "pause");
    expect(sink.raised).toEqual([]);
    for (let n = 0; n < 5; n++) alarm.refused("telegram:9", "pause");
    expect(sink.raised).toHaveLength(1);
  });
});

describe("what an agent saw that is gone", () => {
  test.each([
    ["that was stopped", memberWith("bot-2", { role: "stopped", alive: false }), true],
    [
      "that has been silent for a minute",
      memberWith("bot-2", { alive: false, silentForMs: MINUTE_MS }),
      true,
    ],
    [
      "that has been silent for less",
      memberWith("bot-2", { alive: false, silentForMs: MINUTE_MS - 1 }),
      false,
    ],
    ["that was never seen to change", memberWith("bot-2", { silentForMs: undefined }), false],
    ["that is no member that this agent knows", memberWith("bot-3"), false],
  ])("and %s ends or not", (_what, member, ends) => {
    using folder = new TestFolder();
    const { book } = new TestAgent("bot-1", {
      store: undefined,
      clock: new SimulatedClock(T0),
      stateDir: folder.path,
    });
    book.take(seen({ raiser: "bot-2" }));
    book.take(seen({ rule: "price-stale", raiser: "bot-1" }));
    endGoneRaisers(book, [member, memberWith("bot-1", { role: "stopped" })], "bot-1", T0 + 1);
    expect(book.find("source-rejected")?.resolvedAtMs).toBe(ends ? T0 + 1 : undefined);
    expect(book.find("price-stale")).not.toHaveProperty("resolvedAtMs");
    book.close();
  });

  test("outside this fleet ends a day after it was last repeated", async () => {
    using folder = new TestFolder();
    const clock = new SimulatedClock(T0);
    const { book } = new TestAgent("bot-1", { store: undefined, clock, stateDir: folder.path });
    const outside = seen({ rule: "external", fingerprint: "am:1", raiser: "alertmanager" });
    book.take(outside);
    await clock.advance(20 * HOUR_MS);
    book.take(outside);
    endGoneRaisers(book, [], "bot-1", T0 + 44 * HOUR_MS);
    expect(book.find("am:1")).not.toHaveProperty("resolvedAtMs");
    endGoneRaisers(book, [], "bot-1", T0 + 44 * HOUR_MS + 1);
    expect(book.find("am:1")).toHaveProperty("resolvedAtMs");
    book.close();
  });
});

describe("a channel that did not take a message", () => {
  test.each([
    [0, undefined, 0, 500],
    [1, undefined, 0, 1_000],
    [1, undefined, 1, 2_000],
    [4, undefined, 1, 16_000],
    [5, undefined, 1, 30_000],
    [5_000, undefined, 1, 30_000],
    [1, 7_000, 0, 7_000],
    [9, 7_000, 1, 7_500],
    [1, 86_400_000, 0, 3_600_000],
  ])(
    "%p times, asking for %p ms, is left alone by luck %p for %p ms",
    (failures, askedMs, random, pauseMs) => {
      expect(channelPauseMs(failures, askedMs, random)).toBe(pauseMs);
    },
  );
});

describe("a wake", () => {
  test("rung before anybody waits is not lost, and rings once", async () => {
    const clock = new SimulatedClock(T0);
    const wake = new Wake();
    const { signal } = new AbortController();
    wake.ring();
    await wake.wait(clock, HOUR_MS, signal);
    let isBack = false;
    const waiting = wake.wait(clock, 1_000, signal).then(() => {
      isBack = true;
    });
    await clock.advance(999);
    expect(isBack).toBe(false);
    await clock.advance(1);
    await waiting;
  });

  test("returns when it is rung or its signal ends", async () => {
    const clock = new SimulatedClock(T0);
    const wake = new Wake();
    const ending = new AbortController();
    const rung = wake.wait(clock, HOUR_MS, ending.signal);
    wake.ring();
    await rung;
    const ended = wake.wait(clock, HOUR_MS, ending.signal);
    ending.abort();
    await ended;
    await wake.wait(clock, HOUR_MS, ending.signal);
    expect(clock.monotonicMs()).toBe(0);
  });
});
