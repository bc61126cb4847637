import { describe, expect, test } from "bun:test";
import { StoreUnavailableError } from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { Registry } from "prom-client";
import { StoreHealth } from "../../src/fleet/store-health.ts";
import { createLeadershipMetrics } from "../../src/metrics.ts";

const FAILURE = new StoreUnavailableError("no answer", { nextStep: "Start it." });

function make() {
  const clock = new SimulatedClock();
  const log = captureLog();
  const registry = new Registry();
  const metrics = createLeadershipMetrics(registry, {
    isLeader: () => false,
    term: () => 0,
    expiresInS: () => 0,
    membersAlive: () => 0,
    priceDivergenceBps: () => 0,
    storeReachable: () => false,
  });
  const health = new StoreHealth(metrics, clock, log.logger);
  return { clock, log, registry, health };
}

describe("the store's health", () => {
  test("is told when requests begin to fail and when they succeed again, once each", () => {
    const { health, log } = make();
    for (let time = 0; time < 5; time++) health.finished("look", 3, FAILURE);
    health.finished("write", 3, FAILURE);
    expect(health.nextStep).toBe("Start it.");
    for (let time = 0; time < 5; time++) health.finished("look", 3, undefined);
    expect(log.matching("does not answer, trying on")).toHaveLength(1);
    expect(log.matching("The coordination store answers again")).toHaveLength(1);
    expect(health.nextStep).toBeUndefined();
  });

  test("is not restored by a look while writes alone fail", async () => {
    const { clock, health, log } = make();
    health.finished("write", 3, FAILURE);
    await clock.advance(7_000);
    for (let time = 0; time < 5; time++) health.finished("look", 3, undefined);
    expect(health.writesFailForMs).toBe(7_000);
    health.finished("write", 3, FAILURE);
    expect(log.lines).toHaveLength(1);
    health.finished("write", 3, undefined);
    expect(health.writesFailForMs).toBe(0);
    expect(log.lines).toHaveLength(2);
  });

  test("is counted and measured by operation", async () => {
    const { health, registry } = make();
    health.finished("look", 20, undefined);
    health.finished("write", 3_000, FAILURE);
    const text = await registry.metrics();
    expect(text).toContain('oracle_store_request_failures_total{operation="write"} 1');
    expect(text).not.toContain('oracle_store_request_failures_total{operation="look"}');
    expect(text).toContain('oracle_store_request_duration_seconds_bucket{le="0.025",operation="look"} 1');
  });
});
