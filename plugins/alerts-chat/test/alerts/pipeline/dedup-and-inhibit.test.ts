import { describe, expect, test } from "bun:test";
import { acknowledge } from "../../../src/alerts/episode.ts";
import { HOUR_MS, messageOf, observed, over, seen, seenBy, T0, told } from "../support/observations.ts";
import { PAGERDUTY, planned } from "../support/plans.ts";

const alert = observed(undefined, seen(), T0);
const worse = seen({ severity: "critical" });
const milder = seen({ severity: "info" });
const SENT = { message: messageOf("7"), shown: "active:warning" } as const;

describe("what a channel was told", () => {
  test("is not told again, and what it was not told is", () => {
    expect(planned([alert])).toEqual(["send telegram/warning"]);
    expect(planned([told(alert, "telegram/warning", SENT)])).toEqual([]);
    expect(planned([told(alert, "discord/warning", SENT)])).toEqual(["send telegram/warning"]);
  });

  test("by another host, also by one that was alone, counts", () => {
    expect(planned([told(alert, "telegram/warning", { ...SENT, by: "bot-2" })])).toEqual([]);
    const alone = told(alert, "telegram/warning@bot-2", SENT);
    expect(planned([alone])).toEqual([]);
    expect(planned([alone], { aloneAs: "bot-1" })).toEqual([]);
  });

  test("only begins when it is being told: it may never have arrived", () => {
    expect(planned([told(alert, "telegram/warning", { state: "sending" })])).toEqual([
      "send telegram/warning",
    ]);
  });

  test("is news when it is worse, and an edit when it is milder", () => {
    const warned = told(alert, "telegram/warning", SENT);
    expect(planned([observed(warned, worse, T0 + 1)])).toEqual([
      "send telegram/critical",
      "edit 7 → active:critical",
    ]);
    expect(planned([observed(warned, milder, T0 + 1)])).toEqual(["edit 7 → active:info"]);
  });

  test("of an earlier episode does not count for this one", () => {
    const anew = observed(
      observed(told(alert, "telegram/warning", SENT), over(seen()), T0 + 1),
      seen(),
      T0 + HOUR_MS,
    );
    expect(planned([anew], { nowMs: T0 + HOUR_MS + 5_000 })).toEqual([
      "send telegram/warning",
      "edit 7 → resolved",
    ]);
  });

  test("is told although it is over, once, and its end is an edit", () => {
    const blip = observed(alert, over(seen()), T0 + 1);
    expect(planned([blip])).toEqual(["send telegram/warning"]);
    expect(planned([observed(told(alert, "telegram/warning", SENT), over(seen()), T0 + 1)])).toEqual([
      "edit 7 → resolved",
    ]);
    const warned = observed(told(alert, "telegram/warning", SENT), worse, T0 + 1);
    expect(planned([observed(warned, over(worse), T0 + 2)])).toEqual(["edit 7 → resolved"]);
  });

  test.each([
    [
      "acknowledged",
      acknowledge(told(alert, "telegram/warning", SENT), "ann", T0, "n"),
      "edit 7 → active:warning:acknowledged-by-ann",
    ],
    [
      "back within two minutes",
      observed(observed(told(alert, "telegram/warning", SENT), over(seen()), T0 + 1), seen(), T0 + 2),
      "edit 7 → active:warning:returned-1",
    ],
  ])("is edited when it is %s", (_what, changed, edit) => {
    expect(planned([changed])).toEqual([edit]);
  });
});

describe("what a channel refused for good", () => {
  const refused = told(alert, "telegram/warning", { state: "dead", atMs: T0 });

  test("is tried again after an hour, and at once when it gets worse", () => {
    expect(planned([refused], { nowMs: T0 + HOUR_MS - 1 })).toEqual([]);
    expect(planned([refused], { nowMs: T0 + HOUR_MS })).toEqual(["send telegram/warning"]);
    expect(planned([observed(refused, worse, T0 + 1)])).toEqual(["send telegram/critical"]);
  });

  test("is not tried again when it is over", () => {
    expect(planned([observed(refused, over(seen()), T0 + 1)], { nowMs: T0 + 2 * HOUR_MS })).toEqual([]);
  });
});

describe("an agent that tells alone", () => {
  test("tells what it sees itself and what came from outside, under its own name", () => {
    const others = observed(undefined, seenBy("bot-2", "update-failed"), T0);
    const outside = observed(
      undefined,
      seen({ rule: "external", fingerprint: "am:1", raiser: "alertmanager" }),
      T0,
    );
    expect(planned([alert, others, outside], { aloneAs: "bot-1" })).toEqual([
      "send telegram/warning@bot-1",
      "send telegram/warning@bot-1",
    ]);
  });
});

describe("PagerDuty", () => {
  const event = observed(undefined, seen({ rule: "leader-changed", fingerprint: "leader-changed:7" }), T0);

  test("has no use for an event", () => {
    expect(planned([event], { outlet: PAGERDUTY })).toEqual([]);
    expect(planned([event])).toEqual(["send telegram/warning"]);
  });

  test("is told what is over already as an incident that is then closed", () => {
    const blip = observed(alert, over(seen()), T0 + 1);
    expect(planned([blip], { outlet: PAGERDUTY })).toEqual(["send pagerduty/warning"]);
    const opened = told(blip, "pagerduty/warning", SENT);
    expect(planned([opened], { outlet: PAGERDUTY })).toEqual(["edit 7 → resolved"]);
  });
});

describe("what another alert explains", () => {
  const failed = seenBy("bot-1", "update-failed", { severity: "critical" });
  const unreachable = seenBy("bot-1", "chain-unreachable", { severity: "critical" });
  const symptom = observed(undefined, failed, T0 + 10);
  const cause = observed(undefined, unreachable, T0);
  const toldCause = told(cause, "telegram/critical", { ...SENT, shown: "active:critical" });

  test("is not told while its cause holds, and is when it outlives it", () => {
    expect(planned([symptom, toldCause])).toEqual([]);
    expect(planned([symptom, observed(toldCause, over(unreachable), T0 + 20)])).toEqual([
      "send telegram/critical",
      "edit 7 → resolved",
    ]);
  });

  test("of another agent is told: the cause must be the same one's", () => {
    const elsewhere = observed(undefined, seenBy("bot-2", "update-failed", { severity: "critical" }), T0);
    expect(planned([elsewhere, toldCause])).toEqual(["send telegram/critical"]);
  });

  test("by trouble of the whole fleet is explained on every agent", () => {
    const paused = told(
      observed(undefined, seen({ rule: "oracle-paused", severity: "critical" }), T0),
      "telegram/critical",
      { ...SENT, shown: "active:critical" },
    );
    expect(planned([symptom, paused])).toEqual([]);
  });

  test("is not told afterwards when both are over and were there together", () => {
    const [endedSymptom, endedCause] = [
      observed(symptom, over(failed), T0 + 30),
      observed(toldCause, over(unreachable), T0 + 20),
    ];
    expect(planned([endedSymptom, endedCause])).toEqual(["edit 7 → resolved"]);
    const before = observed(observed(undefined, failed, T0 - 60), over(failed), T0 - 50);
    expect(planned([before, told(endedCause, "telegram/critical", { ...SENT, shown: "resolved" })])).toEqual([
      "send telegram/critical",
    ]);
  });

  test("is edited all the same: a message must not stand wrong", () => {
    const toldSymptom = told(symptom, "telegram/critical", {
      message: messageOf("8"),
      shown: "active:critical",
    });
    expect(planned([observed(toldSymptom, over(failed), T0 + 30), toldCause])).toEqual(["edit 8 → resolved"]);
  });
});
