import { describe, expect, test } from "bun:test";
import { memberName } from "../../src/fleet/names.ts";
import { POLL_MS, RENEW_MS, SimulatedFleet, TTL_MS } from "./support/simulated-fleet.ts";

/** Nobody can tell whether their processes live. */
const APART = { canBeProbed: false };

describe("a bot id", () => {
  test("is welcome at once when its earlier process is provably dead", async () => {
    await using fleet = new SimulatedFleet();
    const host = { host: "one" };
    fleet.add("a", host);
    await fleet.advance(2 * POLL_MS);
    const before = fleet.add("b", host);
    await fleet.advance(30_000);
    before.kill();
    const again = fleet.add("b", host);
    await fleet.advance(POLL_MS);
    expect(again.log.matching("Joined the fleet")).toHaveLength(1);
    expect(fleet.server.peek(memberName("b"))?.value).toContain(again.identity.incarnation);
    await fleet.advance(2 * TTL_MS);
    expect(again.ends).toEqual([]);
  });

  test("is welcome at once after a goodbye, wherever it starts again", async () => {
    await using fleet = new SimulatedFleet();
    const [, b] = await fleet.start("a", "b");
    await fleet.settle(b!.lock.stop());
    const again = fleet.add("b", { ...APART, host: "elsewhere" });
    await fleet.advance(POLL_MS);
    expect(again.log.matching("Joined the fleet")).toHaveLength(1);
  });

  test("is refused to a second process on the same host at once, naming the first", async () => {
    await using fleet = new SimulatedFleet();
    const first = fleet.add("a", { host: "one" });
    await fleet.advance(2 * POLL_MS);
    const second = fleet.add("a", { host: "one" });
    await fleet.advance(POLL_MS);
    expect(second.ends).toEqual([
      {
        reason:
          `BOT_ID a is in use by another live agent: process ${first.identity.pid} on one. ` +
          "Give each agent a BOT_ID of its own, or stop the other one.",
        exitCode: 78,
      },
    ]);
    await fleet.advance(2 * TTL_MS);
    expect(first.ends).toEqual([]);
    expect(first.leads).toBe(true);
    // Nor may it act without a leader.
    for (const member of [first, second]) member.fault(() => ({ drop: "request" }));
    await fleet.advance(3 * TTL_MS);
    expect(second.lock.guard(0, Number.MAX_SAFE_INTEGER)).toMatchObject({ granted: false });
    expect(first.lock.guard(0, Number.MAX_SAFE_INTEGER)).toMatchObject({ as: "fallback" });
  });

  for (const [what, others] of [
    ["leads", []],
    ["follows", ["leader"]],
  ] as const) {
    test(`is refused to a second process anywhere as soon as the first one, which ${what}, is seen to write`, async () => {
      await using fleet = new SimulatedFleet();
      await fleet.start(...others);
      const first = fleet.add("a", APART);
      await fleet.advance(60_000);
      const second = fleet.add("a", { ...APART, host: "elsewhere" });
      const tookMs = await fleet.until("it is refused", () => second.ends.length > 0, TTL_MS);
      expect(tookMs).toBeLessThanOrEqual(RENEW_MS + 3 * POLL_MS);
      expect(second.ends[0]).toMatchObject({ exitCode: 78 });
      expect(second.log.matching("Joined the fleet")).toEqual([]);
      await fleet.advance(3 * TTL_MS);
      expect(first.ends).toEqual([]);
      expect(first.lock.guard(0).granted).toBe(what === "leads");
      expect(second.ends).toHaveLength(1);
    });
  }

  for (const role of ["leader", "follower"] as const) {
    test(`is free again once its ${role} has been silent for a ttl, where nobody can prove its death`, async () => {
      await using fleet = new SimulatedFleet();
      const a = fleet.add("a", APART);
      await fleet.advance(2 * POLL_MS);
      const b = fleet.add("b", APART);
      await fleet.advance(60_000);
      const [before, other] = role === "leader" ? [a, b] : [b, a];
      before.kill();
      const again = fleet.add(before.botId, { ...APART, host: "elsewhere" });
      await fleet.advance(TTL_MS - POLL_MS);
      expect(again.log.matching("Joined the fleet")).toEqual([]);
      expect(again.log.matching("waiting until it is known to be gone")).toHaveLength(1);
      await fleet.until("it joins", () => again.log.matching("Joined the fleet").length > 0, 3 * POLL_MS);
      await fleet.advance(3 * TTL_MS);
      // What the dead process left behind refuses nobody, and nobody else is in its place.
      expect([...again.ends, ...other.ends]).toEqual([]);
      expect(fleet.leaders()).toEqual([other.botId]);
      expect(again.lock.members().map(({ botId, alive }) => `${botId} ${alive}`)).toEqual([
        "a true",
        "b true",
      ]);
    });
  }

  test("gives no lead while it is not known whether another process has it", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    const before = fleet.add("b", APART);
    await fleet.advance(60_000);
    before.kill();
    const again = fleet.add("b", { ...APART, host: "elsewhere" });
    await fleet.advance(2 * POLL_MS);
    await fleet.settle(a!.lock.stop());
    await fleet.advance(TTL_MS - 5 * POLL_MS);
    expect(again.leads).toBe(false);
    await fleet.until("it joins and leads", () => again.leads, 5 * POLL_MS);
  });

  test("of the only agent is free again after a ttl, and it leads", async () => {
    await using fleet = new SimulatedFleet();
    const before = fleet.add("a", APART);
    await fleet.advance(60_000);
    before.kill();
    const again = fleet.add("a", { ...APART, host: "elsewhere" });
    await fleet.until("it leads", () => again.leads, TTL_MS + 3 * POLL_MS);
    await fleet.advance(3 * TTL_MS);
    expect(again.leads).toBe(true);
    expect(again.ends).toEqual([]);
  });

  test("is lost to a process that took it while its owner was cut off for longer than a ttl: one of the two goes", async () => {
    await using fleet = new SimulatedFleet();
    const first = fleet.add("a", APART);
    await fleet.advance(60_000);
    first.cut();
    const second = fleet.add("a", { ...APART, host: "elsewhere" });
    await fleet.until("the second one leads", () => second.leads, TTL_MS + 5 * POLL_MS);
    first.mend();
    await fleet.until("the first one goes", () => first.ends.length > 0, TTL_MS);
    await fleet.advance(TTL_MS);
    expect(second.ends).toEqual([]);
    expect(fleet.leaders()).toEqual(["a"]);
  });
});
