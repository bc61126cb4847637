import { describe, expect, test } from "bun:test";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { SHUTDOWN_DEADLINE_MS, Shutdown } from "../src/shutdown.ts";

function setUp() {
  const clock = new SimulatedClock();
  const log = captureLog();
  return { clock, log, shutdown: new Shutdown(clock, log.logger) };
}

const hang = () => new Promise<never>(() => undefined);

describe("Shutdown", () => {
  test("runs steps by their order, not by when they were added", async () => {
    const { shutdown } = setUp();
    const ran: string[] = [];
    for (const [name, order] of [
      ["last", 9],
      ["first", 1],
      ["middle", 5],
    ] as const) {
      shutdown.add({
        name,
        order,
        deadlineMs: 10,
        run: async () => {
          ran.push(name);
        },
      });
    }
    expect(await shutdown.run("test")).toEqual({ completed: ["first", "middle", "last"], failed: [] });
    expect(ran).toEqual(["first", "middle", "last"]);
  });

  test("goes on to the next step when one throws, at once or later", async () => {
    const { shutdown, log } = setUp();
    shutdown.add({ name: "rejects", order: 1, deadlineMs: 10, run: () => Promise.reject(new Error("late")) });
    shutdown.add({
      name: "throws",
      order: 2,
      deadlineMs: 10,
      run: () => {
        throw new Error("at once");
      },
    });
    shutdown.add({ name: "works", order: 3, deadlineMs: 10, run: async () => undefined });
    expect(await shutdown.run("test")).toEqual({ completed: ["works"], failed: ["rejects", "throws"] });
    expect(log.matching("A shutdown step failed")).toHaveLength(2);
  });

  test("leaves a hanging step at its deadline", async () => {
    const { shutdown, clock, log } = setUp();
    shutdown.add({ name: "hangs", order: 1, deadlineMs: 700, run: hang });
    shutdown.add({ name: "works", order: 2, deadlineMs: 10, run: async () => undefined });
    const report = shutdown.run("test");
    await clock.advance(699);
    expect(Bun.peek.status(report)).toBe("pending");
    await clock.advance(1);
    expect(await report).toEqual({ completed: ["works"], failed: ["hangs"] });
    expect(log.matching("hangs did not finish within 700 ms")).toHaveLength(1);
  });

  test("is over in time although every step hangs", async () => {
    const { shutdown, clock } = setUp();
    for (let order = 0; order < 10; order++) {
      shutdown.add({ name: `step ${order}`, order, deadlineMs: 2_000, run: hang });
    }
    const report = shutdown.run("test");
    await clock.advance(SHUTDOWN_DEADLINE_MS);
    expect((await report).failed).toHaveLength(10);
    expect(SHUTDOWN_DEADLINE_MS).toBeLessThan(5_000);
  });

  test("runs once however often it is asked for, and aborts its signal first", async () => {
    const { shutdown } = setUp();
    let runs = 0;
    let abortedBefore = false;
    shutdown.add({
      name: "counts",
      order: 1,
      deadlineMs: 10,
      run: async () => {
        runs++;
        abortedBefore = shutdown.signal.aborted;
      },
    });
    expect(shutdown.signal.aborted).toBe(false);
    const [first, second] = await Promise.all([shutdown.run("one"), shutdown.run("two")]);
    expect(first).toBe(second);
    expect(runs).toBe(1);
    expect(abortedBefore).toBe(true);
  });

  test("runs a step that is added while another runs", async () => {
    const { shutdown } = setUp();
    shutdown.add({
      name: "adds",
      order: 1,
      deadlineMs: 10,
      run: async () => shutdown.add({ name: "added", order: 0, deadlineMs: 10, run: async () => undefined }),
    });
    expect((await shutdown.run("test")).completed).toEqual(["adds", "added"]);
  });
});
