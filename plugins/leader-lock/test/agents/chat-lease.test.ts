import { describe, expect, test } from "bun:test";
import { decodeLease } from "../../src/election/lease-record.ts";
import { CHAT_LEASE, memberName } from "../../src/fleet/names.ts";
import { identityOf, memberRecord } from "../fleet/support/listings.ts";
import { type Member, POLL_MS, RENEW_MS, SimulatedFleet, TTL_MS } from "./support/simulated-fleet.ts";

function holders(fleet: SimulatedFleet): readonly string[] {
  return fleet.members
    .filter(({ isDead, lock }) => !isDead && lock.chatLease.holds())
    .map(({ botId }) => botId);
}

function startChats(...members: readonly Member[]): void {
  for (const { lock } of members) lock.chatLease.start();
}

/** The chat plugin tells how its services answer, every second. */
async function chat(fleet: SimulatedFleet, ms: number, unreachable: readonly Member[]): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
    for (const member of fleet.members) {
      if (!member.isDead) member.lock.chatLease.reportReachable(!unreachable.includes(member));
    }
    await fleet.advance(1_000);
  }
}

describe("the lease to answer the chats", () => {
  test("has exactly one holder, whom everybody knows", async () => {
    await using fleet = new SimulatedFleet();
    const members = await fleet.start("a", "b", "c");
    startChats(...members);
    await fleet.until("somebody holds it", () => holders(fleet).length > 0, TTL_MS);
    const [first] = holders(fleet);
    for (let ms = 0; ms < 20 * TTL_MS; ms += 500) {
      expect(holders(fleet)).toEqual([first!]);
      await fleet.advance(500);
    }
    for (const { lock } of members) expect(lock.chatLease.holderId()).toBe(first!);
  });

  test("is left by the leader to the others first", async () => {
    for (const leaderStartsFirst of [true, false]) {
      await using fleet = new SimulatedFleet();
      const [a, b] = await fleet.start("a", "b");
      startChats(...(leaderStartsFirst ? [a!, b!] : [b!, a!]));
      // The leader sees the free lease before anybody else does.
      a!.lock.lookSoon();
      await fleet.until("somebody holds it", () => holders(fleet).length > 0, TTL_MS);
      expect(fleet.leaders()).toEqual(["a"]);
      expect(holders(fleet)).toEqual(["b"]);
    }
  });

  test("is taken by the leader when nobody else wants it", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a", "b");
    startChats(a!);
    await fleet.advance(2 * TTL_MS);
    expect(holders(fleet)).toEqual(["a"]);
  });

  test("is not taken from a holder that becomes the leader, nor by one of higher priority", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    startChats(a!, b!);
    await fleet.until("b holds it", () => holders(fleet)[0] === "b", TTL_MS);
    await fleet.settle(a!.lock.control.failover({ to: "b", by: "ops", reason: "drill" }));
    await fleet.until("b leads", () => b!.leads, TTL_MS);
    startChats(fleet.add("c", { config: { priority: 1_000 } }));
    await fleet.advance(10 * TTL_MS);
    expect(fleet.leaders()).toEqual(["b"]);
    expect(holders(fleet)).toEqual(["b"]);
  });

  test("passes on at once when its holder stops, and after a ttl when it is killed", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b, c] = await fleet.start("a", "b", "c");
    startChats(b!);
    await fleet.until("b holds it", () => holders(fleet)[0] === "b", TTL_MS);
    startChats(a!, c!);
    await fleet.advance(TTL_MS);
    await fleet.settle(b!.lock.stop());
    expect(await fleet.until("c holds it", () => holders(fleet)[0] === "c", TTL_MS)).toBeLessThanOrEqual(
      3 * POLL_MS,
    );
    c!.kill();
    await fleet.until("a holds it", () => holders(fleet)[0] === "a", TTL_MS + 3 * RENEW_MS);
  });

  test("is let go after a minute without chat services, to a member that reaches them", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b, c] = await fleet.start("a", "b", "c");
    startChats(b!);
    await fleet.until("b holds it", () => holders(fleet)[0] === "b", TTL_MS);
    startChats(a!, c!);
    await chat(fleet, 10_000, []);
    await chat(fleet, 59_000, [b!]);
    expect(holders(fleet)).toEqual(["b"]);
    await chat(fleet, 5_000, [b!]);
    expect(holders(fleet)).toEqual(["c"]);
    await chat(fleet, 10_000, []);
    await fleet.advance(5 * TTL_MS);
    expect(holders(fleet)).toEqual(["c"]);
  });

  test("is kept when nobody reaches the services", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    startChats(a!, b!);
    await fleet.until("b holds it", () => holders(fleet)[0] === "b", TTL_MS);
    await chat(fleet, 300_000, [a!, b!]);
    expect(holders(fleet)).toEqual(["b"]);
  });

  test("is taken by one that reaches no service when nobody else does", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    for (const agent of [a!, b!]) agent.lock.chatLease.reportReachable(false);
    startChats(a!, b!);
    await fleet.until("somebody holds it", () => holders(fleet).length === 1, 3 * TTL_MS);
  });

  test("is held by nobody for longer than the store allows", async () => {
    await using fleet = new SimulatedFleet();
    const [, b] = await fleet.start("a", "b");
    startChats(b!);
    await fleet.until("b holds it", () => holders(fleet)[0] === "b", TTL_MS);
    b!.cut();
    await fleet.advance(TTL_MS);
    expect(holders(fleet)).toEqual([]);
  });

  test("is let go at once by an agent whose bot id another process has taken", async () => {
    await using fleet = new SimulatedFleet();
    const [, b] = await fleet.start("a", "b");
    startChats(b!);
    await fleet.until("b holds it", () => holders(fleet)[0] === "b", TTL_MS);
    const name = memberName("b");
    const taken = memberRecord(identityOf("b", "another process"), 1).value;
    fleet.server.compareAndSet(name, fleet.server.peek(name), taken);
    await fleet.until("b is refused", () => b!.ends.length > 0, 3 * POLL_MS);
    expect(holders(fleet)).toEqual([]);
    await fleet.advance(POLL_MS);
    expect(decodeLease(fleet.server.peek(CHAT_LEASE)!.value)).toMatchObject({ holder: null });
  });

  test("is not wanted by an agent that never started to chat", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    a!.lock.chatLease.reportReachable(false);
    await fleet.advance(2 * TTL_MS);
    expect(holders(fleet)).toEqual([]);
    expect(a!.lock.members()[0]?.chatReachable).toBeUndefined();
  });
});
