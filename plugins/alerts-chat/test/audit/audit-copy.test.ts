import { afterEach, describe, expect, test } from "bun:test";
import type { Supervised } from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { AuditCopy } from "../../src/audit/audit-copy.ts";
import type { AuditEntry } from "../../src/audit/audit-log.ts";
import type { Channel } from "../../src/conversation/channel.ts";
import { ChannelError } from "../../src/conversation/channel-error.ts";
import type { OutboundMessage } from "../../src/conversation/outbound.ts";

const CONFIRMED: AuditEntry = {
  at: 0,
  botId: "bot-1",
  who: "bob",
  what: "confirmed",
  action: "failover",
  proposalId: "p-1",
  platform: "telegram",
  detail: "pressed the button of the card",
  before: "0",
};
const BROKEN: AuditEntry = { ...CONFIRMED, breakGlass: true, detail: "break-glass: all others are asleep" };

/** A channel that takes messages, or does with them what `answer` says. */
class Heard {
  readonly messages: OutboundMessage[] = [];
  attempts = 0;
  answer: () => Promise<void> = async () => undefined;
  readonly channel: Channel;

  constructor(id: string, interactive = true) {
    const reference = { platform: id, chatId: "", messageId: "1" };
    this.channel = {
      id,
      interactive,
      send: async (message) => {
        this.attempts += 1;
        await this.answer();
        this.messages.push(message);
        return reference;
      },
      edit: async () => reference,
      answer: async () => reference,
      start: () => undefined,
      stop: async () => undefined,
    };
  }

  get lines(): readonly string[] {
    return this.messages.flatMap(({ lines }) => lines.map((line) => line.map(({ text }) => text).join("")));
  }
}

const running: Supervised[] = [];
afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));

function make() {
  const clock = new SimulatedClock();
  const log = captureLog();
  const [telegram, discord, console_] = [new Heard("telegram"), new Heard("discord"), new Heard("console")];
  const webhook = new Heard("discord-webhook", false);
  const copy = new AuditCopy({ clock, logger: log.logger });
  running.push(copy.start([telegram, discord, console_, webhook].map(({ channel }) => channel)));
  const settle = () => clock.advance(1);
  return { clock, log, telegram, discord, console: console_, webhook, copy, settle };
}

describe("the audit's copy", () => {
  test("tells who, what and outcome in one line each, where people can answer and the card does not stand", async () => {
    const { telegram, discord, console, webhook, copy, settle } = make();
    copy.hear(CONFIRMED);
    await settle();
    copy.hear({ ...CONFIRMED, what: "executing", detail: "on bot-1" });
    copy.hear({ ...CONFIRMED, what: "verified", detail: "bot-2 leads in term 8" });
    await settle();
    const lines = [
      "▶ bob confirmed failover, bot-1 runs it: pressed the button of the card",
      "✅ failover, confirmed by bob: verified. bot-2 leads in term 8",
    ];
    expect([discord.lines, console.lines]).toEqual([lines, lines]);
    expect([telegram.lines, webhook.lines]).toEqual([[], []]);
    expect(discord.messages.map(({ severity }) => severity)).toEqual(["info", "info"]);
  });

  test("has a line for each end", async () => {
    const { discord, copy, settle } = make();
    for (const [what, who] of [
      ["failed", "bob"],
      ["unknown", "bob"],
      ["expired", "-"],
    ] as const) {
      copy.hear({ ...CONFIRMED, what, who, detail: "why" });
    }
    await settle();
    expect(discord.lines).toEqual([
      "❌ failover, confirmed by bob: failed. why",
      "⚠️ failover, confirmed by bob: unknown. why",
      "⌛ failover: expired. why",
    ]);
  });

  test("of broken glass goes to every channel, critical: also where the card stands, and where nobody can answer", async () => {
    const { telegram, discord, console, webhook, copy, settle } = make();
    copy.hear(BROKEN);
    copy.hear({ ...BROKEN, what: "verified", detail: "done" });
    await settle();
    const loud = "🚨 BREAK-GLASS: bob confirmed failover, bot-1 runs it: break-glass: all others are asleep";
    for (const { lines, messages } of [telegram, discord, console, webhook]) {
      expect(lines).toContain(loud);
      expect(messages[0]?.severity).toBe("critical");
    }
    expect(telegram.lines).toHaveLength(1);
    expect(discord.lines).toHaveLength(2);
  });

  test("leaves out what changed nothing, and what is not about a proposal", async () => {
    const { discord, copy, settle } = make();
    for (const what of ["proposed", "refused", "executing", "cancelled", "superseded"])
      copy.hear({ ...CONFIRMED, what });
    const { proposalId: _none, ...other } = CONFIRMED;
    for (const what of ["acknowledged", "verified"]) copy.hear({ ...other, what });
    await settle();
    expect(discord.lines).toEqual([]);
  });

  test("shows what people and programs wrote as it is, on one line and not too long", async () => {
    const { discord, copy, settle } = make();
    copy.hear({ ...CONFIRMED, what: "failed", detail: `**a**\n\`b\` ${"x".repeat(500)}` });
    await settle();
    const [text = ""] = discord.lines;
    expect(text).toStartWith("❌ failover, confirmed by bob: failed. **a** `b` xxx");
    expect(text).not.toContain("\n");
    expect(text.length).toBeLessThan(230);
  });
});

describe("a channel that does not take it", () => {
  test("holds up neither the writer nor the other channels", async () => {
    const { telegram, discord, console, copy, settle } = make();
    discord.answer = () => new Promise(() => undefined);
    telegram.answer = () => Promise.reject(new Error("away"));
    copy.hear({ ...CONFIRMED, platform: "console" });
    copy.hear({ ...CONFIRMED, platform: "discord" });
    await settle();
    expect(console.lines).toHaveLength(1);
  });

  test("is told once it takes messages again, all that waited in one message", async () => {
    const { clock, discord, copy, settle } = make();
    discord.answer = () => Promise.reject(new Error("away"));
    copy.hear(CONFIRMED);
    await settle();
    for (let turn = 0; turn < 3; turn++) copy.hear({ ...CONFIRMED, what: "verified", detail: String(turn) });
    discord.answer = async () => undefined;
    await clock.advance(5_000);
    await settle();
    expect(discord.messages.map(({ lines }) => lines.length)).toEqual([1, 3]);
  });

  test("keeps a bounded number, broken glass before anything else, and says how many are missing", async () => {
    const { clock, discord, copy, settle } = make();
    let open: () => void = () => undefined;
    discord.answer = () => new Promise((resolve) => (open = resolve));
    copy.hear(CONFIRMED);
    await settle();
    copy.hear(BROKEN);
    for (let turn = 0; turn < 500; turn++) copy.hear({ ...CONFIRMED, what: "verified", detail: `n ${turn}` });
    discord.answer = async () => undefined;
    open();
    for (let look = 0; look < 20; look++) await clock.advance(1);
    expect(discord.lines).toHaveLength(1 + 1 + 50);
    expect(discord.lines[1]).toBe("Lines that were not told here: 451. /audit has them.");
    expect(discord.lines[2]).toContain("BREAK-GLASS");
    expect(discord.lines.at(-1)).toContain("n 499");
    expect(Math.max(...discord.messages.map(({ lines }) => lines.length))).toBeLessThanOrEqual(11);
  });

  test("for good is given up on, said in the log, and the next line says what is missing", async () => {
    const { log, discord, copy, settle } = make();
    const refused = new ChannelError("discord", "no such channel", { retryable: false, nextStep: "." });
    discord.answer = () => Promise.reject(refused);
    copy.hear(CONFIRMED);
    await settle();
    expect(discord.attempts).toBe(1);
    expect(log.matching("copy of the audit was not sent")).toHaveLength(1);
    discord.answer = async () => undefined;
    copy.hear({ ...CONFIRMED, what: "verified" });
    await settle();
    expect(discord.lines[0]).toContain("not told here: 1");
  });
});
