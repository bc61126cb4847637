import { describe, expect, test } from "bun:test";
import { readHistory } from "../../src/fleet/history.ts";
import {
  LONGEST_POLL_MS,
  MARGIN_MS,
  POLL_MS,
  RENEW_MS,
  SimulatedFleet,
  TTL_MS,
} from "./support/simulated-fleet.ts";

describe("a fleet", () => {
  test("has one leader, and everybody names it", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b, c] = await fleet.start("a", "b", "c");
    expect(fleet.leaders()).toEqual(["a"]);
    for (const member of [a!, b!, c!]) {
      expect(member.lock.leaderId()).toBe("a");
      expect(member.lock.leadershipStatus().term).toBe(1);
    }
    expect(b!.lock.guard(0)).toEqual({ granted: false, leaderId: "a", reason: "follower" });
    expect(a!.lock.guard(0)).toEqual({ granted: true, as: "leader", term: 1 });
  });

  test("tells in its metrics who leads, in which term, for how long, and who lives", async () => {
    await using fleet = new SimulatedFleet();
    const members = await fleet.start("a", "b");
    await fleet.advance(60_000);
    for (const member of members) {
      const text = await member.metrics.metrics();
      const value = (name: string) => Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
      expect(value("oracle_is_leader")).toBe(member === members[0] ? 1 : 0);
      expect(value("oracle_leader_term")).toBe(1);
      expect(value("oracle_fleet_members_alive")).toBe(2);
      expect(value("oracle_store_reachable")).toBe(1);
      expect(value("oracle_fleet_price_divergence_bps")).toBe(0);
      const expiresInS = value("oracle_leader_lease_expires_seconds");
      if (member !== members[0]) expect(expiresInS).toBe(0);
      else {
        expect(expiresInS).toBeGreaterThan((TTL_MS - MARGIN_MS - RENEW_MS) / 1_000 - 1);
        expect(expiresInS).toBeLessThanOrEqual((TTL_MS - MARGIN_MS) / 1_000);
      }
    }
  });

  test("keeps its leader for as long as it renews", async () => {
    await using fleet = new SimulatedFleet();
    await fleet.start("a", "b");
    for (let minute = 0; minute < 10; minute++) {
      await fleet.advance(60_000);
      expect(fleet.leaders()).toEqual(["a"]);
    }
  });

  test("refuses to act for longer than the lease surely lasts", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    expect(a!.lock.guard(TTL_MS - MARGIN_MS)).toMatchObject({ granted: false, reason: "expiring" });
    expect(a!.lock.guard(TTL_MS - MARGIN_MS - RENEW_MS - 100)).toMatchObject({ granted: true });
    expect(a!.lock.leadershipStatus().validForMs).toBeLessThanOrEqual(TTL_MS - MARGIN_MS);
  });

  test("has another leader at once when the first one stops in order", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.advance(60_000);
    const stopped = a!.lock.stop();
    expect(a!.lock.guard(0)).toMatchObject({ granted: false, reason: "draining" });
    // The release is a hint to every follower: nobody waits for the next poll.
    expect(await fleet.until("b leads", () => b!.leads, POLL_MS)).toBeLessThanOrEqual(250);
    await fleet.settle(stopped);
    expect(b!.lock.leadershipStatus()).toMatchObject({ role: "leader", term: 2, leaderId: "b" });
    expect(b!.lock.members().map(({ botId, role }) => `${botId} ${role}`)).toEqual(["a stopped", "b leader"]);
  });

  test("has another leader within a poll when the first one's process is provably dead", async () => {
    await using fleet = new SimulatedFleet();
    const a = fleet.add("a", { host: "one" });
    await fleet.advance(LONGEST_POLL_MS);
    const b = fleet.add("b", { host: "one" });
    await fleet.advance(60_000);
    a.kill();
    await fleet.until("b leads", () => b.leads, 2 * LONGEST_POLL_MS);
    expect(b.log.matching("Previous leader a is dead, taking over")).toHaveLength(1);
    expect(b.log.matching("Bot b became leader")).toHaveLength(1);
  });

  test("waits for the end of the lease where nobody can prove a death, and never longer than a second more", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.advance(60_000);
    a!.kill();
    const tookMs = await fleet.until("b leads", () => b!.leads, 2 * TTL_MS);
    expect(tookMs).toBeGreaterThan(TTL_MS - RENEW_MS);
    expect(tookMs).toBeLessThanOrEqual(TTL_MS + LONGEST_POLL_MS);
  });

  test("an agent that was stopped past its lease leads no more when it goes on, and follows", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    a!.freeze();
    await fleet.until("b leads", () => b!.lock.guard(0).granted, 2 * TTL_MS);
    expect(a!.lock.guard(0).granted).toBe(false);
    a!.thaw();
    expect(a!.lock.guard(0).granted).toBe(false);
    await fleet.advance(10 * POLL_MS);
    expect(fleet.leaders()).toEqual(["b"]);
    expect(a!.lock.leaderId()).toBe("b");
  });

  test("priority decides who claims a free lease, and takes nothing away", async () => {
    await using fleet = new SimulatedFleet();
    const a = fleet.add("a");
    await fleet.advance(2 * LONGEST_POLL_MS);
    fleet.add("b", { config: { priority: 10 } });
    const c = fleet.add("c", { config: { priority: 900 } });
    await fleet.advance(60_000);
    expect(fleet.leaders()).toEqual(["a"]);
    await fleet.settle(a.lock.stop());
    await fleet.until("somebody leads", () => fleet.leaders().length > 0, TTL_MS);
    expect(fleet.leaders()).toEqual(["c"]);
    expect(c.lock.leadershipStatus().term).toBe(2);
  });

  test("a fit agent claims before one in trouble, whatever the priorities", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    const ill = fleet.add("ill", { config: { priority: 900 } });
    ill.oracle.suffers({ code: "base-unreachable", text: "Base cannot be reached", shared: false, forMs: 1 });
    fleet.add("well", { config: { priority: 1 } });
    await fleet.advance(60_000);
    await fleet.settle(a!.lock.stop());
    await fleet.until("somebody leads", () => fleet.leaders().length > 0, TTL_MS);
    expect(fleet.leaders()).toEqual(["well"]);
  });

  test("nofailover never leads, even as the last one", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    const witness = fleet.add("witness", { config: { nofailover: true, priority: 1_000 } });
    await fleet.advance(60_000);
    await fleet.settle(a!.lock.stop());
    await fleet.advance(10 * TTL_MS);
    expect(witness.leads).toBe(false);
    expect(witness.lock.guard(0)).toEqual({ granted: false, leaderId: undefined, reason: "no-leader" });
  });

  test("writes down who led when, and why", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.settle(a!.lock.stop());
    await fleet.until("b leads", () => b!.leads, TTL_MS);
    await fleet.advance(POLL_MS);
    const access = { store: fleet.server.client("reader"), clock: fleet.clock, opTimeoutMs: 1_000 };
    expect(await readHistory(access)).toMatchObject([
      { term: 1, leader: "a", from: null, why: "first election in this store" },
      { term: 2, leader: "b", from: "a", why: "a shut down" },
    ]);
  });

  test("jumps of the wall clock change nothing", async () => {
    await using fleet = new SimulatedFleet();
    await fleet.start("a", "b");
    for (const hours of [1, -2, 48, -47]) {
      fleet.clock.jumpWall(hours * 3_600_000);
      await fleet.advance(2 * TTL_MS);
      expect(fleet.leaders()).toEqual(["a"]);
      expect(fleet.members.flatMap(({ lock }) => lock.members()).every(({ alive }) => alive)).toBe(true);
    }
    expect(fleet.members.every(({ lock }) => lock.leadershipStatus().term === 1)).toBe(true);
  });
});

describe("a remote store that was wiped", () => {
  test("has no second leader before the first one's lease has run out, and terms go on", async () => {
    await using fleet = new SimulatedFleet({ local: false });
    const members = await fleet.start("a", "b");
    await fleet.until("somebody leads", () => fleet.leaders().length > 0, 3 * TTL_MS);
    const [before] = members.map(({ lock }) => lock.leadershipStatus().term);
    fleet.server.wipe();
    let most = 0;
    const startMs = fleet.clock.monotonicMs();
    while (fleet.clock.monotonicMs() - startMs < 4 * TTL_MS) {
      most = Math.max(most, fleet.leaders().length);
      await fleet.advance(50);
    }
    expect(most).toBe(1);
    expect(fleet.leaders()).toHaveLength(1);
    const leader = members.find(({ leads }) => leads)!;
    expect(leader.lock.leadershipStatus().term).toBeGreaterThan(before!);
  });
});
