import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { ChannelError } from "../../../src/conversation/channel-error.ts";
import { type OutboundMessage, plainLine } from "../../../src/conversation/outbound.ts";
import { serverError, unauthorizedFault } from "../../support/discord-server.ts";
import { card, RequestClock, Rig, says, until } from "./rig.ts";

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.end());

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof ChannelError)) throw new Error(`no ChannelError: ${String(outcome)}`);
  return outcome;
}

describe("what the Discord channel sends", () => {
  test("a message arrives in the team's channel, and the reference names it", async () => {
    const sent = await rig.send(says("**Price** is late"));
    const [message] = rig.server.messages;
    expect(message?.content).toBe("**Price** is late");
    expect(sent).toEqual({
      platform: "discord",
      chatId: message?.channel_id ?? "",
      messageId: message?.id ?? "",
    });
  });

  test("nothing in an alert pings anybody or unfolds a preview", async () => {
    const text = "@everyone look at https://example.com/a_b";
    const sent = await rig.send({ lines: [plainLine(text)] });
    expect(rig.server.messages.map(({ mention_everyone, flags }) => [mention_everyone, flags])).toEqual([
      [false, 4],
    ]);
    await rig.edit(sent, { lines: [plainLine(`${text} @here`)] });
    expect(rig.server.messages.map(({ mention_everyone, flags }) => [mention_everyone, flags])).toEqual([
      [false, 4],
    ]);
    const bodies = rig.server.requests.map(({ body }) => body.allowed_mentions);
    expect(bodies).toEqual([{ parse: [] }, { parse: [] }]);
  });

  test("an info is silent, a critical is not", async () => {
    await rig.send({ ...says("fine"), severity: "info" });
    await rig.send({ ...says("bad"), severity: "critical" });
    expect(rig.server.messages.map(({ flags }) => flags & 4_096)).toEqual([4_096, 0]);
  });

  test("a long message comes in parts, buttons and file on the last, which the reference names", async () => {
    const lines = Array.from({ length: 200 }, (_, n) => plainLine(`line number ${n} of the report`));
    const attachment = { name: "calldata.txt", text: "0xabc" };
    const sent = await rig.send({ ...card, lines, attachment });
    const { messages } = rig.server;
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.map(({ content }) => content).join("\n")).toContain("line number 199 of the report");
    expect(messages.map(({ components }) => components.length)).toEqual([
      ...Array(messages.length - 1).fill(0),
      1,
    ]);
    expect(messages.at(-1)?.files).toEqual([{ name: "calldata.txt", text: "0xabc" }]);
    expect(sent.messageId).toBe(messages.at(-1)?.id ?? "");
  });

  test("a row of more than five buttons becomes two rows; a label that is too long is cut", async () => {
    const buttons = [
      Array.from({ length: 7 }, (_, n) => ({ label: `B${n}`, data: `d${n}`, style: "primary" }) as const),
      [{ label: "x".repeat(100), data: "long", style: "secondary" } as const],
    ];
    await rig.send({ ...says("choose"), buttons });
    const rows = rig.server.messages[0]?.components.map(({ components }) => components.length);
    expect(rows).toEqual([5, 2, 1]);
  });

  test("a button that carries too much, and too many rows, are refused before anything is sent", async () => {
    const button = (data: string) => ({ label: "B", data, style: "primary" }) as const;
    const tooLong = rig.send({ ...says("x"), buttons: [[button("d".repeat(99))]] });
    expect((await failureOf(tooLong)).retryable).toBe(false);
    const rows = Array.from({ length: 6 }, (_, n) => [button(`d${n}`)]);
    expect((await failureOf(rig.send({ ...says("x"), buttons: rows }))).retryable).toBe(false);
    expect(rig.server.requests).toEqual([]);
    await rig.send({ ...says("x"), buttons: [[button("d".repeat(98))]] });
  });

  test("a message without a visible character still arrives", async () => {
    await rig.send(says(" "));
    expect(rig.server.messages[0]?.content).toBe("(no text)");
  });
});

describe("editing on Discord", () => {
  test("replaces text, buttons and file where they stand", async () => {
    const sent = await rig.send({ ...card, attachment: { name: "old.txt", text: "old" } });
    const edited = await rig.edit(sent, says("**Done**"));
    expect(edited).toEqual(sent);
    expect(rig.server.messages).toMatchObject([
      { content: "**Done**", components: [], files: [], isEdited: true },
    ]);
  });

  test("a deleted message is sent again, with its buttons", async () => {
    const sent = await rig.send(card);
    for (const message of rig.server.messages) rig.server.forget(message);
    const edited = await rig.edit(sent, { ...card, lines: [plainLine("again")] });
    expect(edited.messageId).not.toBe(sent.messageId);
    expect(rig.server.messages).toMatchObject([{ id: edited.messageId, content: "again" }]);
    expect(rig.server.messages[0]?.components).toHaveLength(1);
  });

  test("a text that has become too long for one message goes on in further ones", async () => {
    const sent = await rig.send(says("short"));
    const lines = Array.from({ length: 100 }, (_, n) => plainLine(`line number ${n} of the long report`));
    const edited = await rig.edit(sent, { ...card, lines });
    const { messages } = rig.server;
    expect(messages.length).toBe(2);
    expect(messages[0]).toMatchObject({ id: sent.messageId, isEdited: true, components: [] });
    expect(messages[1]?.id).toBe(edited.messageId);
    expect(messages[1]?.components).toHaveLength(1);
  });
});

describe("when Discord fails", () => {
  test("a short rate limit of the route is waited for, and no request comes early", async () => {
    rig.server.fail("createMessage", { kind: "rate-limit", retryAfterS: 0.4 }, 1);
    await Promise.all([rig.send(says("one")), rig.send(says("two"))]);
    expect(rig.server.messages).toHaveLength(2);
    expect(rig.server.tooEarly).toBe(0);
  });

  test("a rate limit of everything holds up the other routes too", async () => {
    const sent = await rig.send(says("one"));
    rig.server.fail("createMessage", { kind: "rate-limit", retryAfterS: 1, isGlobal: true }, 1);
    await Promise.all([rig.send(says("two")), until(() => rig.server.count("createMessage") === 2)]);
    await rig.edit(sent, says("edited"));
    expect(rig.server.tooEarly).toBe(0);
    expect(rig.server.messages.map(({ content }) => content)).toEqual(["edited", "two"]);
  });

  test("a long rate limit is told to whoever keeps the messages, at once and with its time", async () => {
    await rig.send(says("zero"));
    rig.server.fail("createMessage", { kind: "rate-limit", retryAfterS: 60 }, 1);
    const startedAtMs = performance.now();
    const error = await failureOf(rig.send(says("one")));
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
    expect(error.retryable).toBe(true);
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(60_000);
    expect(error.retryAfterMs).toBeLessThan(62_000);
    // discord.js remembers it: the next one does not even try.
    const again = await failureOf(rig.send(says("two")));
    expect(again.retryAfterMs).toBeGreaterThan(50_000);
    expect(rig.server.count("createMessage")).toBe(2);
  });

  test("a 5xx can be retried, and no HTML of it is shown", async () => {
    rig.server.fail("createMessage", serverError);
    const error = await failureOf(rig.send(says("one")));
    expect(error).toMatchObject({ retryable: true });
    expect(error.message).toMatch(/^discord: send a message failed: 502 /);
    expect(error.message).not.toContain("<html>");
    rig.server.heal();
    await rig.send(says("one"));
  });

  test("an answer that is lost does not make two messages of one", async () => {
    await rig.end();
    const clock = new RequestClock();
    rig = new Rig({ clock });
    rig.server.fail("createMessage", { kind: "lose-answer" }, 1);
    const sending = rig.send(says("once"));
    await until(() => rig.server.hanging === 1);
    await clock.advance(10_000);
    await sending;
    expect(rig.server.count("createMessage")).toBe(2);
    expect(rig.server.messages).toHaveLength(1);
  });

  test("a Discord that never answers is given up after 10 s for each of two tries, and can be retried", async () => {
    await rig.end();
    const clock = new RequestClock();
    rig = new Rig({ clock });
    rig.server.fail("createMessage", { kind: "hang" });
    const failing = failureOf(rig.send(says("one")));
    for (const tries of [1, 2]) {
      await until(() => rig.server.count("createMessage") === tries);
      await clock.advance(9_999);
      await clock.advance(1);
    }
    expect(await failing).toMatchObject({ retryable: true });
    await until(() => rig.server.hanging === 0, "the requests to be abandoned");
  });

  test("a caller who gives up ends the request", async () => {
    rig.server.fail("createMessage", { kind: "hang" });
    const controller = new AbortController();
    const failing = failureOf(rig.channel.send(says("one"), controller.signal));
    await until(() => rig.server.hanging === 1);
    controller.abort();
    await failing;
    await until(() => rig.server.hanging === 0);
    expect(rig.server.count("createMessage")).toBe(1);
  });

  test("a Discord that is not there can be retried, and is found when it comes", async () => {
    await rig.server.close();
    expect(await failureOf(rig.send(says("one")))).toMatchObject({ retryable: true });
    rig.server.open();
    await rig.send(says("one"));
    expect(rig.server.messages).toHaveLength(1);
  });

  test("a channel that the bot may not write in is told with what to do, and is no use retrying", async () => {
    rig.server.isMember = false;
    const error = await failureOf(rig.send(says("one")));
    expect(error).toMatchObject({ retryable: false });
    expect(error.nextStep).toContain("Send Messages");
  });

  test("a refused token is said once and raised once; then nothing is sent any more", async () => {
    rig.server.fail("*", unauthorizedFault);
    const attempts = [failureOf(rig.send(says("one"))), failureOf(rig.send(says("two")))];
    await Promise.all(attempts);
    attempts.push(failureOf(rig.send(says("three"))));
    for (const error of await Promise.all(attempts)) {
      expect(error.retryable).toBe(false);
      expect(error.nextStep).toContain("DISCORD_BOT_TOKEN");
    }
    expect(rig.raised).toMatchObject([{ key: "discord-token-refused", severity: "critical" }]);
    expect(rig.log.matching("refuses the bot's token")).toHaveLength(1);
    expect(rig.server.messages).toEqual([]);
    expect(rig.server.requests.length).toBeLessThanOrEqual(2);
  });

  test("no failure carries the bot's token", async () => {
    const message: OutboundMessage = says("one");
    const errors: unknown[] = [];
    for (const fault of [serverError, unauthorizedFault]) {
      rig.server.fail("*", fault);
      errors.push(await failureOf(rig.send(message)));
    }
    const text = errors.map((error) => Bun.inspect(error)).join() + rig.log.lines.join();
    expect(text).not.toContain(rig.server.token);
  });
});
