/** The dead-man's switch against a real HTTP server. */
import { afterEach, describe, expect, test } from "bun:test";
import type { AlertCondition, OracleSnapshot, Supervised } from "@jeju-oracle/kit";
import { Secret } from "@jeju-oracle/kit";
import { captureLog } from "@jeju-oracle/kit/testing";
import { progressLimits, startHeartbeat } from "../../src/heartbeat/index.ts";
import { OutsideWatch, WatchedClock } from "./outside-watch.ts";

const INTERVAL_MS = 60_000;
/** Of 2.5 s to 5 s, as the random number of these tests has it. */
const RETRY_PAUSE_MS = 3_750;
/** Of the interval, after two such pauses. */
const REST_MS = INTERVAL_MS - 2 * RETRY_PAUSE_MS;
const WELL = { lastLookAgeMs: 1_000, priceAgeS: 60n, pausedBy: undefined } as OracleSnapshot;

const running: Supervised[] = [];
afterEach(async () => {
  for (const heartbeat of running.splice(0)) await heartbeat.stop();
});

function start(watch: OutsideWatch) {
  const clock = new WatchedClock();
  const log = captureLog();
  const active = new Map<string, AlertCondition>();
  const state: { snapshot: OracleSnapshot | undefined; pipelineMs: number | undefined } = {
    snapshot: WELL,
    pipelineMs: undefined,
  };
  running.push(
    startHeartbeat({
      url: new Secret(watch.url),
      intervalMs: INTERVAL_MS,
      limits: progressLimits({}),
      snapshot: () => state.snapshot,
      pipelineProgressMs: () => state.pipelineMs ?? clock.monotonicMs(),
      alerts: {
        raise: (condition) => void active.set(condition.key, condition),
        clear: (key) => void active.delete(key),
      },
      clock,
      logger: log.logger,
      random: () => 0.5,
    }),
  );
  const failing = () => active.get("heartbeat-url-failing");
  /** Lets a telling that nobody hears run to its end. */
  const missed = async () => {
    await clock.pass(RETRY_PAUSE_MS);
    await clock.pass(RETRY_PAUSE_MS);
    await clock.begun(REST_MS);
  };
  return { clock, log, state, failing, missed };
}

describe("the outside watch", () => {
  test("is told at once and then once per interval while there is progress", async () => {
    await using watch = new OutsideWatch();
    const { clock } = start(watch);
    for (let told = 1; told <= 4; told++) {
      await watch.arrived(told);
      expect(watch.count).toBe(told);
      await clock.pass(INTERVAL_MS);
    }
  });

  test("hears nothing while the alert pipeline stands still, and soon again when it goes on", async () => {
    await using watch = new OutsideWatch();
    const { clock, log, state } = start(watch);
    await watch.arrived(1);
    state.pipelineMs = clock.monotonicMs() - 60_000;
    await clock.pass(INTERVAL_MS);
    await clock.advance(3_600_000);
    expect(log.matching("the alert pipeline stands still")).toHaveLength(1);
    state.pipelineMs = undefined;
    await clock.advance(5_000);
    await watch.arrived(2);
    expect(watch.count).toBe(2);
    expect(log.matching("Progress again")).toHaveLength(1);
  });

  test("hears nothing while the price loop does not look, and while it has not started", async () => {
    await using watch = new OutsideWatch();
    const { clock, log, state } = start(watch);
    await watch.arrived(1);
    state.snapshot = { ...WELL, lastLookAgeMs: 300_000 };
    await clock.pass(INTERVAL_MS);
    await clock.advance(600_000);
    expect(log.matching("source and chain were last read 300 s ago")).toHaveLength(1);
    state.snapshot = undefined;
    await clock.advance(600_000);
    expect(log.matching("Progress again")).toHaveLength(0);
    state.snapshot = WELL;
    await clock.advance(5_000);
    await watch.arrived(2);
    expect(watch.count).toBe(2);
  });

  test("hears of a pause until the price is stale, and not longer", async () => {
    await using watch = new OutsideWatch();
    const { clock, log, state } = start(watch);
    state.snapshot = { ...WELL, pausedBy: "alice: maintenance", priceAgeS: 3_500n };
    await watch.arrived(1);
    await clock.pass(INTERVAL_MS);
    await watch.arrived(2);
    state.snapshot = { ...state.snapshot, priceAgeS: 3_700n };
    await clock.pass(INTERVAL_MS);
    await clock.advance(600_000);
    expect(log.matching("3700 s old, and updates are paused")).toHaveLength(1);
    state.snapshot = WELL;
    await clock.advance(5_000);
    await watch.arrived(3);
    expect(watch.count).toBe(3);
  });

  test("that does not answer is tried again, is an alert from the first miss, a warning from the third, and over when it hears", async () => {
    await using watch = new OutsideWatch();
    watch.status = 503;
    const { clock, failing, missed } = start(watch);
    for (const [misses, severity] of [
      [1, "info"],
      [2, "info"],
      [3, "warning"],
    ] as const) {
      await missed();
      expect(watch.count).toBe(3 * misses);
      expect(failing()).toMatchObject({ severity });
      if (misses < 3) await clock.advance(REST_MS);
    }
    expect(failing()?.summary).toContain("3 times in a row: it answers 503");
    watch.status = 200;
    await clock.advance(REST_MS);
    await clock.begun(INTERVAL_MS);
    expect(watch.count).toBe(10);
    expect(failing()).toBeUndefined();
  });

  test("that hiccups once is told within seconds, and nobody is called", async () => {
    await using watch = new OutsideWatch();
    watch.status = 500;
    const { clock, failing } = start(watch);
    await watch.arrived(1);
    watch.status = 200;
    await clock.pass(RETRY_PAUSE_MS);
    await clock.begun(INTERVAL_MS - RETRY_PAUSE_MS);
    expect(watch.count).toBe(2);
    expect(failing()).toBeUndefined();
  });

  test("that redirects has not heard", async () => {
    await using watch = new OutsideWatch();
    watch.status = 302;
    const { failing, missed } = start(watch);
    await missed();
    expect(failing()?.summary).toContain("it answers 302");
  });

  test("that never answers is given ten seconds", async () => {
    await using watch = new OutsideWatch();
    watch.status = undefined;
    const { clock, failing } = start(watch);
    for (let attempt = 1; attempt <= 3; attempt++) {
      await watch.arrived(attempt);
      await clock.pass(10_000);
      if (attempt < 3) await clock.pass(RETRY_PAUSE_MS);
    }
    await clock.begun(REST_MS - 30_000);
    expect(failing()?.summary).toContain("did not finish within 10000 ms");
  });

  test("is not named with its key in any log line or alert, also when nobody listens there", async () => {
    const watch = new OutsideWatch();
    const { log, failing, missed, state, clock } = start(watch);
    await watch.arrived(1);
    await clock.begun(INTERVAL_MS);
    await watch[Symbol.asyncDispose]();
    await clock.advance(INTERVAL_MS);
    await missed();
    state.snapshot = undefined;
    await clock.advance(REST_MS);
    expect(failing()?.summary).toContain("did not answer once");
    expect(log.matching("No progress")).toHaveLength(1);
    expect(JSON.stringify([failing(), log.lines])).not.toContain(watch.key.slice(0, 12));
  });

  test("is left alone after the stop", async () => {
    await using watch = new OutsideWatch();
    watch.status = undefined;
    const { clock } = start(watch);
    await watch.arrived(1);
    await running.pop()?.stop();
    await clock.advance(600_000);
    expect(watch.count).toBe(1);
  });
});
