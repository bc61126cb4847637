import { describe, expect, test } from "bun:test";
import { type Member, POLL_MS, SimulatedFleet, TTL_MS } from "./support/simulated-fleet.ts";

/** Each breaks one thing that the election asks of others. */
const DEFECTS: Readonly<Record<string, (member: Member, fleet: SimulatedFleet) => void>> = {
  "a snapshot of the price loop": ({ oracle }) => {
    oracle.fails.snapshot = new TypeError("undefined is not a function");
  },
  "the price loop when it is told of an election": ({ oracle }) => {
    oracle.fails.lookNow = new TypeError("undefined is not a function");
  },
  "the port of the price loop": (member) => {
    member.oraclePort = () => {
      throw new TypeError("undefined is not a function");
    };
  },
  "the proof whether a process lives": (member, fleet) => {
    const probe = fleet.probe.bind(fleet);
    fleet.probe = (asking, other) => {
      if (asking === member) throw new TypeError("undefined is not a function");
      return probe(asking, other);
    };
  },
  "the alert sink": ({ alerts }) => {
    alerts.raise = () => {
      throw new TypeError("undefined is not a function");
    };
  },
};

describe("a defect in", () => {
  for (const [what, breakIt] of Object.entries(DEFECTS)) {
    test(`${what} stops no election, and is told`, async () => {
      await using fleet = new SimulatedFleet();
      const [a] = await fleet.start("a");
      const b = fleet.add("b", { facts: { version: "2.0.0" } });
      breakIt(a!, fleet);
      breakIt(b, fleet);
      await fleet.advance(5 * TTL_MS);
      expect(a!.leads).toBe(true);
      await fleet.settle(a!.lock.stop());
      await fleet.until("b leads", () => b.leads, TTL_MS);
      await fleet.advance(5 * TTL_MS);
      expect(b.leads).toBe(true);
      const told = [a!, b].flatMap(({ log }) => log.matching("This is a defect"));
      expect(told.length).toBeGreaterThan(0);
      expect(told.length).toBeLessThanOrEqual(20);
      expect(await b.metrics.metrics()).toMatch(/oracle_leadership_defects_total [1-9]/);
    });
  }

  test("the store's code is an outcome that nobody knows: the leader stops at its deadline, and leads again after", async () => {
    await using fleet = new SimulatedFleet();
    let isBroken = false;
    const client = fleet.server.client("a");
    const a = fleet.add(
      "a",
      {},
      {
        casAndList: async (...request) => {
          if (isBroken) throw new TypeError("undefined is not a function");
          return client.casAndList(...request);
        },
      },
    );
    await fleet.advance(TTL_MS);
    isBroken = true;
    await fleet.advance(TTL_MS);
    expect(a.leads).toBe(false);
    expect(a.log.matching("undefined is not a function")).toHaveLength(1);
    isBroken = false;
    await fleet.until("a leads", () => a.leads, 3 * POLL_MS);
  });

  test("one part of the housekeeping leaves the other parts alone", async () => {
    await using fleet = new SimulatedFleet();
    const [a] = await fleet.start("a");
    a!.oracle.fails.snapshot = new TypeError("broken");
    a!.alerts.clear = () => {
      throw new TypeError("broken");
    };
    await fleet.settle(a!.lock.control.restart({ botId: "a", by: "ops", reason: "drill" }));
    await fleet.advance(2 * POLL_MS);
    expect(a!.ends).toHaveLength(1);
  });
});

test("an agent whose price loop has not started yet takes part, as one that is not fit", async () => {
  await using fleet = new SimulatedFleet();
  const [a] = await fleet.start("a");
  const starting = fleet.add("b");
  Object.assign(starting.oracle, { snapshot: () => undefined });
  await fleet.advance(TTL_MS);
  expect(a!.lock.members().find(({ botId }) => botId === "b")).toMatchObject({
    alive: true,
    fit: false,
    unfitReasons: ["starting"],
  });
});
