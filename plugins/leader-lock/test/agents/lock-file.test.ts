import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { FAILOVER_INTENT } from "../../src/fleet/names.ts";
import { type Member, POLL_MS, RENEW_MS, SimulatedFleet, TTL_MS } from "./support/simulated-fleet.ts";

function shown(member: Member): Record<string, unknown> {
  return JSON.parse(readFileSync(member.lockFile, "utf8")) as Record<string, unknown>;
}

describe("the operator's file", () => {
  test("shows on every host who leads, never older than a renewal", async () => {
    await using fleet = new SimulatedFleet();
    const members = await fleet.start("a", "b");
    await fleet.advance(123_456);
    for (const member of members) {
      const { timestamp, expiresInMs, ...view } = shown(member);
      expect(view).toEqual({ botId: "a", term: 1, host: "host-of-a", pid: members[0]!.identity.pid });
      expect(fleet.clock.wallMs() - Number(timestamp)).toBeLessThanOrEqual(RENEW_MS + 2 * POLL_MS);
      expect(expiresInMs).toBeGreaterThan(TTL_MS - RENEW_MS - 2 * POLL_MS);
    }
    await fleet.settle(members[0]!.lock.stop());
    await fleet.until("b leads", () => members[1]!.leads, TTL_MS);
    expect(shown(members[1]!)).toMatchObject({ botId: "b", term: 2 });
  });

  test("is written by the leader alone where agents share it", async () => {
    await using fleet = new SimulatedFleet();
    fleet.add("a", { host: "one" });
    await fleet.advance(2 * POLL_MS);
    const b = fleet.add("b", { host: "one" });
    await fleet.advance(30_000);
    fleet.members[0]!.freeze();
    rmSync(b.lockFile);
    await fleet.advance(TTL_MS - 2 * RENEW_MS);
    expect(existsSync(b.lockFile)).toBe(false);
    expect(fleet.server.peek(FAILOVER_INTENT)).toBeNull();
  });

  test("removed where the leader shows it: another one leads, and the first sits out a ttl", async () => {
    await using fleet = new SimulatedFleet();
    const a = fleet.add("a", { host: "one" });
    await fleet.advance(2 * POLL_MS);
    const b = fleet.add("b", { host: "one" });
    await fleet.advance(30_000);
    rmSync(a.lockFile);
    expect(await fleet.until("b leads", () => b.leads, TTL_MS)).toBeLessThanOrEqual(2 * POLL_MS);
    expect(shown(b)).toMatchObject({ botId: "b", term: 2 });
    expect(a.log.matching("The lock file was removed")).toHaveLength(1);
    expect(b.log.matching("The lock file was removed")).toEqual([]);
    await fleet.advance(5 * TTL_MS);
    expect(fleet.leaders()).toEqual(["b"]);
  });

  test("removed where the only agent shows it: it leads again after a ttl, not before", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    rmSync(a!.lockFile);
    await fleet.until("a lets go", () => !a!.leads, 2 * POLL_MS);
    await fleet.advance(TTL_MS - 2 * POLL_MS);
    expect(a!.leads).toBe(false);
    await fleet.until("a leads", () => a!.leads, 4 * POLL_MS);
  });

  test("removed on a host of several followers: the lead moves once, not once per follower", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    const others = ["b", "c", "d"].map((botId) => fleet.add(botId, { host: "two" }));
    await fleet.advance(30_000);
    rmSync(others[0]!.lockFile);
    await fleet.until("another one leads", () => fleet.leaders()[0] !== "a", TTL_MS);
    await fleet.advance(5 * TTL_MS);
    expect(a!.lock.leadershipStatus().term).toBe(2);
    expect(others.flatMap(({ log }) => log.matching("The lock file was removed"))).toHaveLength(1);
  });

  test("removed before any agent showed it, or while nobody leads: nothing is asked for", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    const witness = fleet.add("witness", { config: { nofailover: true } });
    rmSync(witness.lockFile, { force: true });
    await fleet.advance(30_000);
    await fleet.settle(a!.lock.stop());
    await fleet.advance(2 * POLL_MS);
    expect(shown(witness)).toMatchObject({ botId: null, expiresInMs: 0 });
    rmSync(witness.lockFile);
    await fleet.advance(2 * POLL_MS);
    expect(shown(witness)).toMatchObject({ botId: null });
    fleet.add("b");
    await fleet.advance(2 * TTL_MS);
    expect(fleet.leaders()).toEqual(["b"]);
    expect(witness.log.matching("The lock file was removed")).toEqual([]);
    expect(fleet.members.at(-1)!.lock.leadershipStatus().term).toBe(2);
  });

  test("that cannot be written is told once and does not stop the election", async () => {
    await using fleet = new SimulatedFleet();
    const a = fleet.add("a", { config: { lockFile: `${fleet.directory}/none/leader.lock` } });
    await fleet.advance(10 * TTL_MS);
    expect(a.leads).toBe(true);
    expect(a.alerts.calls).toEqual(["raise lock-file-unwritable"]);
    expect(a.log.matching("cannot be written")).toHaveLength(1);
    expect(a.alerts.raised.get("lock-file-unwritable")).toMatchObject({
      summary: `the lock file ${fleet.directory}/none/leader.lock cannot be written: ENOENT: no such file or directory`,
    });
  });
});
