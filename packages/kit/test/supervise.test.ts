import { describe, expect, test } from "bun:test";
import { sleep, supervise } from "../src/index.ts";
import { captureLog, SimulatedClock } from "../src/testing/index.ts";

describe("supervise", () => {
  test("restarts a failing loop after a pause that doubles up to 30 s", async () => {
    const clock = new SimulatedClock();
    const { logger, matching } = captureLog();
    const startsAtMs: number[] = [];
    const supervised = supervise(clock, logger, "the loop", async () => {
      startsAtMs.push(clock.monotonicMs());
      throw new Error("broken");
    });
    await clock.advance(120_000);
    await supervised.stop();
    const pausesMs = startsAtMs.slice(1).map((atMs, index) => atMs - (startsAtMs[index] ?? 0));
    expect(pausesMs.slice(0, 8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(matching("the loop failed and restarts").length).toBe(startsAtMs.length);
  });

  test("starts over with short pauses after a long healthy run", async () => {
    const clock = new SimulatedClock();
    const { logger } = captureLog();
    const startsAtMs: number[] = [];
    const supervised = supervise(clock, logger, "the loop", async (signal) => {
      startsAtMs.push(clock.monotonicMs());
      if (startsAtMs.length === 4) await sleep(clock, 40_000, signal);
      throw new Error("broken");
    });
    await clock.advance(45_000);
    await supervised.stop();
    expect(startsAtMs.slice(0, 5)).toEqual([0, 500, 1_500, 3_500, 44_000]);
  });

  test("stop aborts the loop, waits for its end and reports nothing", async () => {
    const clock = new SimulatedClock();
    const { logger, lines } = captureLog();
    let ended = false;
    const supervised = supervise(clock, logger, "the loop", async (signal) => {
      await sleep(clock, 1_000_000, signal);
      ended = true;
      throw new Error("on the way out");
    });
    await supervised.stop();
    expect(ended).toBe(true);
    expect(lines).toEqual([]);
  });

  test("does not restart a loop that returned", async () => {
    const clock = new SimulatedClock();
    let runs = 0;
    const supervised = supervise(clock, captureLog().logger, "the loop", async () => {
      runs++;
    });
    await clock.advance(100_000);
    await supervised.stop();
    expect(runs).toBe(1);
  });
});
