import { describe, expect, test } from "bun:test";
import { decodeLease } from "../../src/election/lease-record.ts";
import { decodeMember } from "../../src/fleet/member-record.ts";
import { memberName, ORACLE_LEASE } from "../../src/fleet/names.ts";
import { POLL_MS, RENEW_MS, SimulatedFleet, TTL_MS } from "./support/simulated-fleet.ts";

const NEVER = new Promise<never>(() => undefined);
/** What the agent gives a plugin to stop. */
const STOP_DEADLINE_MS = 1_000;

describe("an agent that stops", () => {
  test("lets the lease go first, then says goodbye, and asks nothing more", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    await fleet.advance(60_000);
    const before = fleet.operations(a!).length;
    await fleet.settle(a!.lock.stop(), STOP_DEADLINE_MS);
    const asked = fleet.operations(a!).slice(before);
    expect(asked.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      `casAndList ${ORACLE_LEASE}`,
      `casAndList ${memberName("a")}`,
    ]);
    expect(decodeLease(fleet.server.peek(ORACLE_LEASE)!.value)).toMatchObject({
      holder: null,
      why: "a shut down",
    });
    expect(decodeMember(fleet.server.peek(memberName("a"))!.value)).toMatchObject({ stopped: true });
    await fleet.advance(10 * TTL_MS);
    expect(fleet.operations(a!)).toHaveLength(before + 2);
  });

  test("keeps the chat lease and its records after the lead has passed on, until it stops altogether", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    a!.lock.chatLease.start();
    await fleet.advance(RENEW_MS);
    b!.lock.chatLease.start();
    expect(a!.lock.chatLease.holds()).toBe(true);
    await fleet.settle(a!.lock.stopLeading(), STOP_DEADLINE_MS);
    await fleet.until("b leads", () => b!.leads, 3 * POLL_MS);
    await fleet.advance(3 * TTL_MS);
    expect([a!.lock.chatLease.holds(), b!.lock.chatLease.holds()]).toEqual([true, false]);
    expect(await fleet.settle(a!.lock.records.cas("chat/x", null, "last words"))).toMatchObject({
      won: true,
    });
    await fleet.settle(a!.lock.stop(), STOP_DEADLINE_MS);
    await fleet.until("b answers the chats", () => b!.lock.chatLease.holds(), 3 * POLL_MS);
    expect(a!.lock.chatLease.holds()).toBe(false);
  });

  test("is done within the second it is given when the store hangs, having tried to let go first", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    await fleet.advance(61_000);
    a!.lock.chatLease.start();
    await fleet.advance(2 * RENEW_MS);
    const before = fleet.operations(a!).length;
    a!.cut();
    let isStopped = false;
    const stopped = a!.lock.stop().then(() => {
      isStopped = true;
    });
    expect(fleet.operations(a!)[before]).toMatchObject({ kind: "casAndList", name: ORACLE_LEASE });
    expect(a!.lock.guard(0)).toMatchObject({ granted: false, reason: "draining" });
    const tookMs = await fleet.until("it has stopped", () => isStopped, TTL_MS);
    expect(tookMs).toBeLessThanOrEqual(STOP_DEADLINE_MS);
    await stopped;
    expect(a!.log.matching("The lease could not be let go")).toHaveLength(1);
    const asked = fleet.operations(a!).length;
    await fleet.advance(10 * TTL_MS);
    expect(fleet.operations(a!)).toHaveLength(asked);
  });

  test("is done in time when closing the store hangs", async () => {
    await using fleet = new SimulatedFleet();
    const a = fleet.add("a", {}, { close: () => NEVER });
    await fleet.advance(2 * POLL_MS);
    let isStopped = false;
    void a.lock.stop().then(() => {
      isStopped = true;
    });
    await fleet.until("it has stopped", () => isStopped, STOP_DEADLINE_MS);
    expect(a.log.matching("The store could not be closed in order")).toHaveLength(1);
  });

  test("says goodbye although a report of its own is under way", async () => {
    await using fleet = new SimulatedFleet();
    const [, b] = await fleet.start("a", "b");
    const arrives = Promise.withResolvers<void>();
    let isHeld = false;
    b!.fault(({ name }) => {
      if (name !== memberName("b") || isHeld) return undefined;
      isHeld = true;
      return { replyAfter: arrives.promise };
    });
    await fleet.until("a report is under way", () => isHeld, 3 * RENEW_MS);
    const stopped = b!.lock.stop();
    arrives.resolve();
    await fleet.settle(stopped, STOP_DEADLINE_MS);
    expect(decodeMember(fleet.server.peek(memberName("b"))!.value)).toMatchObject({ stopped: true });
  });

  test("can be stopped twice, and before it has looked at the store", async () => {
    await using fleet = new SimulatedFleet();
    const a = fleet.add("a");
    a.cut();
    const stops = Promise.all([a.lock.stop(), a.lock.stop()]);
    await fleet.settle(stops, STOP_DEADLINE_MS);
    expect(a.lock.guard(0)).toMatchObject({ granted: false, reason: "draining" });
  });

  test("obeys no order any more", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    const stopped = b!.lock.stop();
    await fleet.settle(
      a!.lock.control.restart({ botId: "b", by: "ops", reason: "drill" }).catch(() => undefined),
    );
    await fleet.settle(stopped);
    expect(b!.ends).toEqual([]);
  });
});
