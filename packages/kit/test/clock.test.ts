import { describe, expect, test } from "bun:test";
import { DeadlineError, sleep, systemClock, withDeadline } from "../src/index.ts";
import { SimulatedClock, scaledClock } from "../src/testing/index.ts";

describe("withDeadline", () => {
  test("returns the result of work that is done in time and leaves no timer behind", async () => {
    const clock = new SimulatedClock();
    expect(await withDeadline(clock, "work", 100, async () => 42)).toBe(42);
    await clock.advance(1_000);
  });

  test("fails with DeadlineError when work ignores its signal", async () => {
    const clock = new SimulatedClock();
    const outcome = withDeadline(
      clock,
      "the hanging work",
      100,
      () => new Promise<never>(() => undefined),
    ).catch((error: unknown) => error);
    await clock.advance(99);
    expect(Bun.peek.status(outcome)).toBe("pending");
    await clock.advance(1);
    const error = await outcome;
    expect(error).toBeInstanceOf(DeadlineError);
    expect((error as DeadlineError).message).toBe("the hanging work did not finish within 100 ms");
    expect((error as DeadlineError).retryable).toBe(true);
  });

  test("aborts the signal of the work at the deadline", async () => {
    const clock = new SimulatedClock();
    let seen: AbortSignal | undefined;
    const outcome = withDeadline(clock, "work", 10, (signal) => {
      seen = signal;
      return new Promise<never>(() => undefined);
    }).catch(() => "failed");
    await clock.advance(10);
    expect(await outcome).toBe("failed");
    expect(seen?.aborted).toBe(true);
  });

  test("passes an abort of the parent on, with its reason", async () => {
    const parent = new AbortController();
    const outcome = withDeadline(
      new SimulatedClock(),
      "work",
      1_000,
      () => new Promise<never>(() => undefined),
      parent.signal,
    ).catch((error: unknown) => error);
    parent.abort(new Error("stopping"));
    expect(((await outcome) as Error).message).toBe("stopping");
  });

  test("fails at once when the parent was aborted before", async () => {
    const reason = new Error("already over");
    const outcome = await withDeadline(
      new SimulatedClock(),
      "work",
      1_000,
      () => new Promise<never>(() => undefined),
      AbortSignal.abort(reason),
    ).catch((error: unknown) => error);
    expect(outcome).toBe(reason);
  });

  test("passes the error of the work through", async () => {
    const error = new Error("mine");
    const outcome = withDeadline(new SimulatedClock(), "work", 1_000, () => Promise.reject(error));
    expect(await outcome.catch((caught: unknown) => caught)).toBe(error);
  });
});

describe("sleep", () => {
  test("ends at its time", async () => {
    const clock = new SimulatedClock();
    const slept = sleep(clock, 50);
    await clock.advance(49);
    expect(Bun.peek.status(slept)).toBe("pending");
    await clock.advance(1);
    expect(Bun.peek.status(slept)).toBe("fulfilled");
  });

  test("ends early when its signal aborts, and never rejects", async () => {
    const controller = new AbortController();
    const slept = sleep(new SimulatedClock(), 1_000_000, controller.signal);
    controller.abort(new Error("stop"));
    await slept;
    await sleep(new SimulatedClock(), 1_000_000, controller.signal);
  });
});

describe("SimulatedClock", () => {
  test("fires timers in the order of their times, each at its own time", async () => {
    const clock = new SimulatedClock(0);
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name}@${clock.monotonicMs()}`);
    clock.setTimer(30, note("c"));
    clock.setTimer(10, note("a"));
    clock.setTimer(20, note("b"));
    await clock.advance(25);
    expect(fired).toEqual(["a@10", "b@20"]);
    expect(clock.monotonicMs()).toBe(25);
  });

  test("fires timers that fired timers set, within one advance", async () => {
    const clock = new SimulatedClock(0);
    let ticks = 0;
    const tick = () => {
      ticks++;
      clock.setTimer(10, tick);
    };
    clock.setTimer(10, tick);
    await clock.advance(100);
    expect(ticks).toBe(10);
  });

  test("does not fire a cancelled timer", async () => {
    const clock = new SimulatedClock();
    let fired = false;
    clock.setTimer(10, () => {
      fired = true;
    })();
    await clock.advance(100);
    expect(fired).toBe(false);
  });

  test("a jump of the wall clock moves no timer and no interval", async () => {
    const clock = new SimulatedClock(1_000);
    let fired = false;
    clock.setTimer(10, () => {
      fired = true;
    });
    clock.jumpWall(-500);
    expect(clock.wallMs()).toBe(500);
    expect(clock.monotonicMs()).toBe(0);
    await clock.advance(9);
    expect(fired).toBe(false);
    await clock.advance(1);
    expect(fired).toBe(true);
  });
});

describe("scaledClock", () => {
  test("runs intervals faster than the host by its factor", () => {
    const hostStartMs = systemClock.monotonicMs();
    const clock = scaledClock(1_000, 5_000);
    while (systemClock.monotonicMs() - hostStartMs < 3);
    expect(clock.monotonicMs()).toBeGreaterThan(1_000);
    expect(clock.wallMs()).toBeGreaterThan(6_000);
  });

  test("shortens timers by the same factor", async () => {
    const clock = scaledClock(1_000);
    const startedAtMs = systemClock.monotonicMs();
    await sleep(clock, 10_000);
    expect(systemClock.monotonicMs() - startedAtMs).toBeLessThan(5_000);
  });
});
