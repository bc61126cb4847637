import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import {
  FALLBACK_AFTER_MS,
  MARGIN_MS,
  OP_TIMEOUT_MS,
  POLL_MS,
  RANK_OFFSET_MS,
  RENEW_MS,
  SimulatedFleet,
  TTL_MS,
} from "./support/simulated-fleet.ts";

describe("while the store is out of reach", () => {
  for (const fault of [{ drop: "request" as const }, { requestAfter: new Promise<never>(() => undefined) }]) {
    const how = "drop" in fault ? "refuses" : "hangs";
    test(`the leader leads on to its deadline and not beyond, when the store ${how}`, async () => {
      await using fleet = new SimulatedFleet();
      const [a, b] = await fleet.start("a", "b");
      await fleet.advance(60_000);
      for (const member of [a!, b!]) member.fault(() => fault);
      const validForMs = a!.lock.leadershipStatus().validForMs!;
      expect(validForMs).toBeGreaterThan(TTL_MS - MARGIN_MS - RENEW_MS - OP_TIMEOUT_MS);
      await fleet.advance(validForMs - 1);
      expect(a!.leads).toBe(true);
      await fleet.advance(1);
      expect(a!.leads).toBe(false);
      await fleet.advance(POLL_MS);
      expect(a!.log.matching("Bot a no longer leads")[0]).toContain("the lease could not be renewed in time");
      expect(await a!.metrics.metrics()).toContain("oracle_leader_election_failures_total 1");
    });
  }

  test("a leader that is cut off stops before another one begins", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.advance(61_234);
    a!.cut();
    const demotedMs = await fleet.until("a stops", () => !a!.leads, TTL_MS);
    const gapMs = await fleet.until("b begins", () => b!.leads, TTL_MS);
    expect(demotedMs).toBeLessThanOrEqual(TTL_MS - MARGIN_MS);
    expect(gapMs).toBeGreaterThan(0);
    a!.mend();
    await fleet.advance(2 * TTL_MS);
    expect(fleet.leaders()).toEqual(["b"]);
  });

  test("agents act by rank once the price has aged, and nobody before", async () => {
    await using fleet = new SimulatedFleet();
    const a = fleet.add("a", { config: { priority: 300 } });
    await fleet.advance(2 * POLL_MS);
    const b = fleet.add("b", { config: { priority: 200 } });
    const c = fleet.add("c", { config: { priority: 100 } });
    const witness = fleet.add("witness", { config: { nofailover: true } });
    const members = [a, b, c, witness];
    await fleet.advance(60_000);
    const grantedAt = (priceAgeMs: number) =>
      members.filter(({ lock }) => {
        const answer = lock.guard(0, priceAgeMs);
        return answer.granted && answer.as === "fallback";
      });
    for (const member of members) member.fault(() => ({ drop: "request" }));
    await fleet.advance(TTL_MS - RENEW_MS);
    expect(grantedAt(Number.MAX_SAFE_INTEGER)).toEqual([]);
    await fleet.advance(2 * TTL_MS);
    expect(grantedAt(FALLBACK_AFTER_MS - 1)).toEqual([]);
    expect(grantedAt(FALLBACK_AFTER_MS)).toEqual([a]);
    expect(grantedAt(FALLBACK_AFTER_MS + RANK_OFFSET_MS - 1)).toEqual([a]);
    expect(grantedAt(FALLBACK_AFTER_MS + RANK_OFFSET_MS)).toEqual([a, b]);
    expect(grantedAt(FALLBACK_AFTER_MS + 2 * RANK_OFFSET_MS)).toEqual([a, b, c]);
    expect(grantedAt(Number.MAX_SAFE_INTEGER)).toEqual([a, b, c]);
    expect(a.lock.guard(0)).toMatchObject({ granted: false });
    expect(a.lock.guard(0, FALLBACK_AFTER_MS)).toEqual({ granted: true, as: "fallback", term: 1 });

    for (const member of members) member.mend();
    await fleet.until("somebody leads", () => fleet.leaders().length > 0, 2 * TTL_MS);
    await fleet.advance(2 * POLL_MS);
    expect(grantedAt(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  test("a leader that was told to let go, and cannot, acts on nothing before it has given up", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    a!.cut();
    await fleet.advance(TTL_MS / 2);
    rmSync(a!.lockFile);
    await fleet.until("it lets go", () => !a!.leads, 2 * POLL_MS);
    await fleet.advance(TTL_MS - 2 * POLL_MS);
    expect(a!.lock.guard(0, Number.MAX_SAFE_INTEGER)).toMatchObject({ granted: false, reason: "draining" });
    await fleet.advance(5 * POLL_MS);
    expect(a!.lock.guard(0, Number.MAX_SAFE_INTEGER)).toMatchObject({ as: "fallback" });
  });

  test("an agent that stood still itself is no outage: it acts on nothing when it goes on, and raises no alarm", async () => {
    await using fleet = new SimulatedFleet();
    const [, b] = await fleet.start("a", "b");
    b!.freeze();
    await fleet.advance(2 * FALLBACK_AFTER_MS);
    expect(b!.lock.guard(0, Number.MAX_SAFE_INTEGER)).toMatchObject({ granted: false });
    b!.thaw();
    expect(b!.lock.guard(0, Number.MAX_SAFE_INTEGER)).toMatchObject({ granted: false });
    await fleet.advance(5 * POLL_MS);
    expect(b!.alerts.calls.filter((call) => call.includes("store"))).toEqual([]);
    expect(fleet.leaders()).toEqual(["a"]);
  });

  test("an agent that never reached the store waits for its place, too, and says what is wrong", async () => {
    await using fleet = new SimulatedFleet();
    const a = fleet.add("a");
    a.fault(() => ({ drop: "request" }));
    await fleet.advance(FALLBACK_AFTER_MS);
    expect(a.lock.storeReachable()).toBe(false);
    expect(a.leads).toBe(false);
    expect(a.lock.guard(0, FALLBACK_AFTER_MS + 3 * RANK_OFFSET_MS)).toMatchObject({
      as: "fallback",
      term: 0,
    });
    expect(a.lock.guard(0, FALLBACK_AFTER_MS - 1)).toMatchObject({ granted: false, reason: "no-leader" });
    expect(a.log.matching("The coordination store does not answer, trying on")).toHaveLength(1);
    expect(a.alerts.raised.get("store-unreachable")?.summary).toBe(
      "The coordination store memory:// has not answered a for more than 20 s",
    );
  });

  test("the alert is raised once and cleared when the store answers again", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    a!.fault(() => ({ drop: "request" }));
    await fleet.advance(10 * TTL_MS);
    expect(a!.alerts.calls).toEqual(["raise store-unreachable"]);
    a!.mend();
    await fleet.advance(2 * POLL_MS);
    expect(a!.alerts.calls).toEqual(["raise store-unreachable", "clear store-unreachable"]);
    expect(a!.log.matching("The coordination store answers again")).toHaveLength(1);
  });

  test("a store that answers and takes no writes is one trouble, told once, until it takes them again", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    for (const member of [a!, b!]) {
      member.fault(({ kind }) => (kind === "list" ? undefined : { drop: "request" }));
    }
    await fleet.advance(2 * TTL_MS);
    expect(fleet.leaders()).toEqual([]);
    for (const { alerts, log } of [a!, b!]) {
      expect(alerts.calls).toEqual(["raise store-unwritable"]);
      expect(log.matching("The coordination store")).toHaveLength(1);
    }
    for (const member of [a!, b!]) member.mend();
    await fleet.until("somebody leads", () => fleet.leaders().length === 1, TTL_MS);
    await fleet.advance(2 * RENEW_MS);
    for (const { alerts, log } of [a!, b!]) {
      expect(alerts.calls).toEqual(["raise store-unwritable", "clear store-unwritable"]);
      expect(log.matching("The coordination store answers again")).toHaveLength(1);
    }
  });

  test("nobody is named as the leader once its lease must have run out", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    for (const member of [a!, b!]) member.cut();
    await fleet.advance(TTL_MS + RENEW_MS);
    expect(b!.lock.leaderId()).toBeUndefined();
    expect(b!.lock.guard(0)).toMatchObject({ reason: "no-leader" });
  });
});
