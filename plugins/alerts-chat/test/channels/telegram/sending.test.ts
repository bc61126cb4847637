import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Inbound, InboundMessage } from "../../../src/conversation/inbound.ts";
import { line, type OutboundMessage, plainLine } from "../../../src/conversation/outbound.ts";
import { serverError, TEAM_CHAT_ID, tooManyRequests } from "../../support/telegram-server.ts";
import { alice, Rig, until } from "./rig.ts";

const SPECIAL = '<b>&amp; *_`~[x](y)|>#+-=.!\\{}" @all /pause \u202e 😀 ü';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.end();
});

const button = (label: string, data = label) => ({ label, data, style: "primary" }) as const;
const send = (message: OutboundMessage) => rig.channel.send(message, rig.signal);
const longText = (lines: number) =>
  Array.from({ length: lines }, (_, index) => plainLine(`${index} ${"x".repeat(90)}`));

describe("a message to the team's chat", () => {
  test("shows text, bold and code, one line each below the other", async () => {
    const reference = await send({ lines: [line("**Held** since `0xabc`"), [], line("two")] });
    const [message] = rig.server.messages;
    expect(message).toMatchObject({
      text: "Held since 0xabc\n\ntwo",
      entities: [
        { type: "bold", offset: 0, length: 4 },
        { type: "code", offset: 11, length: 5 },
      ],
      chat: { id: TEAM_CHAT_ID },
    });
    expect(reference).toEqual({
      platform: "telegram",
      chatId: String(TEAM_CHAT_ID),
      messageId: String(message?.message_id),
    });
  });

  test("shows every special character as it is, in text, bold and code", async () => {
    for (const kind of ["text", "bold", "code"] as const) await send({ lines: [[{ kind, text: SPECIAL }]] });
    expect(rig.server.messages.map(({ text }) => text)).toEqual([SPECIAL, SPECIAL, SPECIAL]);
    expect(rig.server.messages.map(({ entities }) => entities?.[0]?.length)).toEqual([
      undefined,
      SPECIAL.length,
      SPECIAL.length,
    ]);
  });

  test("with half a surrogate pair, or with nothing to show, is delivered all the same", async () => {
    await send({ lines: [plainLine("cut \ud83d")] });
    await send({ lines: [] });
    expect(rig.server.messages.map(({ text }) => text)).toEqual(["cut \ufffd", "(no text)"]);
  });

  test("longer than Telegram takes is split at line ends, buttons on the last part, which is the reference", async () => {
    const lines = longText(120);
    const reference = await send({ lines, buttons: [[button("Confirm")]] });
    const { messages } = rig.server;
    expect(messages.map(({ text }) => text).join("\n")).toBe(lines.map(([span]) => span?.text).join("\n"));
    expect(messages.map(({ reply_markup }) => reply_markup !== undefined)).toEqual([false, false, true]);
    expect(reference.messageId).toBe(String(messages.at(-1)?.message_id));
  });

  test("of exactly 4096 units is one message", async () => {
    await send({ lines: [plainLine("x".repeat(4_096))] });
    expect(rig.server.messages).toHaveLength(1);
  });

  test("carries its buttons row by row, up to 64 bytes each", async () => {
    await send({
      lines: [line("?")],
      buttons: [[button("Yes", "y".repeat(64)), button("No")], [], [button("More")]],
    });
    expect(rig.server.messages[0]?.reply_markup?.inline_keyboard).toEqual([
      [
        { text: "Yes", callback_data: "y".repeat(64) },
        { text: "No", callback_data: "No" },
      ],
      [{ text: "More", callback_data: "More" }],
    ]);
    await expect(
      send({ lines: [line("?")], buttons: [[button("Long", "ü".repeat(33))]] }),
    ).rejects.toMatchObject({
      code: "channel-failed",
      retryable: false,
    });
  });

  test("is silent only when it is information", async () => {
    const severities = ["critical", "warning", "info"] as const;
    for (const severity of severities) await send({ lines: [line(severity)], severity });
    expect(rig.server.messages.map(({ silent }) => silent)).toEqual([false, false, true]);
  });

  test("brings its file as a document below it", async () => {
    const text = '{"calldata":"0x00","note":"ü 😀"}';
    const reference = await send({ lines: [line("Sign this")], attachment: { name: "safe.json", text } });
    const [message, file] = rig.server.messages;
    expect(reference.messageId).toBe(String(message?.message_id));
    expect(file).toMatchObject({
      document: { file_name: "safe.json", text },
      reply_to_message_id: message?.message_id,
    });
  });

  test("needs no chat lease", async () => {
    rig.lease.isHeld = false;
    await send({ lines: [line("alert")] });
    expect(rig.server.messages).toHaveLength(1);
  });

  test("follows a group that became a supergroup, and says what to set", async () => {
    rig.server.upgrade(TEAM_CHAT_ID, -1_009);
    await send({ lines: [line("one")] });
    await send({ lines: [line("two")] });
    expect(rig.server.messages.map(({ chat }) => chat.id)).toEqual([-1_009, -1_009]);
    expect(rig.server.count("sendMessage")).toBe(3);
    expect(rig.log.matching("set TELEGRAM_CHAT_ID")).toHaveLength(1);
  });
});

describe("a message that Telegram does not take", () => {
  test("because of too many: the error says how long to wait", async () => {
    rig.server.fail("sendMessage", tooManyRequests(9));
    await expect(send({ lines: [line("x")] })).rejects.toMatchObject({
      retryable: true,
      retryAfterMs: 9_000,
    });
  });

  test("because of trouble on its side: the error can be retried", async () => {
    rig.server.fail("sendMessage", serverError);
    await expect(send({ lines: [line("x")] })).rejects.toMatchObject({
      retryable: true,
      retryAfterMs: undefined,
    });
  });

  test("because the bot was removed: the error cannot be retried and says what to check", async () => {
    rig.server.kick();
    await expect(send({ lines: [line("x")] })).rejects.toMatchObject({
      retryable: false,
      message: "telegram: sendMessage failed: 403 Forbidden: bot was kicked from the supergroup chat",
      nextStep: expect.stringContaining("TELEGRAM_CHAT_ID"),
    });
  });

  test("in 10 s: the error can be retried, and the request is ended", async () => {
    rig.server.fail("sendMessage", { kind: "hang" });
    const sent = send({ lines: [line("x")] }).catch((error: unknown) => error);
    await rig.server.arrived("sendMessage", 1);
    await rig.clock.advance(10_000);
    expect(await sent).toMatchObject({ code: "channel-failed", retryable: true });
    await until(() => rig.server.hanging === 0);
  });

  test("before its sender gives up: the request is ended", async () => {
    rig.server.fail("sendMessage", { kind: "hang" });
    const controller = new AbortController();
    const sent = rig.channel.send({ lines: [line("x")] }, controller.signal).catch((error: unknown) => error);
    await rig.server.arrived("sendMessage", 1);
    controller.abort();
    expect(await sent).toMatchObject({ code: "channel-failed" });
    await until(() => rig.server.hanging === 0);
  });
});

describe("an edit", () => {
  const card: OutboundMessage = { lines: [line("**Pause?**")], buttons: [[button("Confirm")]] };
  const done: OutboundMessage = { lines: [line("Paused")] };
  const edit = async (reference: Awaited<ReturnType<typeof send>>, message: OutboundMessage) =>
    rig.channel.edit(reference, message, rig.signal);

  test("replaces text and buttons", async () => {
    const reference = await send(card);
    expect(await edit(reference, done)).toEqual(reference);
    expect(rig.server.messages).toHaveLength(1);
    expect(rig.server.messages[0]).toMatchObject({ text: "Paused" });
    expect(rig.server.messages[0]?.reply_markup).toBeUndefined();
  });

  test("that changes nothing is a success", async () => {
    const reference = await send(card);
    expect(await edit(reference, card)).toEqual(reference);
    expect(rig.server.count("editMessageText")).toBe(1);
  });

  test("of what cannot be edited any more, or is gone, is sent again", async () => {
    const locked = await send(card);
    rig.server.lock(rig.server.messages[0]!);
    const again = await edit(locked, done);
    expect(rig.server.messages.map(({ text }) => text)).toEqual(["Pause?", "Paused"]);
    rig.server.forget(rig.server.messages[1]!);
    expect((await edit(again, done)).messageId).not.toBe(again.messageId);
  });

  test("that grew too long goes on in further messages, buttons on the last", async () => {
    const reference = await send(card);
    const after = await edit(reference, { lines: longText(60), buttons: [[button("More")]] });
    const { messages } = rig.server;
    expect(messages.map(({ reply_markup }) => reply_markup !== undefined)).toEqual([false, true]);
    expect(after.messageId).toBe(String(messages[1]?.message_id));
  });

  test("that fails for another reason fails", async () => {
    const reference = await send(card);
    rig.server.fail("editMessageText", serverError);
    await expect(edit(reference, done)).rejects.toMatchObject({ retryable: true });
  });
});

describe("an answer", () => {
  test("is a reply where the person is", async () => {
    rig.listen();
    const said = rig.server.says(alice, "/whoami", { where: "private" });
    await until(() => rig.received.length === 1);
    await rig.channel.answer(rig.received[0] as Inbound, { lines: [line("Alice")] }, rig.signal);
    expect(rig.server.messages[0]).toMatchObject({
      chat: { id: alice.id },
      reply_to_message_id: said.message_id,
    });
  });

  test("to a message that is gone is sent all the same", async () => {
    rig.listen();
    rig.server.says(alice, "/status");
    await until(() => rig.received.length === 1);
    const inbound = { ...rig.received[0], messageId: "99999" } as Inbound;
    await rig.channel.answer(inbound, { lines: [line("ok")] }, rig.signal);
    expect(rig.server.messages).toHaveLength(1);
  });
});

describe("what a person wrote", () => {
  async function written(text: string) {
    rig.listen();
    const said = rig.server.says(alice, text);
    await until(() => rig.received.length === 1);
    return { said, message: rig.received[0] as InboundMessage };
  }

  test("is taken away where the bot may", async () => {
    const { said, message } = await written("/break_glass Kx3_9a 123456 asleep");
    await rig.channel.remove?.(message, rig.signal);
    expect(rig.server.stands(said)).toBe(false);
  });

  test("stays where it may not: the channel says so, and not what was written", async () => {
    rig.server.forbidDeleting();
    const { said, message } = await written("/break_glass Kx3_9a 123456 asleep");
    const error = await rig.channel.remove?.(message, rig.signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "channel-failed", retryable: false });
    expect(String(error)).not.toContain("123456");
    expect(rig.server.stands(said)).toBe(true);
  });
});
