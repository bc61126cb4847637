import { describe, expect, test } from "bun:test";
import { decodeLease } from "../../src/election/lease-record.ts";
import { CHAT_LEASE, memberName } from "../../src/fleet/names.ts";
import { CLAIM_STAGGER_MS } from "../../src/fleet/standing.ts";
import { identityOf, memberRecord } from "../fleet/support/listings.ts";
import {
  LONGEST_POLL_MS,
  type Member,
  POLL_MS,
  RENEW_MS,
  SimulatedFleet,
  TTL_MS,
} from "./support/simulated-fleet.ts";

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

/** Waits for a renewal, and kills the holder `afterMs` later. */
async function killedAfterRenewal(fleet: SimulatedFleet, holder: Member, afterMs: number): Promise<void> {
  const before = fleet.server.peek(CHAT_LEASE)?.version;
  await fleet.until("it renews", () => fleet.server.peek(CHAT_LEASE)?.version !== before, 2 * RENEW_MS);
  await fleet.advance(afterMs);
  holder.kill();
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

  describe("passes on within a ttl, a poll and a claim when its holder is killed and nobody can prove it", () => {
    const BOUND_MS = TTL_MS + LONGEST_POLL_MS + CLAIM_STAGGER_MS;
    const SHORTEST_MS = TTL_MS - RENEW_MS;

    for (const afterMs of [0, 1_300, 2_600, 3_900]) {
      const killed = `${afterMs} ms after a renewal`;

      async function expectTakeover(fleet: SimulatedFleet, holder: Member, survivor: Member) {
        fleet.server.watch = () => () => undefined;
        await fleet.advance(5 * RENEW_MS);
        expect(holders(fleet)).toEqual([holder.botId]);
        await killedAfterRenewal(fleet, holder, afterMs);
        const tookMs = await fleet.until(
          `${survivor.botId} holds it`,
          () => holders(fleet)[0] === survivor.botId,
          BOUND_MS - afterMs,
        );
        expect(tookMs).toBeGreaterThan(SHORTEST_MS);
      }

      test(`${killed}: to the leader, which alone is left`, async () => {
        await using fleet = new SimulatedFleet();
        const [a, b] = await fleet.start("a", "b");
        startChats(b!, a!);
        await expectTakeover(fleet, b!, a!);
        expect(fleet.leaders()).toEqual(["a"]);
      });

      test(`${killed}: to a follower, while the leader goes on`, async () => {
        await using fleet = new SimulatedFleet();
        const [a, b, c] = await fleet.start("a", "b", "c");
        startChats(b!);
        await fleet.advance(RENEW_MS);
        startChats(a!, c!);
        await expectTakeover(fleet, b!, c!);
        expect(fleet.leaders()).toEqual(["a"]);
      });

      test(`${killed}: to the leader, while a follower that never chats goes on`, async () => {
        await using fleet = new SimulatedFleet();
        const [a, b] = await fleet.start("a", "b", "c");
        startChats(b!);
        await fleet.advance(RENEW_MS);
        startChats(a!);
        await expectTakeover(fleet, b!, a!);
        expect(fleet.leaders()).toEqual(["a"]);
      });

      test(`${killed}: with the lead, when one agent had both`, async () => {
        await using fleet = new SimulatedFleet();
        const [a, b] = await fleet.start("a", "b");
        startChats(a!);
        await fleet.advance(2 * RENEW_MS);
        startChats(b!);
        await expectTakeover(fleet, a!, b!);
        await fleet.until("b leads", () => b!.leads, TTL_MS);
      });
    }
  });

  test("costs a leader that waits for it a read per poll, and one that has it a renewal per interval", async () => {
    for (const holder of ["a", "b"]) {
      await using fleet = new SimulatedFleet();
      const [a, b] = await fleet.start("a", "b");
      startChats(holder === "a" ? a! : b!);
      await fleet.advance(2 * TTL_MS);
      startChats(a!, b!);
      await fleet.advance(2 * RENEW_MS);
      const before = fleet.operations(a!).length;
      await fleet.advance(100 * RENEW_MS);
      const asked = fleet.operations(a!).slice(before);
      const writes = asked.filter(({ kind }) => kind === "casAndList").length;
      expect(fleet.leaders()).toEqual(["a"]);
      expect(holders(fleet)).toEqual([holder]);
      expect(writes).toBeLessThanOrEqual(holder === "a" ? 200 : 100);
      // Polls are spread by 20 % to both sides.
      expect(asked.length - writes).toBeLessThanOrEqual(
        holder === "a" ? 0 : (1.05 * 100 * RENEW_MS) / POLL_MS,
      );
    }
  });

  test("is claimed as soon as any look at the store shows that it is free", async () => {
    await using fleet = new SimulatedFleet();
    const [, b, c] = await fleet.start("a", "b", "c");
    startChats(b!);
    await fleet.until("b holds it", () => holders(fleet)[0] === "b", TTL_MS);
    startChats(c!);
    await fleet.advance(RENEW_MS);
    await fleet.settle(b!.lock.stop());
    c!.lock.lookSoon();
    await fleet.advance(150);
    expect(holders(fleet)).toEqual(["c"]);
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
