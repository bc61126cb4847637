import { describe, expect, test } from "bun:test";
import { trouble } from "./support/fakes.ts";
import { type Member, POLL_MS, RENEW_MS, SimulatedFleet, TTL_MS } from "./support/simulated-fleet.ts";

const RESIGN_MS = 30_000;

describe("a leader in trouble of its own", () => {
  test("hands over to a fit member at once, and not before its patience is over", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.advance(RENEW_MS * 2);
    a!.oracle.suffers(trouble({ forMs: RESIGN_MS - 1 }));
    await fleet.advance(10 * TTL_MS);
    expect(fleet.leaders()).toEqual(["a"]);
    a!.oracle.suffers(trouble({ forMs: RESIGN_MS }));
    expect(await fleet.until("b leads", () => b!.leads, TTL_MS)).toBeLessThanOrEqual(2 * POLL_MS);
    expect(a!.log.matching("Handing over to a healthier agent")).toHaveLength(1);
    expect(b!.log.matching("Bot b became leader")[0]).toContain("a is in trouble: Jeju cannot be reached");
  });

  test("keeps the lead while no other member is fit", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b, c] = await fleet.start("a", "b", "c");
    b!.oracle.suffers(trouble({ forMs: 5 }));
    c!.kill();
    await fleet.advance(2 * TTL_MS);
    a!.oracle.suffers(trouble());
    await fleet.advance(10 * TTL_MS);
    expect(fleet.leaders()).toEqual(["a"]);
  });

  test("hands over as soon as another one is fit, not at its next renewal", async () => {
    for (let phaseMs = 0; phaseMs < RENEW_MS; phaseMs += 700) {
      await using fleet = new SimulatedFleet();
      const [a, b] = await fleet.start("a", "b");
      for (const { oracle } of [a!, b!]) oracle.suffers(trouble());
      await fleet.advance(30_000 + phaseMs);
      b!.oracle.suffers();
      // It tells so at its next look, and the leader looks once per poll.
      expect(await fleet.until("b leads", () => b!.leads, TTL_MS)).toBeLessThanOrEqual(3 * POLL_MS);
    }
  });

  test("in which a follower was does not keep it from leading once it is well", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    b!.oracle.suffers(trouble({ forMs: 600_000 }));
    await fleet.advance(5 * TTL_MS);
    b!.oracle.suffers();
    await fleet.advance(RENEW_MS);
    await fleet.settle(a!.lock.stop());
    await fleet.until("b leads", () => b!.leads, 2 * POLL_MS);
  });

  test("keeps the lead when every agent has the same trouble", async () => {
    await using fleet = new SimulatedFleet();
    const members = await fleet.start("a", "b", "c");
    for (const { oracle } of members)
      oracle.suffers(trouble({ code: "wallet-empty", shared: true, forMs: 600_000 }));
    await fleet.advance(20 * TTL_MS);
    expect(fleet.leaders()).toEqual(["a"]);
    expect(members[0]!.lock.leadershipStatus().term).toBe(1);
  });

  test("keeps the lead for shared trouble although the others have none", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a", "b");
    a!.oracle.suffers(trouble({ code: "wallet-empty", shared: true, forMs: 600_000 }));
    await fleet.advance(10 * TTL_MS);
    expect(fleet.leaders()).toEqual(["a"]);
  });

  test("does not hand over to a member that never leads", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    fleet.add("witness", { config: { nofailover: true } });
    await fleet.advance(RENEW_MS * 2);
    a!.oracle.suffers(trouble());
    await fleet.advance(10 * TTL_MS);
    expect(fleet.leaders()).toEqual(["a"]);
  });

  test("stays out twice as long after each relapse, also with trouble that shows only while it leads", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    let b: Member | undefined;
    const sitOutsMs = () =>
      a!.log
        .matching("Handing over to a healthier agent")
        .map((line) => (JSON.parse(line) as { sitOutMs: number }).sitOutMs);
    const relapse = async () => {
      await fleet.advance(2 * RENEW_MS);
      a!.oracle.suffers(trouble({ code: "pushes-failing" }));
      await fleet.until("b leads", () => b!.leads, TTL_MS);
      a!.oracle.suffers();
      await fleet.advance(sitOutsMs().at(-1)! - 1_000);
      await fleet.settle(b!.lock.stop());
      expect(a!.leads).toBe(false);
      await fleet.until("a leads", () => a!.leads, 3_000);
    };
    for (let time = 1; time <= 7; time++) {
      b = fleet.add("b");
      await relapse();
    }
    expect(sitOutsMs()).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);

    await fleet.advance(20 * 60_000);
    b = fleet.add("b");
    await relapse();
    expect(sitOutsMs().at(-1)).toBe(30_000);
  });

  test("two agents cut from their chains at once do not pass the lead on and on", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    await fleet.advance(RENEW_MS * 2);
    for (let downMs = 0; downMs < 300_000; downMs += POLL_MS) {
      for (const { oracle } of [a!, b!]) oracle.suffers(trouble({ forMs: downMs }));
      await fleet.advance(POLL_MS);
    }
    expect(fleet.leaders()).toEqual(["a"]);
    expect(a!.lock.leadershipStatus().term).toBe(1);
  });
});
