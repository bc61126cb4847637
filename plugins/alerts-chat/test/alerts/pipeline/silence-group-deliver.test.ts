import { describe, expect, test } from "bun:test";
import type { Alert } from "../../../src/alerts/alert.ts";
import { plan } from "../../../src/alerts/pipeline/pipeline.ts";
import type { Silence } from "../../../src/alerts/silence.ts";
import {
  HOUR_MS,
  MINUTE_MS,
  messageOf,
  observed,
  over,
  seen,
  seenBy,
  T0,
  told,
} from "../support/observations.ts";
import { drain, inputOf, PAGERDUTY, planned } from "../support/plans.ts";

const alert = observed(undefined, seen(), T0);
const SENT = { message: messageOf("7"), shown: "active:warning" } as const;

describe("a silence", () => {
  const silence: Silence = {
    id: "a3f19c",
    nonce: "n",
    matches: "source-rejected",
    by: "ann",
    reason: "known",
    sinceMs: T0,
    untilMs: T0 + HOUR_MS,
  };
  const silences = [silence];

  test("holds back what it matches until it ends by itself", () => {
    expect(planned([alert], { silences })).toEqual([]);
    expect(planned([alert], { silences, nowMs: silence.untilMs - 1 })).toEqual([]);
    expect(planned([alert], { silences, nowMs: silence.untilMs })).toEqual(["send telegram/warning"]);
  });

  test.each([
    ["a rule", "source-rejected", false],
    ["another rule", "price-stale", true],
    ["a fingerprint", "update-failed@bot-1", true],
    ["an agent whose trouble it is not", "@bot-1", true],
  ])("of %s", (_what, matches, isTold) => {
    expect(planned([alert], { silences: [{ ...silence, matches }] }).length > 0).toBe(isTold);
  });

  test("of an agent holds back all of its own trouble", () => {
    const own = observed(undefined, seenBy("bot-1", "update-failed"), T0);
    expect(planned([own], { silences: [{ ...silence, matches: "@bot-1" }] })).toEqual([]);
    expect(planned([own], { silences: [{ ...silence, matches: "@bot-2" }] })).toEqual([
      "send telegram/warning",
    ]);
  });

  test("of a host whose clock is ahead holds already", () => {
    expect(planned([alert], { silences: [{ ...silence, sinceMs: T0 + MINUTE_MS }] })).toEqual([]);
  });

  test("does not leave a wrong message standing: edits go out", () => {
    const ended = observed(told(alert, "telegram/warning", SENT), over(seen()), T0 + 1);
    expect(planned([ended], { silences })).toEqual(["edit 7 → resolved"]);
  });

  test("that is over keeps silent about what ended under it, whenever that began", () => {
    const nowMs = silence.untilMs + MINUTE_MS;
    for (const beganAtMs of [T0 - HOUR_MS, T0 + MINUTE_MS]) {
      const ended = observed(observed(undefined, seen(), beganAtMs), over(seen()), T0 + 2 * MINUTE_MS);
      expect(planned([ended], { silences, nowMs })).toEqual([]);
    }
  });

  test("that is over tells what outlived it, also when that ended since, and what ended before it", () => {
    const nowMs = silence.untilMs + HOUR_MS;
    for (const endedAtMs of [silence.untilMs + 1, T0 - 1]) {
      const ended = observed(observed(undefined, seen(), T0 - HOUR_MS), over(seen()), endedAtMs);
      expect(planned([ended], { silences, nowMs })).toEqual(["send telegram/warning"]);
    }
  });
});

describe("a group", () => {
  const many = (count: number, rule = "update-failed", changes = {}): readonly Alert[] =>
    Array.from({ length: count }, (_, n) =>
      observed(undefined, seenBy(`bot-${n + 10}`, rule, changes), T0 + n),
    );

  test("is one message for one rule, of eight at most", () => {
    expect(planned(many(8))).toEqual(["send telegram/warning ×8"]);
    expect(planned(many(19))).toEqual([
      "send telegram/warning ×8",
      "send telegram/warning ×8",
      "send telegram/warning ×3",
    ]);
  });

  test("never joins different rules, severities, or what holds with what is over", () => {
    const ended = many(1).map((each) => observed(each, over(seenBy("bot-10", "update-failed")), T0 + 5));
    const other = many(3, "rpc-failover").slice(1);
    const worse = many(6, "update-failed", { severity: "critical" }).slice(4);
    expect([...planned([...ended, ...many(3).slice(1, 3), ...other, ...worse])].sort()).toEqual([
      "send telegram/critical ×2",
      "send telegram/warning",
      "send telegram/warning ×2",
      "send telegram/warning ×2",
    ]);
  });

  test("is edited as a whole: one change renders everything that stands in the message, the oldest first", () => {
    const { alerts } = drain(many(3));
    const changed = alerts.map((each) =>
      each.botId === "bot-11" ? observed(each, over(seenBy("bot-11", "update-failed")), T0 + 9) : each,
    );
    const [edit, ...others] = plan(inputOf(changed.toReversed()));
    expect(others).toEqual([]);
    expect(edit?.entries.map(({ alert: { botId }, shows }) => `${botId} ${shows}`)).toEqual([
      "bot-10 active:warning",
      "bot-11 resolved",
      "bot-12 active:warning",
    ]);
  });

  test("shows the end of an earlier episode beside what still holds in the same message", () => {
    const { alerts } = drain(many(2));
    const [first, second] = alerts;
    if (first === undefined || second === undefined) throw new Error("two were told");
    const later = seenBy("bot-10", "update-failed");
    const anew = observed(observed(first, over(later), T0 + 9), later, T0 + 30 * MINUTE_MS);
    const plans = plan(inputOf([anew, second], { nowMs: T0 + 31 * MINUTE_MS }));
    expect(plans.map(({ kind }) => kind)).toEqual(["send", "edit"]);
    expect(plans[1]?.entries.map(({ slot, shows }) => `${slot} ${shows}`)).toEqual([
      "telegram/warning active:warning",
      "1~telegram/warning resolved",
    ]);
  });

  test("is none in PagerDuty: each incident is its own", () => {
    const alerts = many(3, "update-failed", { severity: "critical" });
    expect(planned(alerts, { outlet: PAGERDUTY })).toEqual(Array(3).fill("send pagerduty/critical"));
  });
});

describe("the order of delivery", () => {
  const at = (rule: string, severity: Alert["severity"], beganAtMs: number) =>
    observed(undefined, seen({ rule, severity }), beganAtMs);

  test("is news before edits, the worst first, then the oldest", () => {
    const alerts = [
      at("spot-twap-spread", "info", T0 - 4_000),
      observed(
        told(at("wallet-low", "critical", T0 - 9_000), "telegram/critical", SENT),
        over(seen({ rule: "wallet-low" })),
        T0,
      ),
      at("gas-too-high", "warning", T0 - 5_000),
      at("price-held", "critical", T0 - 1_000),
      at("price-stale", "critical", T0 - 2_000),
    ];
    const order = plan(inputOf(alerts)).map(({ kind, entries }) => `${kind} ${entries[0]?.alert.rule}`);
    expect(order).toEqual([
      "send price-stale",
      "send price-held",
      "send gas-too-high",
      "send spot-twap-spread",
      "edit wallet-low",
    ]);
  });

  test("lets what is not critical wait two seconds for its like", () => {
    expect(planned([alert], { nowMs: T0 + 1_999 })).toEqual([]);
    expect(planned([alert], { nowMs: T0 + 2_000 })).toEqual(["send telegram/warning"]);
    expect(planned([at("price-stale", "critical", T0)], { nowMs: T0 })).toEqual(["send telegram/critical"]);
  });

  test("holds nothing up when a clock was set back", () => {
    expect(planned([alert], { nowMs: T0 - HOUR_MS })).toEqual(["send telegram/warning"]);
  });
});

describe("a plan for 2,000 alerts", () => {
  test("and what is told of it cost little, and everything is told once in 250 messages", () => {
    const alerts = Array.from({ length: 2_000 }, (_, n) =>
      observed(
        undefined,
        seenBy(`bot-${n % 40}`, "external", {
          fingerprint: `am:${n}`,
          rule: "external",
          severity: "critical",
        }),
        T0 + n,
      ),
    );
    const startedAtMs = performance.now();
    const fresh = plan(inputOf(alerts));
    const freshMs = performance.now() - startedAtMs;
    expect(fresh).toHaveLength(250);
    const standing = alerts.map((each, n) =>
      told(
        told(each, "telegram/critical", { message: messageOf(String(n >> 3)), shown: "active:critical" }),
        "discord/critical",
        SENT,
      ),
    );
    const toldAtMs = performance.now();
    expect(plan(inputOf(standing))).toEqual([]);
    const idleMs = performance.now() - toldAtMs;
    // Measured 8 to 36 ms; the bound is for a machine that does other things.
    expect(Math.max(freshMs, idleMs)).toBeLessThan(500);
  });
});
