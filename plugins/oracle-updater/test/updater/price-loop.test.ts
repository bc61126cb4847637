import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { BaseError, Requester } from "@jeju-oracle/kit";
import { type CapturedLog, captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { loadOracleConfig } from "../../src/config.ts";
import { ChainUnreachableError } from "../../src/rpc/rpc-errors.ts";
import { BlockTimeEstimate } from "../../src/updater/block-time.ts";
import type { CycleOutcome } from "../../src/updater/cycle-outcome.ts";
import type { Look } from "../../src/updater/events.ts";
import { PriceLoop, type PriceLoopOptions } from "../../src/updater/price-loop.ts";
import { ENV, NOW_S, ORACLE_STATE, REPORTED_LOOK } from "../support/fixtures.ts";

const POLL_MS = 10_000;
const HEARTBEAT_MS = 300_000;
const BLOCK_MS = 1_000;

const UNCHANGED: CycleOutcome = {
  kind: "skipped",
  decision: { kind: "skip", reason: "unchanged", detail: "", wouldPush: undefined },
};
const LANDED: CycleOutcome = { kind: "landed", hash: "0x1", blockNumber: 1n };
const LOST: CycleOutcome = { kind: "lost-race" };
const ADA: Requester = { by: "ada", reason: "drill" };

/** An updater whose cycles end as a test says. */
class StubUpdater {
  readonly startedAtMs: number[] = [];
  readonly requesters: (Requester | undefined)[] = [];
  readonly outages: string[] = [];
  running = 0;
  mostRunning = 0;
  lastLook: Look | undefined;
  backOffMs = 0;
  cycle: (signal: AbortSignal | undefined) => CycleOutcome | Promise<CycleOutcome> = () => UNCHANGED;
  readonly #clock: SimulatedClock;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  async runCycle(forcedBy: Requester | undefined, signal?: AbortSignal): Promise<CycleOutcome> {
    this.startedAtMs.push(this.#clock.monotonicMs());
    this.requesters.push(forcedBy);
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      return await this.cycle(signal);
    } finally {
      this.running -= 1;
    }
  }

  recordBrokenCycle(error: BaseError): void {
    this.outages.push(error.code);
  }
}

let clock: SimulatedClock;
let log: CapturedLog;
let updater: StubUpdater;
let loop: PriceLoop;
let controller: AbortController;
let running: Promise<void>;
let durationsMs: number[];

beforeEach(() => {
  clock = new SimulatedClock(Number(NOW_S) * 1000);
  log = captureLog();
  updater = new StubUpdater(clock);
  controller = new AbortController();
  durationsMs = [];
  running = Promise.resolve();
});

afterEach(async () => {
  controller.abort();
  await running;
});

async function start(options: Partial<PriceLoopOptions> = {}): Promise<void> {
  loop = new PriceLoop({
    updater,
    config: loadOracleConfig(ENV),
    clock,
    logger: log.logger,
    blockTime: new BlockTimeEstimate(),
    onCycle: (durationMs) => durationsMs.push(durationMs),
    ...options,
  });
  running = loop.run(controller.signal);
  await clock.advance(0);
}

/** The price on chain is `ageS` old at this look. */
function lookAt(ageS: bigint): Look {
  return { ...REPORTED_LOOK, state: { ...ORACLE_STATE, lastUpdateS: NOW_S - ageS }, nowS: NOW_S };
}

/** A cycle that goes on until told to end. */
function longCycle(): { readonly end: (outcome: CycleOutcome) => void } {
  const { promise, resolve } = Promise.withResolvers<CycleOutcome>();
  updater.cycle = () => promise;
  return {
    end(outcome) {
      updater.cycle = () => UNCHANGED;
      resolve(outcome);
    },
  };
}

describe("cadence", () => {
  test("looks at once, then at every poll interval", async () => {
    await start();
    await clock.advance(3 * POLL_MS);
    expect(updater.startedAtMs).toEqual([0, 10_000, 20_000, 30_000]);
  });

  test("cycles never overlap, however long one takes and whatever is asked meanwhile", async () => {
    const cycle = longCycle();
    await start();
    for (let hint = 0; hint < 10; hint++) loop.hint();
    const forced = loop.force(ADA);
    await clock.advance(10 * POLL_MS);
    expect(updater.startedAtMs).toEqual([0]);
    cycle.end(UNCHANGED);
    await forced;
    expect(updater.mostRunning).toBe(1);
  });

  test("a heartbeat wakes it before the next poll, just after it is due", async () => {
    updater.lastLook = lookAt(296n);
    await start();
    await clock.advance(4_049);
    expect(updater.startedAtMs).toEqual([0]);
    await clock.advance(1);
    expect(updater.startedAtMs).toEqual([0, 4_050]);
  });

  test("a heartbeat that is past due but forbidden is looked at on the poll grid, not in a spin", async () => {
    updater.lastLook = lookAt(BigInt(HEARTBEAT_MS / 1000));
    await start();
    await clock.advance(POLL_MS - 1);
    expect(updater.startedAtMs).toEqual([0]);
    await clock.advance(1);
    expect(updater.startedAtMs).toEqual([0, POLL_MS]);
  });

  test("after an update it polls on", async () => {
    updater.cycle = () => LANDED;
    await start();
    await clock.advance(POLL_MS);
    expect(updater.startedAtMs).toEqual([0, POLL_MS]);
  });

  test("an unsettled nonce is looked at once per block", async () => {
    updater.cycle = () => ({ kind: "waiting" });
    await start();
    await clock.advance(3 * BLOCK_MS);
    expect(updater.startedAtMs).toEqual([0, 1_000, 2_000, 3_000]);
  });

  test("each cycle's duration is reported", async () => {
    const cycle = longCycle();
    await start();
    await clock.advance(1_234);
    cycle.end(UNCHANGED);
    await clock.advance(0);
    expect(durationsMs).toEqual([1_234]);
  });
});

describe("lost races", () => {
  test("are looked at again at once, five times, then once per block", async () => {
    updater.cycle = () => LOST;
    await start();
    expect(updater.startedAtMs).toEqual([0, 0, 0, 0, 0, 0]);
    await clock.advance(2 * BLOCK_MS);
    expect(updater.startedAtMs.slice(6)).toEqual([1_000, 2_000]);
  });

  test("are forgotten as soon as one cycle ends otherwise", async () => {
    let cycles = 0;
    updater.cycle = () => (++cycles === 4 ? UNCHANGED : LOST);
    await start();
    expect(cycles).toBe(4);
    await clock.advance(POLL_MS);
    expect(cycles).toBe(10);
  });
});

describe("hints", () => {
  test("end the wait at once", async () => {
    await start();
    await clock.advance(1_000);
    loop.hint();
    await clock.advance(0);
    expect(updater.startedAtMs).toEqual([0, 1_000]);
  });

  test("do not pile up: any number during a cycle makes one more", async () => {
    const cycle = longCycle();
    await start();
    for (let hint = 0; hint < 100; hint++) loop.hint();
    cycle.end(UNCHANGED);
    await clock.advance(0);
    expect(updater.startedAtMs.length).toBe(2);
    await clock.advance(POLL_MS - 1);
    expect(updater.startedAtMs.length).toBe(2);
  });

  test("leave no timer behind", async () => {
    await start();
    for (let hint = 0; hint < 5; hint++) {
      loop.hint();
      await clock.advance(0);
    }
    await clock.advance(POLL_MS);
    expect(updater.startedAtMs.length).toBe(7);
  });
});

describe("forced updates", () => {
  test("run at once, on behalf of the one who asked, who hears how it ended", async () => {
    await start();
    updater.cycle = () => LANDED;
    expect(await loop.force(ADA)).toEqual(LANDED);
    expect(updater.requesters).toEqual([undefined, ADA]);
  });

  test("that wait run one after the other", async () => {
    const cycle = longCycle();
    await start();
    const bob = { by: "bob", reason: "drill" };
    const outcomes = Promise.all([loop.force(ADA), loop.force(bob)]);
    cycle.end(UNCHANGED);
    expect(await outcomes).toEqual([UNCHANGED, UNCHANGED]);
    expect(updater.requesters).toEqual([undefined, ADA, bob]);
  });

  test("error: at most eight may wait", async () => {
    const cycle = longCycle();
    await start();
    const waiting = Array.from({ length: 8 }, () => loop.force(ADA));
    expect(() => loop.force(ADA)).toThrow("too many forced updates are waiting");
    cycle.end(UNCHANGED);
    expect((await Promise.all(waiting)).length).toBe(8);
  });

  test("are answered when the cycle throws", async () => {
    await start();
    updater.cycle = () => Promise.reject(new RangeError("division by zero"));
    expect(await loop.force(ADA)).toMatchObject({ kind: "failed", error: { code: "unexpected" } });
  });

  test("are answered when the agent stops, before, during and after", async () => {
    updater.cycle = (signal) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    await start();
    const waiting = loop.force(ADA);
    controller.abort();
    expect(await waiting).toMatchObject({ kind: "failed", error: { code: "stopping" } });
    await running;
    expect(await loop.force(ADA)).toMatchObject({ kind: "failed", error: { code: "stopping" } });
  });

  test("are answered although the cycle cannot be reported", async () => {
    await start({
      onCycle: () => {
        throw new Error("disk full");
      },
    });
    expect(await loop.force(ADA)).toEqual(UNCHANGED);
    expect(log.matching("disk full").length).toBeGreaterThan(0);
  });
});

describe("failures", () => {
  test("a cycle that throws is logged with its next step, and the next one follows", async () => {
    let cycles = 0;
    updater.cycle = () => (++cycles === 1 ? Promise.reject(new RangeError("division by zero")) : UNCHANGED);
    await start();
    expect(log.matching("division by zero").map((line) => JSON.parse(line))).toMatchObject([
      { level: "error", msg: "Cycle failed", code: "unexpected", nextStep: expect.any(String) },
    ]);
    await clock.advance(POLL_MS);
    expect(cycles).toBeGreaterThan(1);
  });

  test("G3: every cycle that breaks off is told to the updater, whatever the cause: an unusable journal too", async () => {
    updater.cycle = () => Promise.reject(new ChainUnreachableError("Base", 2, undefined));
    await start();
    expect(updater.outages).toEqual(["chain-unreachable"]);
    updater.cycle = () => Promise.reject(new Error("other"));
    await clock.advance(POLL_MS);
    expect(new Set(updater.outages)).toEqual(new Set(["chain-unreachable", "unexpected"]));
  });

  test("the next attempt waits for the back-off, but never longer than the poll interval", async () => {
    updater.cycle = () => Promise.reject(new ChainUnreachableError("Base", 2, undefined));
    updater.backOffMs = 3_000;
    await start();
    await clock.advance(3_000);
    expect(updater.startedAtMs).toEqual([0, 3_000]);
    updater.backOffMs = 60_000;
    await clock.advance(3_000);
    await clock.advance(POLL_MS);
    expect(updater.startedAtMs).toEqual([0, 3_000, 6_000, 16_000]);
  });
});

describe("stopping", () => {
  test("ends a wait at once", async () => {
    await start();
    controller.abort();
    await running;
    expect(updater.startedAtMs).toEqual([0]);
  });

  test("before the first cycle runs none", async () => {
    controller.abort();
    await start();
    await running;
    expect(updater.startedAtMs).toEqual([]);
  });
});
