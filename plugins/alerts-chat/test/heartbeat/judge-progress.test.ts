import { describe, expect, test } from "bun:test";
import { obstacleToProgress, progressLimits } from "../../src/heartbeat/judge-progress.ts";

const LIMITS = progressLimits({});
const WELL = { lastLookAgeMs: 9_000, priceAgeS: 290n, pausedBy: undefined };

function obstacle(change: Partial<Record<keyof typeof WELL, unknown>> = {}, pipelineAgeMs = 4_000) {
  const snapshot = { ...WELL, ...change } as typeof WELL;
  return obstacleToProgress({ snapshot, pipelineAgeMs }, LIMITS);
}

describe("progress", () => {
  test("is: source and chain read lately, a price that is kept, and a pipeline that goes round", () => {
    expect(obstacle()).toBeUndefined();
  });

  test("is none before the loop has started and has read both", () => {
    expect(obstacleToProgress({ snapshot: undefined, pipelineAgeMs: 0 }, LIMITS)).toContain("not started");
    expect(obstacle({ lastLookAgeMs: undefined })).toContain("not been read");
    expect(obstacle({ priceAgeS: undefined })).toContain("not been read");
  });

  test("is none when the last look is older than two minutes", () => {
    expect(obstacle({ lastLookAgeMs: 120_000 })).toBeUndefined();
    expect(obstacle({ lastLookAgeMs: 121_000 })).toContain("121 s ago");
  });

  test("is none when nobody keeps the price for half an hour, whoever leads", () => {
    expect(obstacle({ priceAgeS: 1_800n })).toBeUndefined();
    expect(obstacle({ priceAgeS: 1_801n })).toContain("1801 s old");
  });

  test("is there while somebody has paused the updates, until the price is stale and not longer", () => {
    expect(obstacle({ priceAgeS: 3_600n, pausedBy: "alice: maintenance" })).toBeUndefined();
    expect(obstacle({ priceAgeS: 3_601n, pausedBy: "alice: maintenance" })).toContain("paused");
  });

  test("is none when the alert pipeline stands still for a minute", () => {
    expect(obstacle({}, 60_000)).toBeUndefined();
    expect(obstacle({}, 61_000)).toContain("pipeline");
  });

  test("gives a slow heartbeat three of its own and never more than the price may be old", () => {
    expect(progressLimits({ UPDATE_INTERVAL_MS: "900000" }).priceKeptS).toBe(2_700n);
    expect(progressLimits({ UPDATE_INTERVAL_MS: "3540000" }).priceKeptS).toBe(3_600n);
    expect(progressLimits({ UPDATE_INTERVAL_MS: "1000" }).priceKeptS).toBe(1_800n);
  });

  test("gives slow polling three looks", () => {
    expect(progressLimits({ PRICE_POLL_INTERVAL_MS: "600000" }).lookFreshMs).toBe(1_800_000);
    expect(progressLimits({ PRICE_POLL_INTERVAL_MS: "soon" }).lookFreshMs).toBe(120_000);
  });
});
