import { describe, expect, test } from "bun:test";
import { codeOf, isActive } from "../../src/alerts/alert.ts";
import { acknowledge, endRaiser, observe, tell } from "../../src/alerts/episode.ts";
import { messageOf, observed, over, seen, slot, T0, told } from "./support/observations.ts";

const TWO_MINUTES_MS = 120_000;
const SENT = { state: "sent", shown: "active:warning", message: messageOf("7") } as const;

describe("an observation", () => {
  test.each([
    [
      "that begins something unknown makes an alert in its first episode",
      undefined,
      seen(),
      { episode: 1, returns: 0 },
    ],
    [
      "of a second agent joins the first's",
      seen(),
      seen({ raiser: "bot-2" }),
      { episode: 1, severity: "warning" },
    ],
    [
      "that is worse makes it worse, in the worse one's words",
      seen(),
      seen({ raiser: "bot-2", severity: "critical", summary: "worse" }),
      { severity: "critical", summary: "worse" },
    ],
    [
      "that is milder keeps severity and words",
      seen({ severity: "critical" }),
      seen({ raiser: "bot-2", severity: "info", summary: "milder" }),
      { severity: "critical", summary: "the feed answered 0" },
    ],
    [
      "of the same agent with another severity replaces its own",
      seen({ severity: "critical" }),
      seen({ severity: "info", summary: "better" }),
      { severity: "info", summary: "better" },
    ],
  ] as const)("%s", (_claim, first, second, expected) => {
    const before = first === undefined ? undefined : observed(undefined, first, T0);
    expect(observed(before, second, T0 + 1_000)).toMatchObject(expected);
  });

  test("that is repeated with moving numbers changes nothing", () => {
    const alert = observed(undefined, seen(), T0);
    expect(observe(alert, seen({ summary: "the feed answered 0 for 9 s" }), T0 + 9_000, "n")).toBe(alert);
  });

  test("of the end of what never began is nothing", () => {
    expect(observe(undefined, over(seen()), T0, "n")).toBeUndefined();
    const alert = observed(undefined, seen(), T0);
    expect(observe(alert, over(seen({ raiser: "bot-2" })), T0, "n")).toBe(alert);
  });

  test("ends the alert only when nobody sees it any more, at the last one's end", () => {
    const both = observed(
      observed(undefined, seen(), T0),
      seen({ raiser: "bot-2", severity: "critical" }),
      T0 + 1,
    );
    const one = observed(both, over(seen({ raiser: "bot-2" })), T0 + 5_000);
    expect(one).toMatchObject({ severity: "warning" });
    expect(isActive(one)).toBe(true);
    expect(observed(one, over(seen()), T0 + 9_000)).toMatchObject({
      resolvedAtMs: T0 + 9_000,
      severity: "warning",
    });
  });
});

describe("what comes back", () => {
  const ended = (changes = {}) =>
    observed(
      told(observed(undefined, seen(changes), T0), "telegram/warning", SENT),
      over(seen(changes)),
      T0 + 1_000,
    );

  test("within two minutes is the same episode: its message is edited", () => {
    const back = observed(ended(), seen({ summary: "again" }), T0 + 1_000 + TWO_MINUTES_MS - 1);
    expect(back).toMatchObject({ episode: 1, returns: 1, summary: "again", startedAtMs: T0 });
    expect(back.slots["telegram/warning"]).toMatchObject(SENT);
  });

  test("later is a new episode, and the old message waits to be shown as ended", () => {
    const nowMs = T0 + 1_000 + TWO_MINUTES_MS;
    const back = observed(ended(), seen(), nowMs);
    expect(back).toMatchObject({ episode: 2, returns: 0, startedAtMs: nowMs });
    expect(Object.keys(back.slots)).toEqual(["1~telegram/warning"]);
    const third = observed(
      observed(told(back, "telegram/warning", SENT), over(seen()), nowMs + 1),
      seen(),
      nowMs * 2,
    );
    expect(Object.keys(third.slots).sort()).toEqual(["1~telegram/warning", "2~telegram/warning"]);
  });

  test("leaves nothing over of messages that show the end, or that cannot be edited", () => {
    const shown = told(ended(), "telegram/warning", { ...SENT, shown: "resolved" });
    const all = told(told(shown, "webhook/warning"), "discord/warning", { state: "dead" });
    expect(observed(all, seen(), T0 * 2).slots).toEqual({});
  });

  test("leaves at most ten messages over, the latest", () => {
    let alert = ended();
    for (let n = 0; n < 12; n++)
      alert = told(alert, `telegram/escalation-${n + 1}`, { ...SENT, atMs: T0 + 10 + n });
    const left = Object.keys(observed(alert, seen(), T0 * 2).slots);
    expect(left).toHaveLength(10);
    expect(left).not.toContain("1~telegram/warning");
    expect(left).toContain("1~telegram/escalation-12");
  });

  test("before anybody was told of it goes on as it was, however late", () => {
    const alert = observed(observed(undefined, seen(), T0), over(seen()), T0 + 1);
    const refused = told(alert, "telegram/warning", { state: "dead" });
    for (const untold of [alert, refused])
      expect(observed(untold, seen(), T0 * 2)).toMatchObject({ episode: 1, returns: 1, startedAtMs: T0 });
  });

  test("keeps who takes care within an episode, and asks anew in a new one", () => {
    const cared = acknowledge(ended(), "ann", T0 + 500, "n");
    expect(observed(cared, seen(), T0 + 2_000).acknowledged).toEqual({ by: "ann", atMs: T0 + 500 });
    expect(observed(cared, seen(), T0 * 2)).not.toHaveProperty("acknowledged");
  });

  test("after a clock was set back further than a flap is a new episode: nobody knows how long it was over", () => {
    expect(observed(ended(), seen(), T0 - TWO_MINUTES_MS)).toMatchObject({ episode: 2 });
    expect(observed(ended(), seen(), T0 - 1_000)).toMatchObject({ episode: 1, returns: 1 });
  });
});

describe("an event", () => {
  const changed = seen({ rule: "leader-changed", fingerprint: "leader-changed:7", severity: "info" });

  test("is over as soon as it happened", () => {
    expect(observed(undefined, changed, T0)).toMatchObject({ resolvedAtMs: T0, severity: "info" });
  });

  test("is one, whoever tells it again and however late", () => {
    const event = observed(undefined, changed, T0);
    expect(observe(event, { ...changed, raiser: "bot-2" }, T0 + 500, "n")).toBe(event);
    expect(observe(told(event, "telegram/info"), changed, T0 * 2, "n")).toMatchObject({
      episode: 1,
      returns: 0,
    });
  });
});

describe("times", () => {
  test("of a raiser grow with each change, also when the clock jumps back", () => {
    let alert = observed(undefined, seen(), T0);
    let beforeMs = alert.raisers["bot-1"]?.atMs ?? 0;
    for (const [holds, nowMs] of [
      [false, T0 - 3_600_000],
      [true, T0 - 3_500_000],
      [false, 0],
      [true, T0],
    ] as const) {
      alert = observed(alert, { ...seen(), holds }, nowMs);
      const atMs = alert.raisers["bot-1"]?.atMs ?? 0;
      expect(atMs).toBeGreaterThan(beforeMs);
      beforeMs = atMs;
    }
  });

  test("of slots, words and care grow too, and when it was first sent stays", () => {
    const alert = told(observed(undefined, seen(), T0), "telegram/warning", SENT);
    const edited = told(alert, "telegram/warning", { ...SENT, shown: "resolved", atMs: 5 });
    expect(edited.slots["telegram/warning"]).toMatchObject({ atMs: T0 + 1, sentAtMs: T0, shown: "resolved" });
    const worse = observed(edited, seen({ severity: "critical" }), 5);
    expect(worse.wordedAtMs).toBe(T0 + 1);
    const cared = acknowledge(acknowledge(worse, "ann", T0, "n"), undefined, 5, "n");
    expect(cared).not.toHaveProperty("acknowledged");
    expect(cared.acknowledgementAtMs).toBe(T0 + 1);
  });
});

describe("what a channel was told", () => {
  test("of an episode that is past becomes a left-over of the new one", () => {
    const alert = observed(undefined, seen(), T0);
    const anew = observed(
      observed(told(alert, "discord/warning", SENT), over(seen()), T0 + 1),
      seen(),
      T0 + TWO_MINUTES_MS * 2,
    );
    const late = tell(anew, 1, "telegram/warning", slot(SENT), "n");
    expect(late.slots["1~telegram/warning"]).toMatchObject(SENT);
    expect(late.slots["telegram/warning"]).toBeUndefined();
    const shown = tell(late, 1, "1~telegram/warning", slot({ ...SENT, shown: "resolved" }), "n");
    expect(shown.slots["1~telegram/warning"]).toMatchObject({ shown: "resolved" });
  });
});

test("the end of a raiser that is unknown or ended changes nothing", () => {
  const alert = observed(undefined, seen(), T0);
  expect(endRaiser(alert, "bot-9", T0, "n")).toBe(alert);
  const ended = endRaiser(alert, "bot-1", T0 + 1, "n");
  expect(endRaiser(ended, "bot-1", T0 + 2, "n")).toBe(ended);
});

test("codes are six hex digits, of the fingerprint alone", () => {
  expect(codeOf("price-stale")).toMatch(/^[0-9a-f]{6}$/);
  expect(codeOf("price-stale")).toBe(codeOf("price-stale"));
  expect(codeOf("update-failed@bot-1")).not.toBe(codeOf("update-failed@bot-2"));
});
