import { describe, expect, test } from "bun:test";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { FleetAlerts, type FleetSighting } from "../../src/fleet/alerts.ts";
import { FakeAlerts } from "../agents/support/fakes.ts";
import { memberWith } from "./support/listings.ts";

const WELL: FleetSighting = {
  botId: "a",
  members: [memberWith("a"), memberWith("b")],
  storeLabel: "etcd://etcd-1",
  storeOutageMs: 0,
  storeWritesFailForMs: 0,
  storeNextStep: undefined,
  storeReachable: true,
  term: 7,
  ttlMs: 20_000,
  leaderId: "a",
  peerTag: undefined,
  lockFileFailure: undefined,
};

function make() {
  const clock = new SimulatedClock();
  const sink = new FakeAlerts();
  const alerts = new FleetAlerts(() => sink, clock);
  /** Looks once a second for `seconds`. */
  const watch = async (seconds: number, changes: Partial<FleetSighting> = {}) => {
    for (let second = 0; second < seconds; second++) {
      alerts.sync({ ...WELL, ...changes });
      await clock.advance(1_000);
    }
    alerts.sync({ ...WELL, ...changes });
  };
  return { alerts, sink, watch };
}

describe("the alerts of the fleet", () => {
  test("are raised once while they hold, and cleared once", async () => {
    const { sink, watch } = make();
    await watch(600, { leaderId: undefined });
    await watch(600);
    expect(sink.calls).toEqual(["raise no-leader", "clear no-leader"]);
  });

  test("are raised again when what they say changed", async () => {
    const { sink, watch } = make();
    const drift = (...others: readonly string[]) => ({
      members: [memberWith("a"), ...others.map((botId) => memberWith(botId, { version: "9" }))],
    });
    await watch(5, drift("b"));
    await watch(5, drift("b", "c"));
    expect(sink.calls).toEqual(["raise config-drift", "raise config-drift"]);
  });

  test("count no time without a leader while the store is silent: nobody can know", async () => {
    const { sink, watch } = make();
    await watch(59, { leaderId: undefined });
    await watch(600, { leaderId: undefined, storeReachable: false });
    await watch(59, { leaderId: undefined });
    expect(sink.calls).toEqual([]);
    await watch(2, { leaderId: undefined });
    expect(sink.calls).toEqual(["raise no-leader"]);
  });

  test("wait for a sink and then say what holds", async () => {
    const clock = new SimulatedClock();
    const sink = new FakeAlerts();
    let isReady = false;
    const alerts = new FleetAlerts(() => (isReady ? sink : undefined), clock);
    alerts.sync({ ...WELL, storeOutageMs: 20_000 });
    isReady = true;
    alerts.sync({ ...WELL, storeOutageMs: 21_000 });
    expect(sink.calls).toEqual(["raise store-unreachable"]);
  });
});

describe("a store that is not shared", () => {
  test("shows by an update of somebody unknown, a ttl after it was seen", async () => {
    const { alerts, watch } = make();
    await watch(19, { peerTag: "stranger" });
    expect(alerts.storeShared).toBe(true);
    await watch(1, { peerTag: "stranger" });
    expect(alerts.storeShared).toBe(false);
  });

  test("stays so when the store falls silent, and until the author is a member", async () => {
    const { alerts, sink, watch } = make();
    await watch(21, { peerTag: "stranger" });
    await watch(100, { peerTag: "stranger", storeReachable: false });
    await watch(100, { peerTag: "stranger" });
    expect(alerts.storeShared).toBe(false);
    await watch(1, { peerTag: "stranger", members: [...WELL.members, memberWith("c", { tag: "stranger" })] });
    expect(alerts.storeShared).toBe(true);
    expect(sink.calls).toEqual(["raise store-not-shared", "clear store-not-shared"]);
  });

  test("is not concluded from a member, living or gone, or while the store is silent", async () => {
    const { alerts, watch } = make();
    await watch(60, { peerTag: "tag-of-b" });
    await watch(60, { peerTag: "tag-of-b", members: [memberWith("a")] });
    await watch(60, { peerTag: "stranger", storeReachable: false });
    expect(alerts.storeShared).toBe(true);
  });
});

describe("a member that falls silent", () => {
  const silent = { members: [memberWith("a"), memberWith("b", { alive: false })] };

  test("is down after two minutes of silence, a ttl of which was over when it no longer counted as alive", async () => {
    const { sink, watch } = make();
    await watch(99, silent);
    expect(sink.calls).toEqual([]);
    await watch(2, silent);
    expect(sink.calls).toEqual(["raise bot-down:b"]);
    expect(sink.raised.get("bot-down:b")).toMatchObject({
      severity: "critical",
      summary: "b on host-of-b has been silent for more than 2 minutes",
    });
    await watch(600, silent);
    expect(sink.calls.filter((call) => call.includes("bot-down"))).toEqual(["raise bot-down:b"]);
  });

  test("is forgotten when it is back, and when its record is gone", async () => {
    for (const after of [WELL.members, [memberWith("a")]]) {
      const { sink, watch } = make();
      await watch(101, silent);
      await watch(1, { members: after });
      expect(sink.calls).toEqual(["raise bot-down:b", "clear bot-down:b"]);
      await watch(99, silent);
      expect(sink.raised.has("bot-down:b")).toBe(false);
    }
  });

  test("is not down when it said goodbye", async () => {
    const { sink, watch } = make();
    await watch(500, { members: [memberWith("a"), memberWith("b", { alive: false, role: "stopped" })] });
    expect(sink.calls.filter((call) => call.includes("bot-down"))).toEqual([]);
  });

  test("is not down because the store was: silence counts from when others can be heard again", async () => {
    const { sink, watch } = make();
    await watch(90, silent);
    await watch(600, { ...silent, storeReachable: false });
    await watch(99, silent);
    expect(sink.calls.filter((call) => call.includes("bot-down"))).toEqual([]);
    await watch(2, silent);
    expect(sink.raised.has("bot-down:b")).toBe(true);
  });

  test("is another one than this agent, which knows of itself that it lives", async () => {
    const { sink, watch } = make();
    await watch(500, { members: [memberWith("a", { alive: false }), memberWith("b")] });
    expect(sink.calls.filter((call) => call.includes("bot-down"))).toEqual([]);
  });
});

describe("a lead that changes again and again", () => {
  test("is told from the fourth change within ten minutes on, and until there were fewer", async () => {
    const { sink, watch } = make();
    for (const term of [7, 8, 9, 10]) await watch(100, { term });
    expect(sink.calls).toEqual([]);
    await watch(1, { term: 11 });
    expect(sink.calls).toEqual(["raise elections-unstable"]);
    // The first of the four was 300 s ago.
    await watch(296, { term: 11 });
    expect(sink.raised.has("elections-unstable")).toBe(true);
    await watch(8, { term: 11 });
    expect(sink.calls).toEqual(["raise elections-unstable", "clear elections-unstable"]);
  });

  test("also when several terms began between two looks", async () => {
    const { sink, watch } = make();
    await watch(1);
    await watch(1, { term: 11 });
    expect(sink.calls).toEqual(["raise elections-unstable"]);
  });

  test("is not concluded from the first look, nor from what began while nobody could look", async () => {
    const { sink, watch } = make();
    await watch(1, { term: 900 });
    await watch(60, { term: 900, storeReachable: false });
    await watch(5, { term: 950 });
    expect(sink.calls).toEqual([]);
  });
});
