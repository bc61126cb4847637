import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Secret, systemClock } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { createDiscordWebhookChannel } from "../../../src/channels/discord/index.ts";
import type { Channel } from "../../../src/conversation/channel.ts";
import { ChannelError } from "../../../src/conversation/channel-error.ts";
import { plainLine } from "../../../src/conversation/outbound.ts";
import { DiscordServer, serverError, WEBHOOK_TOKEN } from "../../support/discord-server.ts";
import { card, says, until } from "./rig.ts";

const signal = new AbortController().signal;
let server: DiscordServer;
let channel: Channel;
const channelAt = (url: string, clock = systemClock) =>
  createDiscordWebhookChannel({ url: new Secret(url), clock });
beforeEach(() => {
  server = DiscordServer.start();
  channel = channelAt(server.webhookUrl);
});
afterEach(() => server.close());

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof ChannelError)) throw new Error(`no ChannelError: ${String(outcome)}`);
  return outcome;
}

describe("a Discord webhook", () => {
  test("is send-only and gets messages without a bot's token, with a reference to edit them by", async () => {
    expect([channel.id, channel.interactive]).toEqual(["discord-webhook", false]);
    const sent = await channel.send(says("**late** @everyone"), signal);
    expect(server.messages).toMatchObject([
      { id: sent.messageId, content: "**late** \\@everyone", mention_everyone: false },
    ]);
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([null]);
    expect(sent.platform).toBe("discord-webhook");
    const edited = await channel.edit(sent, says("resolved"), signal);
    expect(edited).toEqual(sent);
    expect(server.messages).toMatchObject([{ content: "resolved", isEdited: true }]);
  });

  test("works when its URL names a thread or ends in a slash", async () => {
    await channelAt(`${server.webhookUrl}/?thread_id=7`).send(says("hello"), signal);
    expect(server.messages).toHaveLength(1);
  });

  test("shows no buttons, and a file as code", async () => {
    await channel.send({ ...card, attachment: { name: "calldata.txt", text: "0xabc\n0xdef" } }, signal);
    expect(server.messages).toMatchObject([{ components: [], files: [] }]);
    expect(server.messages[0]?.content).toEndWith("\n`0xabc`\n`0xdef`");
  });

  test("gets a long message in parts", async () => {
    const lines = Array.from({ length: 200 }, (_, n) => plainLine(`line number ${n} of the long report`));
    const sent = await channel.send({ lines }, signal);
    expect(server.messages.length).toBeGreaterThan(2);
    expect(server.messages.at(-1)?.id).toBe(sent.messageId);
  });

  test("a deleted message is sent again", async () => {
    const sent = await channel.send(says("one"), signal);
    for (const message of server.messages) server.forget(message);
    const edited = await channel.edit(sent, says("two"), signal);
    expect(server.messages).toMatchObject([{ id: edited.messageId, content: "two" }]);
  });

  test("a rate limit is told with its time, to the millisecond", async () => {
    server.fail("executeWebhook", { kind: "rate-limit", retryAfterS: 1.337 }, 1);
    const error = await failureOf(channel.send(says("one"), signal));
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 1_337 });
  });

  test("a webhook that was deleted is no use retrying, and the error says what to do", async () => {
    const sent = await channel.send(says("one"), signal);
    server.hasWebhook = false;
    // One after the other: a promise that fails while nobody awaits it fails the test.
    for (const work of [
      () => channel.send(says("two"), signal),
      () => channel.edit(sent, says("two"), signal),
    ]) {
      const error = await failureOf(work());
      expect(error.retryable).toBe(false);
      expect(error.message).toContain("404 Unknown Webhook");
      expect(error.nextStep).toContain("DISCORD_WEBHOOK_URL");
    }
  });

  test("a 5xx, and a host that is not there, can be retried", async () => {
    server.fail("executeWebhook", serverError, 1);
    expect(await failureOf(channel.send(says("one"), signal))).toMatchObject({ retryable: true });
    await server.close();
    expect(await failureOf(channel.send(says("one"), signal))).toMatchObject({ retryable: true });
    server.open();
    await channel.send(says("one"), signal);
  });

  test("no answer within 10 s is given up", async () => {
    const clock = new SimulatedClock();
    server.fail("executeWebhook", { kind: "hang" });
    const failing = failureOf(channelAt(server.webhookUrl, clock).send(says("one"), signal));
    await until(() => server.hanging === 1);
    await clock.advance(10_000);
    expect(await failing).toMatchObject({ retryable: true });
    await until(() => server.hanging === 0);
  });

  test("no error carries the URL", async () => {
    const errors: unknown[] = [];
    for (const fault of [serverError, { kind: "status", status: 404 } as const]) {
      server.fail("executeWebhook", fault, 1);
      errors.push(await failureOf(channel.send(says("one"), signal)));
    }
    server.hasWebhook = false;
    errors.push(await failureOf(channel.send(says("one"), signal)));
    await server.close();
    errors.push(await failureOf(channel.send(says("one"), signal)));
    errors.push(
      await failureOf(channelAt(`http://127.0.0.1:1/webhooks/1/${WEBHOOK_TOKEN}`).send(says("x"), signal)),
    );
    const text = errors.map((error) => Bun.inspect(error)).join("\n");
    expect(text).not.toContain(WEBHOOK_TOKEN);
    expect(text).not.toContain("/webhooks/");
    server.open();
  });
});
