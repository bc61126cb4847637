import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Update } from "telegraf/types";
import { inboundOf } from "../../../src/channels/telegram/inbound-of.ts";
import { line } from "../../../src/conversation/outbound.ts";
import { BOT_NAME, serverError, TEAM_CHAT_ID } from "../../support/telegram-server.ts";
import { alice, Rig, until } from "./rig.ts";

const SENT_AT_MS = 1_700_000_123_000;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.end();
});

async function hear(act: () => void) {
  rig.listen();
  const before = rig.received.length;
  act();
  await until(() => rig.received.length > before);
  return rig.received.at(-1);
}

describe("what people say", () => {
  test("comes with who, where, when and an id of its own", async () => {
    const inbound = await hear(() => rig.server.says(alice, "/status now", { atMs: SENT_AT_MS }));
    expect(inbound).toEqual({
      kind: "message",
      eventId: "900001",
      caller: {
        platform: "telegram",
        userId: "111",
        displayName: "Alice (@alice)",
        isBot: false,
        isAnonymous: false,
      },
      place: { platform: "telegram", chatId: String(TEAM_CHAT_ID) },
      messageId: "1",
      text: "/status now",
      sentAtMs: SENT_AT_MS,
      isEdit: false,
      isForwarded: false,
    });
  });

  test("long ago is handed over with its time: the router judges", async () => {
    expect(await hear(() => rig.server.says(alice, "/pause", { atMs: 1_000 }))).toMatchObject({
      sentAtMs: 1_000,
    });
  });

  test("an edit is known as one", async () => {
    await hear(() => rig.server.edits(rig.server.says(alice, "/status"), "/pause"));
    await until(() => rig.received.length === 2);
    expect(rig.received.map((inbound) => inbound.kind === "message" && inbound.isEdit)).toEqual([
      false,
      true,
    ]);
  });

  test.each([
    ["forwarded", { isForwarded: true }],
    ["put together by another bot", { viaBot: true }],
  ])("a text that was %s is not the sender's own", async (_name, options) => {
    expect(await hear(() => rig.server.says(alice, "/pause", options))).toMatchObject({ isForwarded: true });
  });

  test("an administrator who writes as the group is nobody in particular", async () => {
    expect(await hear(() => rig.server.says(alice, "/pause", { isAnonymous: true }))).toMatchObject({
      caller: { userId: "1087968824", isAnonymous: true, isBot: true },
    });
  });

  test("a bot is known as one", async () => {
    expect(await hear(() => rig.server.says(alice, "/pause", { isBot: true }))).toMatchObject({
      caller: { isBot: true },
    });
  });

  test("a command may carry the bot's name, in any case; one for another bot is not ours", async () => {
    await hear(() => {
      rig.server.says(alice, "/pause@other_bot 10m");
      rig.server.says(alice, `/pause@${BOT_NAME.toUpperCase()} 10m`);
      rig.server.says(alice, `mail me@${BOT_NAME}`);
    });
    await until(() => rig.received.length === 2);
    expect(rig.texts).toEqual(["/pause 10m", `mail me@${BOT_NAME}`]);
  });
});

describe("words in a group", () => {
  const message = (changes: object) =>
    ({
      update_id: 1,
      message: {
        message_id: 7,
        date: 1,
        chat: { id: TEAM_CHAT_ID, type: "supergroup", title: "team" },
        from: { id: alice.id, is_bot: false, first_name: "Alice" },
        text: "lunch?",
        ...changes,
      },
    }) as Update;
  const mentioning = (text: string, name: string) =>
    message({
      text,
      entities: [{ type: "mention", offset: text.indexOf(name), length: name.length }],
    });
  const replyTo = (username: string, is_bot: boolean) =>
    message({
      reply_to_message: { message_id: 6, date: 1, from: { id: 5, is_bot, username, first_name: "x" } },
    });

  test.each([
    ["is said among people", message({}), false],
    ["names us", mentioning(`🙂 @${BOT_NAME} well?`, `@${BOT_NAME}`), undefined],
    [
      "names us in capitals",
      mentioning(`@${BOT_NAME.toUpperCase()} well?`, `@${BOT_NAME.toUpperCase()}`),
      undefined,
    ],
    ["names another", mentioning("@other_bot well?", "@other_bot"), false],
    ["answers us", replyTo(BOT_NAME, true), undefined],
    ["answers another bot", replyTo("other_bot", true), false],
    ["answers a person who took our name", replyTo(BOT_NAME, false), false],
    ["is a command", message({ text: "/status" }), undefined],
    [
      "is said in private",
      message({ chat: { id: alice.id, type: "private", first_name: "Alice" } }),
      undefined,
    ],
  ])("what %s is known as said to us, or not", (_what, update, isAddressed) => {
    const inbound = inboundOf(update, BOT_NAME);
    expect(inbound?.kind === "message" && inbound.isAddressed).toBe(isAddressed as boolean);
  });

  test("do not hold up what is said behind them, whatever is done with them", async () => {
    rig.handler = async (inbound) => {
      if (inbound.kind === "message" && !inbound.text.startsWith("/status"))
        await new Promise(() => undefined);
    };
    await hear(() => {
      rig.server.says(alice, "since when does bot-1 lead?");
      rig.server.says(alice, "/ask since when does bot-1 lead?");
      rig.server.says(alice, "/status");
    });
    await rig.quiet();
    expect(rig.texts).toEqual(["since when does bot-1 lead?", "/ask since when does bot-1 lead?", "/status"]);
  });
});

describe("a press", () => {
  const card = {
    lines: [line("Pause?")],
    buttons: [[{ label: "Confirm", data: "p:c:1", style: "danger" as const }]],
  };

  test("comes with the message that carries the button, and the button stops spinning", async () => {
    const reference = await rig.channel.send(card, rig.signal);
    const inbound = await hear(() => rig.server.presses(alice, rig.server.messages[0]!, "Confirm"));
    expect(inbound).toEqual({
      kind: "press",
      eventId: "900001",
      caller: {
        platform: "telegram",
        userId: "111",
        displayName: "Alice (@alice)",
        isBot: false,
        isAnonymous: false,
      },
      place: { platform: "telegram", chatId: reference.chatId },
      messageId: reference.messageId,
      data: "p:c:1",
    });
    await until(() => rig.server.spinningButtons === 0);
  });

  test("is acknowledged at once, even behind a command that never ends", async () => {
    await rig.channel.send(card, rig.signal);
    rig.handler = () => new Promise(() => undefined);
    await hear(() => {
      rig.server.says(alice, "/slow");
      rig.server.presses(alice, rig.server.messages[0]!, "Confirm");
    });
    await rig.pass(
      500,
      () => rig.server.count("answerCallbackQuery") === 1 && rig.server.spinningButtons === 0,
    );
    expect(rig.received).toHaveLength(1);
  });

  test("whose action takes long holds up what is said behind it for a second and no more", async () => {
    await rig.channel.send(card, rig.signal);
    rig.handler = async (inbound) => {
      if (inbound.kind === "press") await new Promise(() => undefined);
    };
    await hear(() => {
      rig.server.presses(alice, rig.server.messages[0]!, "Confirm");
      rig.server.says(alice, "/status");
    });
    const passedMs = await rig.pass(100, () => rig.received.length === 2);
    expect(passedMs).toBeGreaterThanOrEqual(900);
    expect(passedMs).toBeLessThanOrEqual(1_500);
    await rig.quiet();
  });

  test("counts even when the acknowledgement fails", async () => {
    await rig.channel.send(card, rig.signal);
    rig.server.fail("answerCallbackQuery", serverError);
    expect(await hear(() => rig.server.presses(alice, rig.server.messages[0]!, "Confirm"))).toMatchObject({
      kind: "press",
    });
  });

  test("that some client made up is handed over as it is: the confirmation judges", async () => {
    const inbound = await hear(() =>
      rig.server.forges(alice, { message_id: 77, chat: { id: TEAM_CHAT_ID, type: "supergroup" } }, "p:c:2"),
    );
    expect(inbound).toMatchObject({ kind: "press", messageId: "77", data: "p:c:2" });
  });
});

describe("the menu of commands", () => {
  test("is put up before the first message is handled", async () => {
    rig.channel.registerMenu([{ name: "force_leader", about: "Give the lead to an agent" }]);
    await hear(() => rig.server.says(alice, "/help"));
    expect(rig.server.commands).toEqual([
      { command: "force_leader", description: "Give the lead to an agent" },
    ]);
  });

  test("is tried again after trouble, and left out when Telegram refuses it", async () => {
    rig.channel.registerMenu([{ name: "help", about: "What I know" }]);
    rig.server.fail("setMyCommands", serverError, 1);
    rig.listen();
    await rig.pass(500, () => rig.server.count("getUpdates") === 1);
    expect(rig.server.commands).toHaveLength(1);
    rig.lease.isHeld = false;
    await rig.pass(1_000, () => rig.server.count("getMe") === 2);
    rig.server.fail("setMyCommands", { kind: "refuse", errorCode: 400, description: "Bad Request: LANG" }, 1);
    rig.lease.isHeld = true;
    await rig.pass(1_000, () => rig.server.count("getUpdates") === 2);
    expect(rig.log.matching("does not take the menu")).toHaveLength(1);
  });

  test("refuses what Telegram would refuse", () => {
    expect(() => rig.channel.registerMenu([{ name: "force-leader", about: "x" }])).toThrow("a-z, 0-9 and _");
    expect(() => rig.channel.registerMenu([{ name: "help", about: "" }])).toThrow("description");
    expect(() =>
      rig.channel.registerMenu(
        Array.from({ length: 101 }, (_, index) => ({ name: `c${index}`, about: "x" })),
      ),
    ).toThrow("more commands");
  });
});
