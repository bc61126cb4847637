import { describe, expect, test } from "bun:test";
import { nextSitOut, type SitOut } from "../../src/fleet/sit-out.ts";

const FIRST_MS = 30_000;

describe("the time that an agent stays out for its health", () => {
  test("doubles with each relapse, up to ten minutes", () => {
    let nowMs = 0;
    let last: SitOut | undefined;
    const durations: number[] = [];
    for (let time = 0; time < 7; time++) {
      last = nextSitOut(last, nowMs, FIRST_MS);
      durations.push(last.durationMs);
      nowMs += last.durationMs + 60_000;
    }
    expect(durations).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  });

  test("begins anew after twenty minutes without one", () => {
    const last = { beganAtMs: 0, durationMs: 240_000 };
    const endMs = last.durationMs;
    expect(nextSitOut(last, endMs + 1_199_999, FIRST_MS).durationMs).toBe(480_000);
    expect(nextSitOut(last, endMs + 1_200_000, FIRST_MS).durationMs).toBe(FIRST_MS);
  });

  test("is never shorter than the first one, however long that is", () => {
    const longMs = 3_600_000;
    const last = nextSitOut(undefined, 0, longMs);
    expect(last.durationMs).toBe(longMs);
    expect(nextSitOut(last, longMs + 1, longMs).durationMs).toBe(longMs);
  });
});
