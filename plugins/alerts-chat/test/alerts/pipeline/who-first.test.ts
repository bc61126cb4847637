/** What goes first, and what nobody is woken for. */
import { expect, test } from "bun:test";
import { tell } from "../../../src/alerts/episode.ts";
import { plan } from "../../../src/alerts/pipeline/pipeline.ts";
import { observed, seen, T0 } from "../support/observations.ts";
import { inputOf, PAGERDUTY, planned } from "../support/plans.ts";

const outside = observed(
  undefined,
  seen({ rule: "external", fingerprint: "alertmanager:1", severity: "critical", raiser: "alertmanager" }),
  T0 - 60_000,
);
const own = observed(undefined, seen({ rule: "price-stale", severity: "critical" }), T0);
const mild = observed(undefined, seen({ rule: "gas-too-high", severity: "warning" }), T0 - 60_000);

const SENT = {
  state: "sent",
  by: "bot-1",
  atMs: T0,
  message: { platform: "pagerduty", chatId: "", messageId: "key" },
} as const;

test("the fleet's own goes before what another system reported earlier, but not before what is worse", () => {
  const order = plan(inputOf([outside, mild, own], { outlet: PAGERDUTY }));
  expect(order.map(({ entries }) => entries[0]?.alert.rule)).toEqual([
    "price-stale",
    "external",
    "gas-too-high",
  ]);
});

test("what only informs opens no incident, and what was opened is closed also when it got milder", () => {
  const informing = observed(undefined, seen({ rule: "paused", severity: "info" }), T0 - 60_000);
  expect(planned([informing], { outlet: PAGERDUTY })).toEqual([]);
  expect(planned([informing])).toEqual(["send telegram/info"]);
  const opened = tell(mild, 1, "pagerduty/warning", { ...SENT, shown: "active:warning" }, "n");
  const milder = observed(opened, seen({ rule: "gas-too-high", severity: "info" }), T0);
  expect(planned([milder], { outlet: PAGERDUTY })).toEqual(["edit key → active:info"]);
});
