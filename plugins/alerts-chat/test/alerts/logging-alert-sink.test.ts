import { describe, expect, test } from "bun:test";
import { type AlertCondition, createAgentContext } from "@jeju-oracle/kit";
import { captureLog } from "@jeju-oracle/kit/testing";
import { MAX_ACTIVE_CONDITIONS } from "../../src/alerts/active-conditions.ts";
import { LoggingAlertSink } from "../../src/alerts/logging-alert-sink.ts";

function setUp() {
  const { metrics } = createAgentContext({ BOT_ID: "bot-1" });
  const log = captureLog();
  const sink = new LoggingAlertSink(log.logger, metrics);
  const active = async () =>
    (await metrics.getSingleMetricAsString("oracle_alert_active"))
      .split("\n")
      .filter((line) => !line.startsWith("#"));
  return { sink, log, metrics, active };
}

const condition = (key: string, extra: Partial<AlertCondition> = {}): AlertCondition => ({
  key,
  severity: "warning",
  summary: `${key} holds`,
  nextStep: "Look.",
  ...extra,
});

describe("LoggingAlertSink", () => {
  test("says when a condition begins and ends, once each", () => {
    const { sink, log } = setUp();
    for (let look = 0; look < 100; look++)
      sink.raise(condition("wallet-low", { summary: `${look} wei left` }));
    sink.clear("wallet-low");
    sink.clear("wallet-low");
    expect(log.lines).toHaveLength(2);
    expect(JSON.parse(log.lines[0] ?? "")).toMatchObject({
      level: "warn",
      msg: "Alert raised: 0 wei left",
      key: "wallet-low",
      nextStep: "Look.",
    });
    expect(JSON.parse(log.lines[1] ?? "")).toMatchObject({
      level: "info",
      msg: "Alert cleared: 99 wei left",
    });
  });

  test("says again when the severity changes", () => {
    const { sink, log } = setUp();
    sink.raise(condition("price-old"));
    sink.raise(condition("price-old", { severity: "critical" }));
    expect(log.lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(["warn", "error"]);
  });

  test("says nothing when what was never raised is cleared", () => {
    const { sink, log } = setUp();
    sink.clear("unknown");
    expect(log.lines).toEqual([]);
  });

  test("the gauge shows exactly what holds now", async () => {
    const { sink, active } = setUp();
    sink.raise(condition("a"));
    sink.raise(condition("b", { severity: "critical" }));
    sink.clear("a");
    expect(await active()).toEqual(['oracle_alert_active{key="b",severity="critical",bot_id="bot-1"} 1']);
  });

  test("keeps a bounded number of conditions, says so once and counts the rest", async () => {
    const { sink, log, metrics, active } = setUp();
    for (let n = 0; n < MAX_ACTIVE_CONDITIONS + 50; n++) sink.raise(condition(`key-${n}`));
    expect(await active()).toHaveLength(MAX_ACTIVE_CONDITIONS);
    expect(log.matching("Alert not recorded")).toHaveLength(1);
    expect(await metrics.getSingleMetricAsString("oracle_alerts_refused_total")).toMatch(/\} 50$/);
  });
});
