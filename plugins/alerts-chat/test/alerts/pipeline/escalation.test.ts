import { describe, expect, test } from "bun:test";
import type { Alert, Observation } from "../../../src/alerts/alert.ts";
import { acknowledge } from "../../../src/alerts/episode.ts";
import { plan } from "../../../src/alerts/pipeline/pipeline.ts";
import { HOUR_MS, MINUTE_MS, observed, over, seen, T0 } from "../support/observations.ts";
import { drain, inputOf, PAGERDUTY, planned } from "../support/plans.ts";

/** Its response time is 10 minutes. */
const STALE: Observation = seen({ rule: "price-stale", severity: "critical" });
const RESPONSE_MS = 10 * MINUTE_MS;

/** Told at T0; then the channel is looked at at these times. @returns who was called when, in minutes. */
function callsAt(minutes: readonly number[], observation = STALE, oncall = ["ann", "bob", "cat"]) {
  let alerts: readonly Alert[] = [observed(undefined, observation, T0 - 5_000)];
  alerts = drain(alerts, { nowMs: T0, oncall }).alerts;
  return minutes.flatMap((minute) => {
    const turn = drain(alerts, { nowMs: T0 + minute * MINUTE_MS, oncall });
    alerts = turn.alerts;
    return turn.done.map((what) => `${minute}: ${what.replace(/^send telegram\/\S+ /, "")}`);
  });
}

describe("an alert that nobody acknowledges", () => {
  test("names the first on call at once, and the next at each response time", () => {
    const [first] = plan(inputOf([observed(undefined, STALE, T0)]));
    expect(first?.calls).toBe("ann");
    expect(callsAt([1, 9, 10, 11, 19, 20, 21, 60])).toEqual(["10: calling bob", "20: calling cat"]);
  });

  test("that is critical is told again every four hours after all were named", () => {
    expect(callsAt([20, 240, 259, 260, 300, 499, 500])).toEqual([
      "20: calling cat",
      "260: calling ann",
      "500: calling bob",
    ]);
  });

  test("that warns has an hour for each, and is not repeated for ever", () => {
    const warning = seen({ rule: "source-rejected", severity: "warning" });
    expect(callsAt([10, 59, 60, 119, 120, 600, 6_000], warning)).toEqual([
      "60: calling bob",
      "120: calling cat",
    ]);
  });

  test("calls the one who is there again when nobody else is", () => {
    expect(callsAt([9, 10, 11, 249, 250], STALE, ["ann"])).toEqual(["10: calling ann", "250: calling ann"]);
  });

  test("is told again when nobody is on call", () => {
    expect(callsAt([9, 10, 11, 250], STALE, [])).toEqual(["10: calling nobody", "250: calling nobody"]);
  });

  test("calls nobody for what only informs, wherever it comes from", () => {
    const info = seen({ rule: "external", severity: "info" });
    expect(callsAt([60, 600], info)).toEqual([]);
    expect(plan(inputOf([observed(undefined, info, T0)]))[0]?.calls).toBeUndefined();
    expect(callsAt([10, 60], seen({ rule: "external", severity: "warning" }))).toEqual(["60: calling bob"]);
  });

  test("waits from when it was told, not from when it began", () => {
    const alert = observed(undefined, STALE, T0 - HOUR_MS);
    expect(planned([alert], { nowMs: T0 })).toEqual(["send telegram/critical"]);
  });

  test("is not called over again because its messages were edited", () => {
    const alert = drain([observed(undefined, STALE, T0 - 5_000)], { nowMs: T0 }).alerts;
    const flapped = alert.map((each) =>
      observed(observed(each, over(STALE), T0 + MINUTE_MS), STALE, T0 + 2 * MINUTE_MS),
    );
    const edited = drain(flapped, { nowMs: T0 + 3 * MINUTE_MS });
    expect(edited.done).toEqual(["edit 1 → active:critical:returned-1"]);
    expect(planned(edited.alerts, { nowMs: T0 + RESPONSE_MS })).toEqual([
      "send telegram/escalation-1 calling bob",
    ]);
  });

  test("makes a call that came due while an agent was away late, and none twice", () => {
    expect(callsAt([25, 26])).toEqual(["25: calling cat"]);
  });

  test("is nobody's call when the clock was set back", () => {
    expect(callsAt([-60, -10])).toEqual([]);
  });

  test("leaves calling to PagerDuty there", () => {
    const opened = drain([observed(undefined, STALE, T0)], { outlet: PAGERDUTY });
    expect(opened.done).toEqual(["send pagerduty/critical"]);
    expect(planned(opened.alerts, { outlet: PAGERDUTY, nowMs: T0 + HOUR_MS })).toEqual([]);
  });
});

describe("care", () => {
  const toldAlerts = drain([observed(undefined, STALE, T0 - 5_000)], { nowMs: T0 }).alerts;
  const cared = (by: string | undefined, atMs: number) => (alert: Alert) => acknowledge(alert, by, atMs, "n");

  test("stops the calls", () => {
    const { alerts } = drain(toldAlerts.map(cared("ann", T0 + MINUTE_MS)), { nowMs: T0 + 2 * MINUTE_MS });
    expect(planned(alerts, { nowMs: T0 + 9 * HOUR_MS })).toEqual([]);
  });

  test("that is given back leaves the others their time, then calls go on with the next", () => {
    const called = drain(toldAlerts, { nowMs: T0 + 20 * MINUTE_MS }).alerts.map(
      cared("ann", T0 + 30 * MINUTE_MS),
    );
    const backAtMs = T0 + HOUR_MS;
    const back = drain(called.map(cared(undefined, backAtMs)), { nowMs: backAtMs + MINUTE_MS });
    expect(back.done.filter((what) => what.startsWith("send"))).toEqual([]);
    const next = drain(back.alerts, { nowMs: backAtMs + RESPONSE_MS });
    expect(next.done).toEqual(["send telegram/escalation-3 calling ann"]);
    const after = drain(next.alerts, { nowMs: backAtMs + 2 * RESPONSE_MS });
    expect(after.done).toEqual(["send telegram/escalation-4 calling bob"]);
  });

  test("and calls of an earlier episode do not count for this one", () => {
    const { alerts } = drain(toldAlerts, { nowMs: T0 + 20 * MINUTE_MS });
    const beganAtMs = T0 + HOUR_MS;
    const anew = alerts.map((each) =>
      observed(observed(each, over(STALE), T0 + 30 * MINUTE_MS), STALE, beganAtMs),
    );
    const second = drain(anew, { nowMs: beganAtMs });
    expect(second.done[0]).toBe("send telegram/critical");
    expect(drain(second.alerts, { nowMs: beganAtMs + RESPONSE_MS }).done).toEqual([
      "send telegram/escalation-1 calling bob",
    ]);
  });

  test("ends with the alert: what is over calls nobody", () => {
    const ended = drain(
      toldAlerts.map((each) => observed(each, over(STALE), T0 + MINUTE_MS)),
      { nowMs: T0 + 2 * MINUTE_MS },
    );
    expect(ended.done).toEqual(["edit 1 → resolved"]);
    expect(planned(ended.alerts, { nowMs: T0 + 9 * HOUR_MS })).toEqual([]);
  });
});
