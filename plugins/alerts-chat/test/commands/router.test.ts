import { describe, expect, test } from "bun:test";
import { BaseError } from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import type { Command } from "../../src/commands/command.ts";
import { COMMANDS } from "../../src/commands/index.ts";
import { Router } from "../../src/commands/router.ts";
import { freeTextOf } from "../../src/conversation/free-text-of.ts";
import type { InboundMessage } from "../../src/conversation/inbound.ts";
import type { OutboundMessage } from "../../src/conversation/outbound.ts";
import { createPeople } from "../../src/people/operators-file.ts";
import type { Role } from "../../src/people/people.ts";

const person = (id: string, role: Role, telegram: string) =>
  ({ id, role, telegram, discord: undefined, totp: undefined }) as const;
const people = createPeople(
  [person("vic", "viewer", "1"), person("ola", "operator", "2"), person("ann", "approver", "3")],
  [],
);

function setUp(
  run: (command: Command, args: readonly string[]) => Promise<OutboundMessage | undefined> = async () =>
    undefined,
) {
  const clock = new SimulatedClock();
  const ran: string[] = [];
  const refused: string[] = [];
  const router = new Router({
    commands: COMMANDS,
    run: async (command, args) => {
      ran.push([command.name, ...args].join(" "));
      return run(command, args);
    },
    people,
    clock,
    logger: captureLog().logger,
    refused: (who, command) => refused.push(`${who} ${command}`),
  });
  const says = (userId: string, text: string, more: Partial<InboundMessage> = {}) =>
    router.answer({
      kind: "message",
      eventId: crypto.randomUUID(),
      caller: { platform: "telegram", userId, displayName: "somebody", isBot: false, isAnonymous: false },
      place: { platform: "telegram", chatId: "-100" },
      messageId: "1",
      text,
      sentAtMs: clock.wallMs(),
      isEdit: false,
      isForwarded: false,
      ...more,
    });
  return { clock, ran, refused, says };
}

const textOf = (message: OutboundMessage | undefined) =>
  message?.lines.map((spans) => spans.map(({ text }) => text).join("")).join("\n");

describe("the router", () => {
  test("runs the command that is named, with its arguments, also as /name@bot and in capitals", async () => {
    const { says, ran } = setUp();
    await says("2", "/failover bot-2 -- drill");
    await says("2", "/Status@oracle_bot");
    expect(ran).toEqual(["failover bot-2 -- drill", "status"]);
  });

  test("runs nothing for a part of a name, and suggests what was probably meant", async () => {
    const { says, ran } = setUp();
    expect(textOf(await says("2", "/statsu"))).toContain("Did you mean /status?");
    expect(textOf(await says("2", "/fail"))).toContain("/failover");
    expect(textOf(await says("2", "/zzzzzzzzzz"))).toContain("/help lists what there is.");
    expect(ran).toEqual([]);
  });

  test("takes an edit, a forwarded text and a sentence for words, not for orders", async () => {
    const { says, ran } = setUp();
    expect(await says("3", "/pause", { isEdit: true })).toBeUndefined();
    expect(await says("3", "/pause", { isForwarded: true })).toBeUndefined();
    expect(await says("3", "please /pause the fleet")).toBeUndefined();
    expect(ran).toEqual([]);
  });

  test("lets everybody read, and only people in the file with the role change something", async () => {
    const { says, ran, refused } = setUp();
    await says("99", "/status");
    expect(textOf(await says("99", "/pause"))).toContain("you are not in the operators file");
    expect(textOf(await says("1", "/pause"))).toContain("needs the role operator; vic is viewer");
    expect(textOf(await says("2", "/force_leader bot-2"))).toContain(
      "needs the role approver; ola is operator",
    );
    await says("3", "/force_leader bot-2");
    expect(ran).toEqual(["status", "force_leader bot-2"]);
    expect(refused).toEqual(["telegram:99 pause", "vic pause", "ola force_leader"]);
  });

  test("answers somebody without rights five times a minute, counts every time, and then again", async () => {
    const { says, refused, clock } = setUp();
    const answered = async () => (await says("99", "/pause"))?.lines.length !== 0;
    const answers: boolean[] = [];
    for (let time = 0; time < 7; time++) answers.push(await answered());
    expect(answers).toEqual([true, true, true, true, true, false, false]);
    expect(refused).toHaveLength(7);
    await clock.advance(60_000);
    expect(await answered()).toBe(true);
  });

  test("refuses an order that is older than a minute; a question may be old", async () => {
    const { says, ran, clock } = setUp();
    const sentAtMs = clock.wallMs() - 60_001;
    expect(textOf(await says("3", "/pause", { sentAtMs }))).toContain("older than a minute");
    await says("3", "/status", { sentAtMs });
    expect(ran).toEqual(["status"]);
  });

  test("answers a typed failure with what to do next, and any other without its inside", async () => {
    const typed = new BaseError("no price is held", {
      code: "x",
      retryable: true,
      nextStep: "Look at /prices.",
    });
    expect(textOf(await setUp(async () => Promise.reject(typed)).says("3", "/status"))).toBe(
      "❌ no price is held\nLook at /prices.",
    );
    const defect = setUp(async () => Promise.reject(new TypeError("x is undefined")));
    expect(textOf(await defect.says("3", "/status"))).toBe("/status failed. The log of this agent says why.");
  });
});

describe("free text", () => {
  test.each([
    ["bot-1 leads?", "bot-1 leads?"],
    ["  line\nline  ", "line\nline"],
    ["/ask who leads?", "who leads?"],
    ["/ASK@oracle_bot who\nleads?", "who\nleads?"],
    ["/ask", ""],
    ["/asking who", undefined],
    ["/status who", undefined],
    ["/", undefined],
  ])("of %p is %p", (text, words) => {
    expect(freeTextOf(text)).toBe(words as string);
  });
});

describe("the commands", () => {
  test("have names that Telegram and Discord allow, no two alike", () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(names.filter((name) => !/^[a-z][a-z0-9_]{0,31}$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test("that change something are never a viewer's", () => {
    expect(COMMANDS.filter(({ changes, role }) => changes && role === "viewer")).toEqual([]);
  });

  test("tell their usage and an example that begins with their name", () => {
    for (const { name, usage, example } of COMMANDS) {
      expect([usage, example].every((text) => text.startsWith(`/${name}`))).toBe(true);
    }
  });
});
