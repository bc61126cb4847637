/** The Discord of our tests refuses what the real one refuses: else a test that passes here says nothing. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Client, Events, GatewayIntentBits, MessageFlags } from "discord.js";
import { alice } from "../channels/discord/rig.ts";
import { BOT_ID, DISCORD_TOKEN, DiscordServer, GUILD_ID, TEAM_CHANNEL_ID } from "./discord-server.ts";

let server: DiscordServer;
beforeEach(() => {
  server = DiscordServer.start();
});
afterEach(() => server.close());

async function post(path: string, body: unknown, method = "POST") {
  const response = await fetch(`${server.apiRoot}/v10${path}`, {
    method,
    headers: {
      authorization: `Bot ${DISCORD_TOKEN}`,
      "content-type": "application/json",
      "user-agent": "DiscordBot (https://example.com, 1)",
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: response.status === 204 ? {} : await response.json() };
}
const send = (body: unknown) => post(`/channels/${TEAM_CHANNEL_ID}/messages`, body);
const button = (custom_id: string) => ({ type: 2, style: 1, label: "B", custom_id });
const row = (...components: unknown[]) => ({ type: 1, components });

describe("the Discord of our tests", () => {
  test("refuses messages that are empty or too long", async () => {
    expect(await send({ content: "x".repeat(2_000) })).toMatchObject({ status: 200 });
    expect(await send({ content: "x".repeat(2_001) })).toMatchObject({ status: 400, body: { code: 50_035 } });
    expect(await send({ content: " " })).toMatchObject({ status: 400, body: { code: 50_006 } });
  });

  test("refuses components of another form than Discord's", async () => {
    const refused = [
      [button("bare")],
      [row()],
      [row(button("x".repeat(101)))],
      [row(button("same"), button("same"))],
      [row(...Array.from({ length: 6 }, (_, n) => button(`b${n}`)))],
      Array.from({ length: 6 }, (_, n) => row(button(`r${n}`))),
      [row({ ...button("a"), label: "x".repeat(81) })],
    ];
    for (const components of refused)
      expect(await send({ content: "x", components })).toMatchObject({ status: 400 });
    expect(await send({ content: "x", components: [row(button("x".repeat(100)))] })).toMatchObject({
      status: 200,
    });
  });

  test("refuses the ephemeral flag on a message in a channel", async () => {
    expect(await send({ content: "x", flags: MessageFlags.Ephemeral })).toMatchObject({ status: 400 });
  });

  test("refuses a wrong token, and lets everybody be pinged where nothing forbids it", async () => {
    expect(await send({ content: "@everyone" })).toMatchObject({ body: { mention_everyone: true } });
    server.token = "another";
    expect(await send({ content: "x" })).toMatchObject({ status: 401 });
  });

  test("takes one message per nonce", async () => {
    const body = { content: "x", nonce: "n", enforce_nonce: true };
    const [first, second] = [await send(body), await send(body)];
    expect(second.body).toEqual(first.body);
    expect(server.messages).toHaveLength(1);
  });

  test("takes a callback once, within 3 s, and of a kind that fits", async () => {
    await send({ content: "x", components: [row(button("a"))] });
    const id = server.messages[0]?.id ?? "";
    const callback = (press: { id: string; token: string }, body: unknown) =>
      post(`/interactions/${press.id}/${press.token}/callback`, body);
    const press = server.press(alice, id, "B");
    expect(await callback(press, { type: 4, data: {} })).toMatchObject({ status: 400 });
    expect(await callback(press, { type: 6 })).toMatchObject({ status: 204 });
    expect(await callback(press, { type: 6 })).toMatchObject({ status: 400, body: { code: 40_060 } });
    const late = server.press(alice, id, "B", { atMs: Date.now() - 3_100 });
    expect(await callback(late, { type: 6 })).toMatchObject({ status: 404, body: { code: 10_062 } });
  });

  test("takes an answer only after the callback", async () => {
    await send({ content: "x", components: [row(button("a"))] });
    const press = server.press(alice, server.messages[0]?.id ?? "", "B");
    const answer = () => post(`/webhooks/${BOT_ID}/${press.token}`, { content: "x", flags: 64 });
    expect(await answer()).toMatchObject({ status: 404 });
    await post(`/interactions/${press.id}/${press.token}/callback`, { type: 6 });
    expect(await answer()).toMatchObject({ status: 200 });
    expect(server.privateTo(alice)).toHaveLength(1);
  });

  test("refuses commands that Discord refuses", async () => {
    const put = (commands: unknown) =>
      post(`/applications/${BOT_ID}/guilds/${GUILD_ID}/commands`, commands, "PUT");
    expect(await put([{ name: "status", description: "x" }])).toMatchObject({ status: 200 });
    expect(await put([{ name: "Status", description: "x" }])).toMatchObject({ status: 400 });
    expect(await put([{ name: "status", description: "" }])).toMatchObject({ status: 400 });
    expect(await put([{ name: "status", description: "x".repeat(101) }])).toMatchObject({ status: 400 });
  });

  test("takes an embed through a webhook, as Alertmanager sends it, and answers 204 without wait", async () => {
    const response = await fetch(server.webhookUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ content: "", embeds: [{ title: "t", description: "d", color: 10_038_562 }] }),
    });
    expect(response.status).toBe(204);
    expect(server.messages).toMatchObject([{ embeds: [{ title: "t", description: "d" }] }]);
  });

  test("is a Discord to discord.js's own Client", async () => {
    const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: server.apiRoot } });
    const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
    const pressed = new Promise((resolve) => client.once(Events.InteractionCreate, resolve));
    await client.login(DISCORD_TOKEN);
    await ready;
    await send({ content: "x", components: [row(button("a"))] });
    server.press(alice, server.messages[0]?.id ?? "", "B");
    expect(await pressed).toMatchObject({ customId: "a", user: { id: alice.id } });
    await client.destroy();
  });
});
