import { beforeEach, describe, expect, test } from "bun:test";
import { type AlertCondition, BaseError, type LeadershipGrant } from "@jeju-oracle/kit";
import { type CapturedLog, captureLog } from "@jeju-oracle/kit/testing";
import { Registry } from "prom-client";
import { createOracleMetrics } from "../../src/metrics.ts";
import { reject } from "../../src/price/rejection.ts";
import type { ConditionInput } from "../../src/updater/conditions.ts";
import type { Look } from "../../src/updater/events.ts";
import { Reporter } from "../../src/updater/reporter.ts";
import { NOW_S, ORACLE_STATE, REPORTED_LOOK } from "../support/fixtures.ts";

let log: CapturedLog;
let registry: Registry;
let reporter: Reporter;
let alerts: string[];

beforeEach(() => {
  log = captureLog("debug");
  registry = new Registry();
  alerts = [];
  const sink = {
    raise: ({ key, severity }: AlertCondition) => alerts.push(`raise ${severity} ${key}`),
    clear: (key: string) => alerts.push(`clear ${key}`),
  };
  reporter = new Reporter(log.logger, createOracleMetrics(registry), () => sink, {});
});

const CONDITIONS: ConditionInput = {
  look: REPORTED_LOOK,
  chain: { state: ORACLE_STATE, ageS: NOW_S - ORACLE_STATE.lastUpdateS },
  lastFailure: undefined,
  consecutiveFailures: 0,
  pause: undefined,
  heartbeatMs: 300_000,
  maxSpotTwapSpreadBps: 500n,
  unhealthyReasons: [],
  standIns: [],
};

const LANDED = {
  reason: "heartbeat",
  as: "leader" as const,
  ethUsd8: 310_000_000_000n,
  elizaUsd8: 12_400_000n,
  transactionHash: "0x1",
  blockNumber: 9n,
  latencyMs: 1_250.4,
};

async function metric(name: string, labels = ""): Promise<number | undefined> {
  const line = (await registry.metrics()).split("\n").find((text) => text.startsWith(`${name}${labels} `));
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

test("G3: an agent that cannot even start to read raises an alert, and its first cycle clears it", () => {
  reporter.notReady("No price can be read since the start", "Check the URLs.");
  reporter.cycleEnded(1, CONDITIONS);
  expect(alerts).toEqual(["raise critical sources-not-ready", "clear sources-not-ready"]);
});

describe("log", () => {
  test("a decision is worth a line only when its reason changes", () => {
    for (let look = 0; look < 5; look++) reporter.looked(REPORTED_LOOK);
    reporter.looked({
      ...REPORTED_LOOK,
      decision: { kind: "skip", reason: "held", detail: "12 %", wouldPush: "deviation" },
    });
    const levels = log.lines.map((line) => JSON.parse(line).level);
    expect(levels).toEqual(["info", "debug", "debug", "debug", "debug", "warn"]);
  });

  test("a push says as what this agent acts, and again when that changes", () => {
    const pushing = (as: LeadershipGrant["as"]): Look => ({
      ...REPORTED_LOOK,
      decision: {
        kind: "push",
        reason: "heartbeat",
        detail: "age 300 s",
        prices: { ethUsd8: 1n, elizaUsd8: 1n },
        grant: { granted: true, as, term: 7 },
      },
    });
    for (const as of ["leader", "leader", "fallback"] as const) reporter.looked(pushing(as));
    const lines = log.matching("Pushing").map((line) => JSON.parse(line));
    expect(lines.map(({ as }) => as)).toEqual(["leader", "fallback"]);
  });

  test("an update that landed is announced in the words of the runbook", () => {
    reporter.landed(LANDED);
    expect(JSON.parse(log.matching("Oracle updated successfully")[0]!)).toMatchObject({
      reason: "heartbeat",
      as: "leader",
      ethUsd: "$3,100.00",
      elizaUsd: "$0.12400000",
      blockNumber: "9",
      latencyMs: 1_250,
    });
  });

  test("a failure carries its code and the next step", () => {
    const error = new BaseError("no money", { code: "wallet-empty", retryable: false, nextStep: "Fund it." });
    reporter.failed(error, 2);
    expect(JSON.parse(log.lines[0]!)).toMatchObject({
      level: "error",
      code: "wallet-empty",
      consecutive: 2,
      nextStep: "Fund it.",
    });
    expect(reporter.lastFailure).toEqual({ code: "wallet-empty", message: "no money", nextStep: "Fund it." });
    reporter.landed(LANDED);
    expect(reporter.lastFailure).toBeUndefined();
  });
});

describe("metrics", () => {
  test("keep the names and units of the dashboards in use", async () => {
    reporter.cycleEnded(1, { ...CONDITIONS, look: undefined, chain: { state: ORACLE_STATE, ageS: 120n } });
    expect(await metric("oracle_last_update_timestamp")).toBe(Number(NOW_S) - 120);
    expect(await metric("oracle_eth_usd_price")).toBe(310_000_000_000);
    expect(await metric("oracle_eliza_usd_price")).toBe(12_400_000);
    expect(await metric("oracle_wallet_balance_eth")).toBe(1);
    expect(await metric("oracle_gas_price_gwei")).toBe(1);
    expect(await metric("oracle_price_age_seconds")).toBe(120);
  });

  test("count what landed, what failed, and why nothing was pushed", async () => {
    reporter.landed(LANDED);
    reporter.failed(new BaseError("x", { code: "not-mined", retryable: true, nextStep: "y" }), 1);
    reporter.looked({
      ...REPORTED_LOOK,
      source: reject("feed-stale", "old"),
      decision: { kind: "skip", reason: "not-leader", detail: "", wouldPush: "heartbeat" },
    });
    expect(await metric("oracle_total_updates")).toBe(1);
    expect(await metric("oracle_update_failures_total", '{code="not-mined"}')).toBe(1);
    expect(await metric("oracle_consecutive_failures")).toBe(1);
    expect(await metric("oracle_skips_total", '{reason="not-leader"}')).toBe(1);
    expect(await metric("oracle_would_push_total", '{reason="heartbeat"}')).toBe(1);
    expect(await metric("oracle_source_rejections_total", '{code="feed-stale"}')).toBe(1);
  });

  test("count apart what landed by fallback", async () => {
    reporter.landed(LANDED);
    reporter.landed({ ...LANDED, as: "standalone" });
    expect(await metric("oracle_fallback_pushes_total")).toBe(0);
    reporter.landed({ ...LANDED, as: "fallback" });
    expect(await metric("oracle_fallback_pushes_total")).toBe(1);
    expect(await metric("oracle_total_updates")).toBe(3);
  });

  test("count requests per cycle and chain, and start anew with the next", async () => {
    for (const chain of ["Jeju", "Base", "Jeju"]) reporter.request(chain, 12);
    reporter.cycleEnded(80, CONDITIONS);
    reporter.cycleEnded(80, CONDITIONS);
    expect(await metric("oracle_requests_per_cycle_sum", '{chain="jeju"}')).toBe(2);
    expect(await metric("oracle_requests_per_cycle_count", '{chain="jeju"}')).toBe(1);
    expect(await metric("oracle_requests_per_cycle_sum", '{chain="base"}')).toBe(1);
  });
});

describe("alerts", () => {
  const failing = (consecutiveFailures: number): ConditionInput => ({
    ...CONDITIONS,
    consecutiveFailures,
    lastFailure: { code: "not-mined", message: "late", nextStep: "wait" },
  });

  test("are raised once, raised again when they say something else, and cleared when they are over", () => {
    reporter.cycleEnded(1, CONDITIONS);
    expect(alerts).toEqual([]);
    reporter.cycleEnded(1, failing(1));
    reporter.cycleEnded(1, failing(1));
    expect(alerts).toEqual(["raise info update-failed:not-mined"]);
    reporter.cycleEnded(1, failing(6));
    expect(alerts.at(-1)).toBe("raise critical update-failed:not-mined");
    reporter.cycleEnded(1, CONDITIONS);
    reporter.cycleEnded(1, CONDITIONS);
    expect(alerts.slice(2)).toEqual(["clear update-failed:not-mined"]);
  });

  test("without an alert plugin nothing is lost but the alert", () => {
    const alone = new Reporter(log.logger, createOracleMetrics(new Registry()), () => undefined, {});
    expect(() => alone.cycleEnded(1, failing(6))).not.toThrow();
  });
});
