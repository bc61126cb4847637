import { describe, expect, test } from "bun:test";
import { BaseError, registerSecret } from "@jeju-oracle/kit";
import { codeOf } from "../../src/alerts/alert.ts";
import { encodeAlertButton } from "../../src/alerts/alert-button.ts";
import type { AlertDesk } from "../../src/alerts/alert-desk.ts";
import { pressAlert } from "../../src/commands/alerts/press-alert.ts";
import { callerOf, PEOPLE, typing, type USER_IDS } from "./support/commands.ts";
import { HOUR_MS, MINUTE_MS, over, seen } from "./support/observations.ts";
import { textOf } from "./support/team-chat.ts";
import { condition, TellingFleet } from "./support/telling-fleet.ts";

const STALE = condition("price-stale", "critical", "The price is old");
const GAS = condition("gas-too-high", "warning", "Gas costs 200 gwei");
const CODE = codeOf("price-stale");

async function setUp() {
  const fleet = new TellingFleet();
  const { center, desk } = await fleet.add("bot-1");
  center.raise(GAS);
  await fleet.clock.advance(60_000);
  center.raise(STALE);
  await fleet.clock.advance(5_000);
  return { fleet, center, desk, types: typing(fleet, desk) };
}

describe("/alerts", () => {
  test("lists what holds, the worst first, and says when nothing does", async () => {
    const { fleet, center, types } = await setUp();
    await using _fleet = fleet;
    expect((await types("/alerts", "stranger")).split("\n")).toEqual([
      `🔴 OraclePriceStale ${CODE}, 5 s ago`,
      "  The price is old",
      `🟠 OracleHighGasPrice ${codeOf("gas-too-high")}, 65 s ago`,
      "  Gas costs 200 gwei",
    ]);
    center.clear("price-stale");
    center.clear("gas-too-high");
    await fleet.clock.advance(MINUTE_MS);
    expect(await types("/alerts")).toBe(
      "✅ No alert holds.\n✅ OraclePriceStale, over 60 s ago\n✅ OracleHighGasPrice, over 60 s ago",
    );
  });

  test("shows who takes care and what is silent, for how long, by whom and how to end it", async () => {
    const { fleet, types } = await setUp();
    await using _fleet = fleet;
    await types(`/ack ${CODE}`);
    const made = await types("/silence OracleHighGasPrice 2h gas is known");
    const id = /unsilence ([0-9a-f]{6})/.exec(made)?.[1];
    const text = await types("/alerts");
    expect(text).toContain(`🔴 OraclePriceStale ${CODE}, 5 s ago ✔ rae`);
    expect(text).toContain(", 65 s ago 🔕");
    expect(text).toEndWith(`🔕 gas-too-high: 2 h left, by rae ${id}`);
  });

  test("stays readable with thousands of them and with endless texts", async () => {
    const { fleet, desk, types } = await setUp();
    await using _fleet = fleet;
    await desk.observe(
      Array.from({ length: 1_000 }, (_, n) =>
        seen({
          rule: "external",
          fingerprint: `am:${n}`,
          raiser: "alertmanager",
          summary: "x".repeat(5_000),
        }),
      ),
    );
    const text = await types("/alerts");
    expect(text).toContain("… and 987 more");
    expect(text.length).toBeLessThan(4_000);
  });

  test("answers from what is known while the store is away", async () => {
    const { fleet, types } = await setUp();
    await using _fleet = fleet;
    fleet.store.cutOff.add("bot-1");
    expect(await types("/alerts")).toContain("OraclePriceStale");
  });
});

describe("/ack and /unack", () => {
  test.each([
    ["its code", CODE],
    ["its code with a hash", `#${CODE.toUpperCase()}`],
    ["its rule's name", "OraclePriceStale"],
    ["its rule's name in small letters", "oraclepricestale"],
    ["its rule", "price-stale"],
  ])("take an alert by %s", async (_what, word) => {
    const { fleet, types } = await setUp();
    await using _fleet = fleet;
    expect(await types(`/ack ${word}`)).toBe(`✔ Acknowledged: OraclePriceStale ${CODE}`);
    expect(fleet.store.alert("price-stale")?.acknowledged).toMatchObject({ by: "rae" });
    expect(fleet.store.alert("gas-too-high")).not.toHaveProperty("acknowledged");
    expect(await types(`/unack ${word}`)).toBe(`Given back: OraclePriceStale ${CODE}`);
    expect(fleet.store.alert("price-stale")).not.toHaveProperty("acknowledged");
    expect(fleet.audit).toEqual(["rae acknowledged price-stale", "rae unacknowledged price-stale"]);
  });

  test("take all at once, and name ten at most", async () => {
    const { fleet, desk, types } = await setUp();
    await using _fleet = fleet;
    await desk.observe(
      Array.from({ length: 20 }, (_, n) =>
        seen({ rule: "external", fingerprint: `am:${n}`, raiser: "alertmanager" }),
      ),
    );
    expect((await types("/ack all")).split("\n").at(-1)).toBe("… and 12 more");
    expect((await desk.list()).filter(({ acknowledged }) => acknowledged === undefined)).toEqual([]);
  });

  test("of what is not there say what it may have been, with usage and example", async () => {
    const { fleet, center, types } = await setUp();
    await using _fleet = fleet;
    const near = `${CODE.slice(0, 5)}${CODE.endsWith("0") ? "1" : "0"}`;
    expect(await types(`/ack ${near}`)).toBe(
      `❌ no alert that holds is called ${near}; did you mean ${CODE}?\nUsage: /ack <code, rule or all>. Example: /ack a3f19c`,
    );
    expect(await types("/ack something-else")).toContain("/alerts");
    expect(await types(`/ack ${"z".repeat(500)}`)).toContain(`${"z".repeat(40)};`);
    expect(await types("/ack")).toBe(
      "❌ which alert?\nUsage: /ack <code, rule or all>. Example: /ack a3f19c",
    );
    expect(await types("/unack")).toContain("Usage: /unack");
    for (const key of ["price-stale", "gas-too-high"]) center.clear(key);
    expect(await types(`/ack ${CODE}`)).toContain("no alert holds now");
    expect(fleet.audit).toEqual([]);
  });

  test("need the role responder", async () => {
    const { fleet, types } = await setUp();
    await using _fleet = fleet;
    expect(await types("/ack all", "vic")).toBe("⛔ /ack needs the role responder; vic is viewer.");
    expect(await types("/silence price-stale", "stranger")).toContain("you are not in the operators file");
    expect(fleet.audit).toEqual(["vic refused ack", "telegram:9 refused silence"]);
  });
});

describe("/silence and /unsilence", () => {
  test.each([
    ["a code", CODE, "price-stale"],
    ["a rule that holds nothing now", "OracleBotDown", "bot-down"],
    ["a rule's id", "bot-down", "bot-down"],
    ["an agent", "@bot-2", "@bot-2"],
  ])("take %s, for an hour when no time is given", async (_what, word, matches) => {
    const { fleet, desk, types } = await setUp();
    await using _fleet = fleet;
    expect(await types(`/silence ${word} drill today`)).toStartWith(`🔕 ${matches} is silent for 60 min.`);
    expect(await desk.silences()).toMatchObject([{ matches, by: "rae", reason: "drill today" }]);
    expect(fleet.audit[0]).toBe(`rae silenced ${matches} for 60 min: drill today`);
    expect(await types(`/unsilence ${(await desk.silences())[0]?.id}`)).toBe(
      `🔔 ${matches} is told of again.`,
    );
    expect(await desk.silences()).toEqual([]);
  });

  test("hold a message back until they end or somebody ends them", async () => {
    const { fleet, center, types } = await setUp();
    await using _fleet = fleet;
    await types("/silence OracleLowWalletBalance 10m");
    center.raise(condition("wallet-low", "warning"));
    await fleet.clock.advance(9 * MINUTE_MS);
    expect(fleet.chat.heads().join()).not.toContain("OracleLowWalletBalance");
    await fleet.clock.advance(MINUTE_MS + 5_000);
    expect(fleet.chat.heads().join()).toContain("OracleLowWalletBalance");
  });

  test.each([
    ["/silence", "what shall be silent?"],
    ["/silence OraclePriceStal", "did you mean OraclePriceStale, "],
    ["/silence zzzzzzzzzzzzzzzz", "/alerts lists them"],
    ["/silence price-stale 25h", "a silence lasts a day at most"],
    ["/silence price-stale 400d", "a silence lasts a day at most"],
    ["/silence price-stale 90min", "90min is no duration"],
    ["/silence price-stale 0h", "0h is no duration"],
    ["/silence @", "no alert or rule is called @"],
    ["/unsilence", "which silence?"],
    ["/unsilence ffffff", "no silence ffffff is in force"],
  ])("%s: %s", async (text, problem) => {
    const { fleet, types } = await setUp();
    await using _fleet = fleet;
    const answer = await types(text);
    expect(answer).toContain(problem);
    expect(answer).toContain("Usage: /");
    expect(answer).toContain("Example: /");
    expect(fleet.audit).toEqual([]);
  });

  test("that ended cannot be ended, and a reason is cut", async () => {
    const { fleet, desk, types } = await setUp();
    await using _fleet = fleet;
    const made = await types(`/silence price-stale 1m ${"why ".repeat(200)}`);
    const id = /unsilence ([0-9a-f]{6})/.exec(made)?.[1] ?? "";
    expect((await desk.silences())[0]?.reason.length).toBeLessThanOrEqual(200);
    await fleet.clock.advance(MINUTE_MS);
    expect(await types(`/unsilence ${id}`)).toContain(`no silence ${id} is in force`);
  });

  test("count, as care does, where the audit cannot be written", async () => {
    const { fleet, types } = await setUp();
    await using _fleet = fleet;
    fleet.audit.push = () => {
      throw new BaseError("the disk is full", {
        code: "audit-unwritable",
        retryable: true,
        nextStep: "Free space.",
      });
    };
    expect(await types("/ack all")).toStartWith("✔ Acknowledged: ");
    expect(fleet.store.alert("price-stale")?.acknowledged).toMatchObject({ by: "rae" });
    expect(await types("/silence price-stale 1h disk")).toStartWith("🔕");
  });

  test("say so when the store is away: the others would not know", async () => {
    const { fleet, types } = await setUp();
    await using _fleet = fleet;
    fleet.store.cutOff.add("bot-1");
    expect(await types("/silence price-stale")).toStartWith("❌ ");
  });

  test("work for an agent that shares no store", async () => {
    await using fleet = new TellingFleet();
    const { center, desk } = await fleet.add("bot-1", { hasStore: false });
    const types = typing(fleet, desk);
    await types("/silence price-stale");
    center.raise(STALE);
    await fleet.clock.advance(HOUR_MS - 1_000);
    expect(fleet.chat.posts).toEqual([]);
    await fleet.clock.advance(5_000);
    expect(fleet.chat.posts).toHaveLength(1);
  });
});

describe("what comes from outside", () => {
  test("is on disk when the report is taken, and refused when there is no room for it", async () => {
    const { fleet, desk } = await setUp();
    await using _fleet = fleet;
    const nth = (n: number) => seen({ rule: "external", fingerprint: `am:${n}`, raiser: "alertmanager" });
    await desk.observe(Array.from({ length: 4_998 }, (_, n) => nth(n)));
    await expect(desk.observe([nth(5_000)])).rejects.toThrow("found no room");
    await desk.observe([over(nth(7))]);
    await desk.observe([nth(5_000)]);
    expect((await desk.list()).some(({ fingerprint }) => fingerprint === "am:5000")).toBe(true);
  });

  test("and a person's reason leave no secret in the store", async () => {
    const { fleet, desk } = await setUp();
    await using _fleet = fleet;
    const key = "hunter2-hunter2-commands";
    registerSecret(key);
    const texts = { summary: `Down: ${key}`, nextStep: `Ask with ${key}` };
    await desk.observe([seen({ rule: "external", fingerprint: "am:1", raiser: "alertmanager", ...texts })]);
    await desk.silence({ what: "price-stale", durationMs: HOUR_MS, by: "rae", reason: `see ${key}` });
    await fleet.clock.advance(5_000);
    const records = JSON.stringify(fleet.store.list("alert/"));
    expect(records).toContain("Down: ");
    expect(records).toContain("see ");
    expect(records).not.toContain(key);
  });

  test("leaves room for what the agent sees itself", async () => {
    const { fleet, desk, center } = await setUp();
    await using _fleet = fleet;
    const nth = (n: number) => seen({ rule: "external", fingerprint: `am:${n}`, raiser: "alertmanager" });
    await desk.observe(Array.from({ length: 4_998 }, (_, n) => nth(n)));
    center.raise(condition("no-leader", "critical"));
    expect((await desk.list()).some(({ fingerprint }) => fingerprint === "no-leader")).toBe(true);
  });
});

describe("a press on a button under an alert", () => {
  const press = async (fleet: TellingFleet, desk: AlertDesk, data: string, who: keyof typeof USER_IDS) => {
    const refused = (by: string, what: string, why: string) =>
      void fleet.audit.push(`${by} refused ${what}: ${why}`);
    const answer = await pressAlert(
      { alerts: desk, people: PEOPLE, refused },
      {
        kind: "press",
        eventId: "1",
        caller: callerOf(who),
        place: { platform: "telegram", chatId: "team" },
        messageId: "1",
        data,
      },
    );
    return answer === undefined ? undefined : textOf(answer);
  };
  const both = [CODE, codeOf("gas-too-high")];

  test("acknowledges, gives back and silences every alert that it names", async () => {
    const { fleet, desk } = await setUp();
    await using _fleet = fleet;
    const data = (kind: "acknowledge" | "unacknowledge" | "silence") =>
      encodeAlertButton({ kind, codes: both });
    expect(await press(fleet, desk, data("acknowledge"), "rae")).toBe(
      `✔ Acknowledged: OraclePriceStale ${both[0]}\n✔ Acknowledged: OracleHighGasPrice ${both[1]}`,
    );
    expect(await press(fleet, desk, data("unacknowledge"), "rae")).toContain("Given back");
    expect(await press(fleet, desk, data("silence"), "rae")).toBe(
      "🔕 price-stale, gas-too-high: silent for 60 min.",
    );
    expect((await desk.silences()).map(({ matches }) => matches).sort()).toEqual([
      "gas-too-high",
      "price-stale",
    ]);
  });

  test("counts for those that still hold, and says so when none does", async () => {
    const { fleet, center, desk } = await setUp();
    await using _fleet = fleet;
    const data = encodeAlertButton({ kind: "acknowledge", codes: both });
    center.clear("price-stale");
    expect(await press(fleet, desk, data, "rae")).toBe(`✔ Acknowledged: OracleHighGasPrice ${both[1]}`);
    center.clear("gas-too-high");
    expect(await press(fleet, desk, data, "rae")).toStartWith("❌ no alert holds now");
  });

  test.each([
    ["vic", "⛔ That needs the role responder; vic is viewer."],
    ["stranger", "⛔ That needs the role responder; you are not in the operators file."],
  ] as const)("of %s changes nothing and is written down", async (who, answer) => {
    const { fleet, desk } = await setUp();
    await using _fleet = fleet;
    for (const kind of ["acknowledge", "unacknowledge", "silence"] as const) {
      expect(await press(fleet, desk, encodeAlertButton({ kind, codes: both }), who)).toBe(answer);
      expect(fleet.audit.at(-1)).toBe(
        `${who === "vic" ? "vic" : "telegram:9"} refused ${kind}: needs responder`,
      );
    }
    expect((await desk.list()).some(({ acknowledged }) => acknowledged !== undefined)).toBe(false);
    expect(await desk.silences()).toEqual([]);
  });

  test("on another button is nobody's here", async () => {
    const { fleet, desk } = await setUp();
    await using _fleet = fleet;
    expect(await press(fleet, desk, "r:price-stale:open", "vic")).toBeUndefined();
    expect(fleet.audit).toEqual([]);
  });
});
