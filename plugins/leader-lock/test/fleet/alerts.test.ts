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
