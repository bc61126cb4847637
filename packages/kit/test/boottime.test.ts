import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { boottimeMs } from "../src/boottime.ts";
import { systemClock } from "../src/index.ts";

describe("CLOCK_BOOTTIME", () => {
  test.if(process.platform === "linux")("is the time since boot that the kernel tells", () => {
    const uptimeMs = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1_000;
    const before = uptimeMs();
    const now = boottimeMs();
    const after = uptimeMs();
    // /proc/uptime has two decimals.
    expect(now).toBeGreaterThanOrEqual(before - 10);
    expect(now).toBeLessThanOrEqual(after + 20);
  });

  test("never goes back", () => {
    let last = boottimeMs();
    for (let i = 0; i < 1_000; i++) {
      const now = boottimeMs();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });

  test("runs as fast as the monotonic clock while the host is awake", async () => {
    // Each clock's span is taken inside and outside of the other's: no pause of this process can falsify both.
    const outerStartMs = boottimeMs();
    const monotonicStartMs = performance.now();
    const innerStartMs = boottimeMs();
    await Bun.sleep(50);
    const innerMs = boottimeMs() - innerStartMs;
    const monotonicMs = performance.now() - monotonicStartMs;
    const outerMs = boottimeMs() - outerStartMs;
    expect(innerMs).toBeLessThanOrEqual(monotonicMs + 1);
    expect(outerMs).toBeGreaterThanOrEqual(monotonicMs - 1);
  });

  test("resolves fractions of a millisecond", () => {
    const readings = new Set(Array.from({ length: 10_000 }, boottimeMs));
    expect(readings.size).toBeGreaterThan(100);
  });

  test("is what the system clock judges intervals by", () => {
    const before = boottimeMs();
    const now = systemClock.monotonicMs();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(boottimeMs());
  });
});
