import { describe, expect, test } from "bun:test";
import {
  DIRECTIVE,
  FAILOVER_INTENT,
  ORACLE_LEASE,
  OVERRIDE_PREFIX,
  RESTART_PREFIX,
} from "../../src/fleet/names.ts";
import { decodeFailover } from "../../src/intents/intent-records.ts";
import { trouble } from "./support/fakes.ts";
import { POLL_MS, RENEW_MS, SimulatedFleet, TTL_MS } from "./support/simulated-fleet.ts";

const OPS = { by: "ops", reason: "drill" };

describe("a failover", () => {
  test("to a named member is done at once, from whichever agent it is asked", async () => {
    for (const askedAt of ["a", "b", "c"]) {
      await using fleet = new SimulatedFleet();
      const members = await fleet.start("a", "b", "c");
      await fleet.advance(30_000);
      const asked = members.find(({ botId }) => botId === askedAt)!;
      const receipt = await fleet.settle(asked.lock.control.failover({ ...OPS, to: "c" }), 1_000);
      expect(receipt).toMatchObject({ term: 1, leaderId: "a" });
      expect(await fleet.until("c leads", () => fleet.leaders()[0] === "c", TTL_MS)).toBeLessThanOrEqual(
        POLL_MS,
      );
      await fleet.advance(2 * TTL_MS);
      expect(fleet.leaders()).toEqual(["c"]);
      expect(asked.lock.leadershipStatus().term).toBe(2);
    }
  });

  test("to nobody in particular goes to the best member that is fit", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    fleet.add("b", { config: { priority: 50 } });
    fleet.add("c", { config: { priority: 200 } }).oracle.suffers(trouble());
    fleet.add("d", { config: { priority: 150 } });
    fleet.add("e", { config: { priority: 999, nofailover: true } });
    await fleet.advance(30_000);
    await fleet.settle(a!.lock.control.failover({ ...OPS, to: undefined }));
    await fleet.until("d leads", () => fleet.leaders()[0] === "d", 2 * POLL_MS);
  });

  test("that cannot be done is refused in the record, with the reason, and nobody lets go", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    b!.oracle.suffers(trouble({ text: "Jeju cannot be reached" }));
    await fleet.advance(30_000);
    const refusedOf = () => decodeFailover(fleet.server.peek(FAILOVER_INTENT)?.value ?? "{}")?.refused;

    await fleet.settle(b!.lock.control.failover({ ...OPS, to: "b" }));
    await fleet.until("it is refused", () => refusedOf() !== undefined, POLL_MS);
    expect(refusedOf()).toBe("b is not fit to lead: Jeju cannot be reached");

    await fleet.settle(b!.lock.control.failover({ ...OPS, to: undefined }));
    await fleet.until("it is refused", () => refusedOf()?.startsWith("no other") === true, POLL_MS);
    expect(refusedOf()).toBe("no other member is alive and fit to lead");

    b!.kill();
    await fleet.advance(2 * TTL_MS);
    await fleet.settle(a!.lock.control.failover({ ...OPS, to: "b" }));
    await fleet.until("it is refused", () => refusedOf() === "b is not alive", POLL_MS);
    await fleet.advance(2 * TTL_MS);
    expect(fleet.leaders()).toEqual(["a"]);
    expect(a!.lock.leadershipStatus().term).toBe(1);
    expect(a!.log.matching("A failover was refused")).toHaveLength(3);
  });

  test("is void once another term has begun: one that waited in the store surprises nobody", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    a!.freeze();
    const office = b!.lock.control;
    await fleet.settle(office.failover({ ...OPS, to: "b" }));
    await fleet.until("b leads", () => b!.lock.guard(0).granted, 2 * TTL_MS);
    a!.thaw();
    await fleet.advance(2 * TTL_MS);
    expect(fleet.leaders()).toEqual(["b"]);
    expect(b!.lock.leadershipStatus().term).toBe(2);
    expect(fleet.server.peek(FAILOVER_INTENT)).toBeNull();
  });
});

describe("force-leader", () => {
  test("takes effect at once, without two leaders at any time", async () => {
    await using fleet = new SimulatedFleet();
    const [, b, c] = await fleet.start("a", "b", "c");
    await fleet.advance(31_000);
    await fleet.settle(b!.lock.control.forceLeader({ ...OPS, to: "c" }));
    let most = 0;
    const tookMs = await fleet.until(
      "c leads",
      () => {
        most = Math.max(most, fleet.leaders().length);
        return c!.leads;
      },
      TTL_MS,
    );
    expect(tookMs).toBeLessThanOrEqual(POLL_MS);
    expect(most).toBe(1);
    await fleet.advance(2 * TTL_MS);
    expect(fleet.leaders()).toEqual(["c"]);
    expect(c!.log.matching("Bot c became leader")[0]).toContain("forced to c by ops: drill");
  });

  test("of a leader that does not hear waits for the end of its lease", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b, c] = await fleet.start("a", "b", "c");
    a!.freeze();
    await fleet.settle(b!.lock.control.forceLeader({ ...OPS, to: "c" }));
    await fleet.advance(TTL_MS - 1_000);
    expect([b!, c!].some(({ lock }) => lock.guard(0).granted)).toBe(false);
    await fleet.until("c leads", () => c!.lock.guard(0).granted, 3_000);
    a!.thaw();
    await fleet.advance(TTL_MS);
    expect(fleet.leaders()).toEqual(["c"]);
  });

  test("that is lost on its way to the leader is found at the next renewal", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    // Within the time in which a hint may be the echo of the leader's own write.
    const renewals = () => fleet.operations(a!).filter(({ name }) => name === ORACLE_LEASE).length;
    const before = renewals();
    await fleet.until("a renews", () => renewals() > before, 2 * RENEW_MS);
    await fleet.settle(b!.lock.control.forceLeader({ ...OPS, to: "b" }), 300);
    expect(await fleet.until("b leads", () => b!.leads, TTL_MS)).toBeLessThanOrEqual(RENEW_MS + POLL_MS);
  });
});

describe("orders to all members", () => {
  test("a pause and a resume reach every member once", async () => {
    await using fleet = new SimulatedFleet();
    const members = await fleet.start("a", "b", "c");
    const { id } = await fleet.settle(
      members[1]!.lock.control.pause({ ...OPS, untilChainTimeS: 1_800_000_000n }),
    );
    await fleet.advance(60_000);
    const pause = { id, kind: "pause" as const, ...OPS, untilChainTimeS: 1_800_000_000n };
    for (const { oracle } of members) expect(oracle.obeyed).toEqual([pause]);
    const resumed = await fleet.settle(members[2]!.lock.control.resume(OPS));
    await fleet.advance(60_000);
    for (const { oracle } of members) {
      expect(oracle.obeyed).toEqual([pause, { id: resumed.id, kind: "resume", ...OPS }]);
      expect(oracle.applied).toEqual([]);
    }
    // They do not wait for a renewal or a poll of their own.
    await fleet.settle(members[0]!.lock.control.pause(OPS));
    await fleet.advance(300);
    expect(members.map(({ oracle }) => oracle.obeyed.length)).toEqual([3, 3, 3]);
  });

  test("an approval of a held price reaches every member at once, and one that starts later", async () => {
    await using fleet = new SimulatedFleet();
    const members = await fleet.start("a", "b", "c");
    const move = { ethUsd8: 4n, elizaUsd8: 2n, lastUpdateS: 1_700_000_000n, untilChainTimeS: 1_700_000_300n };
    const { id } = await fleet.settle(members[1]!.lock.control.approve({ ...OPS, ...move }));
    await fleet.advance(300);
    const approval = { id, ...OPS, ...move };
    for (const { oracle } of members) expect(oracle.approved).toMatchObject([approval]);
    const late = fleet.add("late");
    await fleet.advance(60_000);
    for (const { oracle } of [...members, late]) expect(oracle.approved).toMatchObject([approval]);
  });

  test("a pause does not move the lead", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a", "b");
    await fleet.settle(a!.lock.control.pause(OPS));
    await fleet.advance(10 * TTL_MS);
    expect(fleet.leaders()).toEqual(["a"]);
  });

  test("overrides reach every member once, and one that is taken back ends", async () => {
    await using fleet = new SimulatedFleet();
    const members = await fleet.start("a", "b");
    const { control } = members[1]!.lock;
    const override = { name: "max-gas-price-gwei", untilChainTimeS: 1_800_000_000n } as const;
    await fleet.settle(control.set({ ...OPS, ...override, value: "250" }));
    await fleet.advance(60_000);
    for (const { oracle } of members) {
      expect(oracle.applied).toEqual([[expect.objectContaining({ ...override, value: "250" })]]);
      expect(oracle.obeyed).toEqual([]);
    }
    await fleet.settle(control.set({ ...OPS, ...override, value: undefined }));
    await fleet.advance(60_000);
    for (const { oracle } of members) expect(oracle.applied.slice(1)).toEqual([[]]);
  });

  test("an agent that starts later obeys what is in force", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    await fleet.settle(a!.lock.control.pause(OPS));
    const late = fleet.add("late");
    await fleet.advance(2 * POLL_MS);
    expect(late.oracle.obeyed.map(({ kind }) => kind)).toEqual(["pause"]);
  });

  test("what cannot be obeyed yet is obeyed later, and does not keep another order from being obeyed", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    a!.oracle.fails.obey = new Error("no space left on device");
    await fleet.settle(a!.lock.control.pause(OPS));
    await fleet.settle(
      a!.lock.control.set({ ...OPS, name: "max-gas-price-gwei", value: "250", untilChainTimeS: 1n }),
    );
    await fleet.advance(60_000);
    expect(a!.oracle.obeyed).toEqual([]);
    expect(a!.oracle.applied).toHaveLength(1);
    expect(a!.log.matching("could not be obeyed yet")).toHaveLength(1);
    delete a!.oracle.fails.obey;
    await fleet.advance(2 * POLL_MS);
    expect(a!.oracle.obeyed).toHaveLength(1);
  });

  test("text that is no order is obeyed by nobody and stops nobody", async () => {
    await using fleet = new SimulatedFleet();
    const members = await fleet.start("a", "b");
    for (const name of [DIRECTIVE, FAILOVER_INTENT, `${OVERRIDE_PREFIX}x`, `${RESTART_PREFIX}a`]) {
      fleet.server.compareAndSet(name, null, "{");
    }
    await fleet.advance(2 * TTL_MS);
    expect(fleet.leaders()).toEqual(["a"]);
    for (const { oracle, ends } of members) {
      expect([...oracle.obeyed, ...oracle.applied, ...ends]).toEqual([]);
    }
    // The leader takes away what has an end.
    expect(fleet.server.peek(FAILOVER_INTENT)).toBeNull();
    expect(fleet.server.peek(`${RESTART_PREFIX}a`)).toBeNull();
  });
});

describe("a restart", () => {
  test("ends exactly the process that is meant, once, with EX_TEMPFAIL", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b, c] = await fleet.start("a", "b", "c");
    await fleet.settle(a!.lock.control.restart({ ...OPS, botId: "b" }));
    await fleet.advance(60_000);
    expect(b!.ends).toEqual([{ reason: "restart asked for by ops: drill", exitCode: 75 }]);
    expect([...a!.ends, ...c!.ends]).toEqual([]);

    await fleet.settle(b!.lock.stop());
    const again = fleet.add("b");
    await fleet.advance(60_000);
    expect(again.ends).toEqual([]);
    expect(fleet.server.peek(`${RESTART_PREFIX}b`)).toBeNull();
  });

  test("of the leader hands over in order", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.settle(b!.lock.control.restart({ ...OPS, botId: "a" }));
    await fleet.until("a is asked to end", () => a!.ends.length > 0, POLL_MS);
    await fleet.settle(a!.lock.stop());
    await fleet.until("b leads", () => b!.leads, POLL_MS);
  });

  test("can be asked for of the only agent, which led from its first look on", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    await fleet.settle(a!.lock.control.restart({ ...OPS, botId: "a" }));
    await fleet.advance(POLL_MS);
    expect(a!.ends).toHaveLength(1);
  });
});
