import { describe, expect, test } from "bun:test";
import { memberName } from "../../src/fleet/names.ts";
import { POLL_MS, RENEW_MS, SimulatedFleet, TTL_MS } from "./support/simulated-fleet.ts";

describe("a person is told", () => {
  test("of members whose configuration or version differ, until they agree", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    const b = fleet.add("b", { facts: { configHash: "another" } });
    await fleet.advance(2 * RENEW_MS);
    for (const [member, names] of [
      [a!, "a, b"],
      [b, "b, a"],
    ] as const) {
      expect(member.alerts.raised.get("config-drift")?.summary).toBe(
        `Configuration or version differ between ${names}`,
      );
    }
    await fleet.settle(b.lock.stop());
    fleet.add("b", { facts: { version: "2.0.0" } });
    await fleet.advance(2 * RENEW_MS);
    expect(a!.alerts.raised.has("config-drift")).toBe(true);
    await fleet.settle(fleet.members.at(-1)!.lock.stop());
    await fleet.advance(2 * RENEW_MS);
    expect(a!.alerts.raised.has("config-drift")).toBe(false);
  });

  test("of a fleet that shares no store: after a ttl, once, and until the stranger joins", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    a!.oracle.state = { ...a!.oracle.state, lastPeerTag: "tag-of-b" };
    await fleet.advance(TTL_MS - POLL_MS);
    expect(a!.alerts.calls).toEqual([]);
    await fleet.advance(3 * POLL_MS);
    expect(a!.lock.storeShared()).toBe(false);
    await fleet.advance(10 * TTL_MS);
    expect(a!.alerts.calls).toEqual(["raise store-not-shared"]);
    expect(a!.alerts.raised.get("store-not-shared")?.summary).toBe(
      "An agent outside memory:// updates the same oracle: the agents share no store",
    );
    fleet.add("b");
    await fleet.advance(2 * RENEW_MS);
    expect(a!.alerts.calls).toEqual(["raise store-not-shared", "clear store-not-shared"]);
    expect(a!.lock.storeShared()).toBe(true);
  });

  test("of no stranger when the author of an update was a member once", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.advance(RENEW_MS);
    await fleet.settle(b!.lock.stop());
    a!.oracle.state = { ...a!.oracle.state, lastPeerTag: "tag-of-b" };
    const gone = fleet.server.peek(memberName("b"));
    fleet.server.compareAndSet(memberName("b"), gone, null);
    await fleet.advance(3 * TTL_MS);
    expect(a!.lock.storeShared()).toBe(true);
  });

  test("that nobody leads, also when the last leader is dead and nobody may follow it", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    const witness = fleet.add("witness", { config: { nofailover: true } });
    await fleet.advance(60_000);
    a!.kill();
    await fleet.advance(TTL_MS + 3 * TTL_MS - RENEW_MS);
    expect(witness.alerts.raised.has("no-leader")).toBe(false);
    await fleet.advance(2 * RENEW_MS + 2 * POLL_MS);
    expect(witness.alerts.raised.get("no-leader")).toMatchObject({
      severity: "critical",
      summary: "Nobody has led for more than 60 s although the store answers",
    });
    // It has to watch the dead lease for a ttl of its own.
    fleet.add("b");
    await fleet.advance(TTL_MS + 3 * POLL_MS);
    expect(witness.alerts.raised.has("no-leader")).toBe(false);
    expect(witness.alerts.calls.filter((call) => call.endsWith("no-leader"))).toEqual([
      "raise no-leader",
      "clear no-leader",
    ]);
  });

  test("of an agent that has been alone for ten minutes", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    await fleet.advance(595_000);
    expect(a!.alerts.calls).toEqual([]);
    await fleet.advance(10_000);
    expect(a!.alerts.calls).toEqual(["raise single-bot"]);
    fleet.add("b");
    await fleet.advance(RENEW_MS);
    expect(a!.alerts.calls).toEqual(["raise single-bot", "clear single-bot"]);
  });

  test("of a member that was killed, leader or not, two minutes later; not of one that stopped, and not after its return", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b, c, d] = await fleet.start("a", "b", "c", "d");
    await fleet.advance(RENEW_MS);
    const down = () => [...c!.alerts.raised.keys()].filter((key) => key.startsWith("bot-down"));
    // As long as it leads its own record stands still: its silence counts from its last renewal.
    await fleet.advance(600_000);
    a!.kill();
    b!.kill();
    await fleet.settle(d!.lock.stop());
    const tookMs = await fleet.until("both are down", () => down().length === 2, 300_000);
    expect(down().sort()).toEqual(["bot-down:a", "bot-down:b"]);
    expect(tookMs).toBeGreaterThanOrEqual(120_000 - RENEW_MS - POLL_MS);
    expect(tookMs).toBeLessThanOrEqual(120_000 + RENEW_MS + 2 * POLL_MS);
    fleet.add("b");
    await fleet.advance(2 * RENEW_MS);
    expect(down()).toEqual(["bot-down:a"]);
  });

  test("of no member when the lead is handed over, or when the store was away for long", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.advance(600_000);
    await fleet.settle(a!.lock.control.failover({ by: "ops", reason: "drill", to: "b" }));
    await fleet.advance(200_000);
    fleet.server.faultOf = () => ({ drop: "request" });
    await fleet.advance(400_000);
    fleet.server.faultOf = () => undefined;
    await fleet.advance(200_000);
    const calls = [...a!.alerts.calls, ...b!.alerts.calls];
    expect(calls.filter((call) => call.includes("bot-down") || call.includes("elections"))).toEqual([]);
    expect(calls).toContain("raise store-unreachable");
  });

  test("of elections that do not come to rest", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.advance(RENEW_MS);
    for (const to of ["b", "a", "b", "a"]) {
      await fleet.settle(a!.lock.control.failover({ by: "ops", reason: "drill", to }));
      await fleet.until(`${to} leads`, () => fleet.leaders()[0] === to, TTL_MS);
    }
    await fleet.advance(2 * RENEW_MS);
    for (const { alerts } of [a!, b!])
      expect(alerts.raised.get("elections-unstable")?.severity).toBe("warning");
    await fleet.advance(600_000);
    for (const { alerts } of [a!, b!]) expect(alerts.raised.has("elections-unstable")).toBe(false);
  });
});
