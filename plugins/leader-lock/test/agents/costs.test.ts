import { describe, expect, test } from "bun:test";
import { ORACLE_LEASE } from "../../src/fleet/names.ts";
import { type Member, POLL_MS, RENEW_MS, SimulatedFleet } from "./support/simulated-fleet.ts";

const INTERVALS = 100;

describe("in steady state, over 100 renew intervals", () => {
  for (const local of [true, false]) {
    test(`a leader asks a ${local ? "local" : "remote"} store once per interval, a follower once per poll`, async () => {
      await using fleet = new SimulatedFleet({ local });
      const members = await fleet.start("a", "b", "c");
      await fleet.until("somebody leads", () => fleet.leaders().length > 0, 60_000);
      await fleet.advance(2 * RENEW_MS);
      const leader = members.find(({ leads }) => leads)!;
      const before = new Map(members.map((member) => [member, fleet.operations(member).length]));
      await fleet.advance(INTERVALS * RENEW_MS);
      const askedBy = (member: Member) => fleet.operations(member).slice(before.get(member));

      const renewals = askedBy(leader);
      expect(renewals.length).toBeLessThanOrEqual(INTERVALS);
      expect(renewals.every(({ kind, name }) => kind === "casAndList" && name === ORACLE_LEASE)).toBe(true);

      const polls = (INTERVALS * RENEW_MS) / POLL_MS;
      for (const follower of members.filter((member) => member !== leader)) {
        const asked = askedBy(follower);
        // The hint of a renewal comes between two polls in about every second interval.
        expect(asked.length).toBeLessThanOrEqual(1.15 * polls);
        expect(asked.filter(({ kind }) => kind === "casAndList").length).toBeLessThanOrEqual(INTERVALS);
        expect(asked.every(({ kind }) => kind === "casAndList" || kind === "list")).toBe(true);
      }
    });
  }

  test("without hints a follower asks once per poll", async () => {
    await using fleet = new SimulatedFleet();
    fleet.server.watch = () => () => undefined;
    const [, b] = await fleet.start("a", "b");
    const before = fleet.operations(b!).length;
    await fleet.advance(INTERVALS * RENEW_MS);
    const polls = (INTERVALS * RENEW_MS) / POLL_MS;
    // Polls are spread by 20 % to both sides.
    expect(Math.abs(fleet.operations(b!).length - before - polls)).toBeLessThanOrEqual(0.05 * polls);
  });

  test("a store whose watch never rests is not asked without end", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    const before = [a!, b!].map((member) => fleet.operations(member).length);
    for (let ms = 0; ms < 10_000; ms += 10) {
      fleet.server.compareAndSet(ORACLE_LEASE, { name: ORACLE_LEASE, version: "x", value: "x" }, "y");
      for (const { lock } of [a!, b!]) lock.lookSoon();
      await fleet.advance(10);
    }
    const asked = [a!, b!].map((member, index) => fleet.operations(member).length - before[index]!);
    for (const count of asked) expect(count).toBeLessThanOrEqual(10_000 / 100 + 20);
  });

  test("what the price loop tells is asked for a few times a second at most", async () => {
    await using fleet = new SimulatedFleet();
    const [a, b] = await fleet.start("a", "b");
    for (const member of [a!, b!]) {
      const state = member.oracle.state;
      let asked = 0;
      member.oracle.snapshot = () => {
        asked++;
        return state;
      };
      await fleet.advance(60_000);
      expect(asked).toBeLessThanOrEqual(60 * 8);
      expect(asked).toBeGreaterThan(0);
    }
  });
});
