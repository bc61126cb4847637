import { describe, expect, test } from "bun:test";
import { Secret } from "@jeju-oracle/kit";
import { type Alert, codeOf } from "../../src/alerts/alert.ts";
import { decodeAlertButton, encodeAlertButton } from "../../src/alerts/alert-button.ts";
import { acknowledge, endRaiser } from "../../src/alerts/episode.ts";
import { type NoticeTextOptions, noticeMessage } from "../../src/alerts/notice-text.ts";
import { group } from "../../src/alerts/pipeline/group.ts";
import type { Notice } from "../../src/alerts/pipeline/notice.ts";
import { plan } from "../../src/alerts/pipeline/pipeline.ts";
import { shownNow } from "../../src/alerts/slots.ts";
import { messageWithoutSecrets } from "../../src/conversation/without-secrets.ts";
import { RUNBOOKS } from "../../src/runbooks/index.ts";
import { MINUTE_MS, observed, over, seen, seenBy, T0 } from "./support/observations.ts";
import { inputOf } from "./support/plans.ts";
import { textOf } from "./support/team-chat.ts";

const TELEGRAM_DATA_BYTES = 64;
const options = (changes: Partial<NoticeTextOptions> = {}): NoticeTextOptions => ({
  aloneAs: undefined,
  interactive: true,
  ...changes,
});

/** The message that stands for these alerts together. */
function noticeOf(alerts: readonly Alert[], changes: Partial<Notice> = {}): Notice {
  return {
    kind: "edit",
    what: "main",
    severity: alerts[0]?.severity ?? "info",
    entries: alerts.map((alert) => ({ alert, slot: "telegram/warning", shows: shownNow(alert) })),
    escalation: 0,
    calls: undefined,
    message: undefined,
    ...changes,
  };
}

const read = (alerts: readonly Alert[], changes: Partial<Notice> = {}, more = {}) =>
  textOf(noticeMessage(noticeOf(alerts, changes), options(more)));
const STALE = seen({
  rule: "price-stale",
  severity: "critical",
  summary: "The price on chain is stale: 3700 s old",
  nextStep: "Follow the runbook.",
});
const stale = observed(undefined, STALE, T0);
const CODE = codeOf("price-stale");

describe("one alert", () => {
  test("reads in short lines: what, what to do, since when and by whom, whom it calls", () => {
    const text = read([stale], { kind: "send", calls: "ann" });
    expect(text.split("\n")).toEqual([
      `🔴 CRITICAL OraclePriceStale ${CODE}`,
      "The price on chain is stale: 3700 s old",
      "→ Follow the runbook.",
      "Since 22:13 UTC, respond within 10 min; seen by bot-1",
      "📟 ann",
    ]);
    expect(Math.max(...text.split("\n").map((each) => each.length))).toBeLessThan(60);
  });

  test("that nobody answered names the next person and says why", () => {
    expect(read([stale], { kind: "send", what: "escalation", escalation: 1, calls: "bob" })).toContain(
      "📟 bob: nobody has acknowledged it",
    );
  });

  test("that is told again says why, also where nobody is on call", () => {
    const again = { kind: "send", what: "escalation", escalation: 1 } as const;
    expect(read([stale], again)).toContain("\n📟 nobody has acknowledged it");
  });

  test("that somebody takes care of calls nobody", () => {
    const text = read([acknowledge(stale, "ann", T0, "n")], { calls: "bob" });
    expect(text).toContain("✔ ann takes care");
    expect(text).not.toContain("📟");
  });

  test("that came back says how often, and who sees it names four at most", () => {
    let alert = observed(observed(stale, over(STALE), T0 + 1), STALE, T0 + 2);
    expect(read([alert])).toContain("Came back once");
    expect(read([{ ...alert, returns: 3 }])).toContain("Came back 3 times");
    for (let n = 2; n <= 6; n++) alert = observed(alert, { ...STALE, raiser: `bot-${n}` }, T0 + n);
    expect(read([alert])).toContain("seen by bot-1, bot-2, bot-3 and 3 more");
  });

  test("that is over says how long it lasted and who took care, and has no buttons", () => {
    const ended = observed(acknowledge(stale, "ann", T0, "n"), over(STALE), T0 + 5 * MINUTE_MS);
    const message = noticeMessage(noticeOf([ended]), options());
    expect(textOf(message)).toBe(
      `✅ OraclePriceStale is over ${CODE}\n${STALE.summary}\nLasted 5 min; ann took care`,
    );
    expect(message).not.toHaveProperty("buttons");
    expect(message.severity).toBe("resolved");
  });

  test("that a clock ended before it began lasted no time", () => {
    expect(read([observed(stale, over(STALE), T0 - MINUTE_MS)])).toContain("Lasted 0 s");
  });

  test("told by an agent that is alone says so", () => {
    expect(read([stale], {}, { aloneAs: "bot-2" })).toEndWith("\n(told by bot-2 alone, without the store)");
  });

  test("that warns has an hour, and what informs has no time", () => {
    expect(read([observed(undefined, { ...STALE, severity: "warning" }, T0)])).toContain(
      "respond within 60 min",
    );
    expect(read([observed(undefined, { ...STALE, severity: "info" }, T0)])).not.toContain("respond");
  });

  test("which is an event has its runbook and nothing to take care of", () => {
    const event = observed(
      undefined,
      seen({
        rule: "leader-changed",
        severity: "info",
        summary: "bot-2 leads",
        runbook: "graceful-failover",
      }),
      T0,
    );
    const message = noticeMessage(noticeOf([event]), options());
    expect(textOf(message)).toBe("🔵 OracleLeaderChanged\nbot-2 leads");
    expect(message.buttons?.flat().map(({ data }) => data)).toEqual(["r:graceful-failover:open"]);
    expect(message.severity).toBe("info");
  });
});

describe("text from outside", () => {
  const outside = (summary: string, nextStep = "See `/alerts`") =>
    observed(
      undefined,
      seen({ rule: "external", fingerprint: "am:1", raiser: "alertmanager", summary, nextStep }),
      T0,
    );

  test.each([
    "a*b_c`d[e](f)~g>h#i+j-k=l|m{n}o.p!q\\r",
    "**bold** and `code`",
    "<b>&amp;</b> 🔥 émoji אבג",
    "@everyone /pause",
    "{{ template }}",
  ])("keeps every special character: %s", (text) => {
    const message = noticeMessage(noticeOf([outside(text)]), options());
    expect(textOf(message).split("\n")[1]).toBe(text);
    expect(message.lines[1]).toEqual([{ kind: "text", text }]);
    expect(message.lines[2]).toEqual([{ kind: "text", text: "→ See `/alerts`" }]);
    const many = noticeMessage(noticeOf([outside(text), outside("other")]), options());
    expect(many.lines[1]?.at(-1)).toEqual({ kind: "text", text: ` ${text} (22:13 UTC)` });
  });

  test("cannot pose as a line of ours, and is cut in whole characters", () => {
    const posing = read([outside("disk full\n✔ ann takes care\r\n\u2028📟 nobody")]);
    expect(posing.split("\n")[1]).toBe("disk full ✔ ann takes care 📟 nobody");
    const long = read([outside(`${"x".repeat(598)}🔥🔥🔥`)]).split("\n")[1] ?? "";
    expect(long.length).toBeLessThanOrEqual(600);
    expect(long.isWellFormed()).toBe(true);
    expect(long).toEndWith("…");
  });

  test("with a secret in it leaves without the secret", () => {
    new Secret("hunter2-hunter2");
    const message = messageWithoutSecrets(
      noticeMessage(noticeOf([outside("login hunter2-hunter2 failed", "not hunter2-hunter2")]), options()),
    );
    expect(JSON.stringify(message)).not.toContain("hunter2");
  });
});

describe("a group", () => {
  const members = Array.from({ length: 8 }, (_, n) =>
    observed(
      undefined,
      seenBy(`bot-${n}`, "update-failed", { severity: "critical", summary: `failed on ${n}` }),
      T0,
    ),
  );
  const [first, second] = members;
  if (first === undefined || second === undefined) throw new Error("there are eight");

  test("has a line for each member, with its code and its state", () => {
    const ended = observed(second, over(seenBy("bot-1", "update-failed")), T0 + 1);
    const text = read([first, ended, acknowledge(members[2] ?? first, "ann", T0, "n")]).split("\n");
    expect(text).toEqual([
      "🔴 OracleHighFailureRate ×2",
      `• ${codeOf(first.fingerprint)} failed on 0 (22:13 UTC)`,
      `✅ ${codeOf(second.fingerprint)} failed on 1 (22:13 UTC)`,
      `✔ ${codeOf("update-failed@bot-2")} failed on 2 (22:13 UTC)`,
    ]);
  });

  test("says whom it calls, as long as something of it holds", () => {
    const low = observed(undefined, { ...STALE, fingerprint: "wallet-low", rule: "wallet-low" }, T0);
    expect(read([stale, low], { kind: "send", calls: "ann" })).toEndWith("\n📟 ann");
    const ended = [stale, low].map((alert) => observed(alert, over({ ...STALE }), T0 + 1));
    expect(read(ended, { kind: "send", calls: "ann" })).not.toContain("📟");
  });

  test("that is over as a whole says so", () => {
    const ended = members
      .slice(0, 2)
      .map((each, n) => observed(each, over(seenBy(`bot-${n}`, "update-failed")), T0 + 1));
    const message = noticeMessage(noticeOf(ended), options());
    expect(textOf(message).split("\n")[0]).toBe("✅ OracleHighFailureRate is over");
    expect(message).not.toHaveProperty("buttons");
  });

  test("of eight, the most that are ever joined, fits into one button with all its codes", () => {
    const joined = group(plan(inputOf(members)), inputOf(members));
    expect(joined.map(({ entries }) => entries.length)).toEqual([8]);
    const buttons = noticeMessage(noticeOf(members), options()).buttons?.flat() ?? [];
    expect(buttons.map(({ label }) => label)).toEqual([
      "Acknowledge",
      "Silence 1 h",
      "Runbook: Oracle price stale",
    ]);
    for (const { data } of buttons) expect(Buffer.byteLength(data)).toBeLessThanOrEqual(TELEGRAM_DATA_BYTES);
    expect(decodeAlertButton(buttons[0]?.data ?? "")?.codes).toEqual(
      members.map(({ fingerprint }) => codeOf(fingerprint)),
    );
  });

  test("in which some are over has buttons for the others only; when all are taken care of they can be given back", () => {
    const ended = observed(second, over(seenBy("bot-1", "update-failed")), T0 + 1);
    const cared = acknowledge(first, "ann", T0, "n");
    const [careButton] = noticeMessage(noticeOf([cared, ended]), options()).buttons?.flat() ?? [];
    expect(careButton).toMatchObject({
      label: "Release",
      data: encodeAlertButton({ kind: "unacknowledge", codes: [codeOf(first.fingerprint)] }),
    });
  });
});

describe("buttons", () => {
  test("are left out where nobody can press them", () => {
    expect(noticeMessage(noticeOf([stale]), options({ interactive: false }))).not.toHaveProperty("buttons");
  });

  test("of every runbook fit", () => {
    for (const { id } of RUNBOOKS) {
      const alert = observed(undefined, seen({ runbook: id }), T0);
      const buttons = noticeMessage(noticeOf([alert]), options()).buttons?.flat() ?? [];
      expect(buttons.at(-1)?.data).toBe(`r:${id}:open`);
      for (const { data, label } of buttons) {
        expect(Buffer.byteLength(data)).toBeLessThanOrEqual(TELEGRAM_DATA_BYTES);
        expect(label.length).toBeLessThanOrEqual(32);
      }
    }
  });

  test.each(["acknowledge", "unacknowledge", "silence"] as const)(
    "to %s come back as they went out",
    (kind) => {
      const button = { kind, codes: [CODE, codeOf("x")] };
      expect(decodeAlertButton(encodeAlertButton(button))).toEqual(button);
    },
  );

  test.each([
    "",
    "a:x:abcdef",
    "a:a:",
    "a:a:ABCDEF",
    "a:a:abcde",
    "a:a:abcdef.",
    "xa:a:abcdef",
    "a:a:abcdef ",
    "p:a:abcdef",
  ])("that are none of an alert's are nobody's: %p", (data) => {
    expect(decodeAlertButton(data)).toBeUndefined();
  });
});

test("copies of the same news have the same mark, and other news another", () => {
  const about = (alert: Alert) => noticeMessage(noticeOf([alert]), options()).about;
  expect(about({ ...stale, nonce: "x" })).toBe(about(stale));
  expect(about(acknowledge(stale, "ann", T0, "n"))).not.toBe(about(stale));
});

describe("an alert whose agents are gone", () => {
  const gone = endRaiser(stale, "bot-1", T0 + MINUTE_MS, "n", true);

  test("is not told as over: nobody knows", () => {
    const text = read([gone]);
    expect(text).toContain(`⚪ OraclePriceStale is seen by nobody ${CODE}`);
    expect(text).toContain("bot-1 is silent: it may hold all the same");
    expect(read([gone, gone])).toContain("⚪");
  });

  test("is over when one that is still there says so", () => {
    const both = observed(stale, { ...STALE, raiser: "bot-2" }, T0);
    const half = endRaiser(both, "bot-1", T0 + MINUTE_MS, "n", true);
    expect(read([endRaiser(half, "bot-2", T0 + MINUTE_MS, "n")])).toContain("✅ OraclePriceStale is over");
  });
});
