/** Chat services that are not there when a real agent starts: it does its work, and answers soon after they come. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import {
  DISCORD_TOKEN,
  DiscordServer,
  TEAM_CHANNEL_ID,
} from "../../plugins/alerts-chat/test/support/discord-server.ts";
import { TEAM_CHAT_ID, TelegramServer } from "../../plugins/alerts-chat/test/support/telegram-server.ts";
import { Fleet, until } from "../fleet/support/fleet.ts";

const HEARTBEATS_MEANWHILE = 3;
/** After some seconds away nobody waits longer than 16 s before the next try; the rest is a slow machine's. */
const ANSWER_WITHIN_MS = 30_000;
const TEST_MS = 120_000;
const telegramAlice = { id: 111, name: "Alice" };
const discordAlice = { id: "111000000000000111", name: "Alice" };

let net: Localnet;
beforeAll(async () => {
  net = await startLocalnet();
}, TEST_MS);
afterAll(() => net.stop());

test(
  "without Telegram and Discord an agent starts, is healthy and pushes; once they are there it answers within seconds",
  async () => {
    await using opened = new AsyncDisposableStack();
    const telegram = TelegramServer.start();
    const discord = DiscordServer.start();
    const env = {
      UPDATE_INTERVAL_MS: "2000",
      PRICE_POLL_INTERVAL_MS: "500",
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
      TELEGRAM_API_ROOT: telegram.apiRoot,
      DISCORD_BOT_TOKEN: DISCORD_TOKEN,
      DISCORD_CHANNEL_ID: TEAM_CHANNEL_ID,
      DISCORD_API_ROOT: discord.apiRoot,
    };
    await telegram.close();
    await discord.close();
    opened.defer(() => telegram.close());
    opened.defer(() => discord.close());
    const fleet = opened.use(await Fleet.open({ net, bots: ["bot-1"], env }));
    const agent = await fleet.start("bot-1");
    await until("heartbeats land", () => fleet.watch.updates.length >= HEARTBEATS_MEANWHILE);
    await agent.line("Telegram cannot be polled");
    await agent.line("Discord cannot be listened to");
    expect((await agent.health()).status).toBe(200);

    telegram.says(telegramAlice, "/status");
    telegram.open();
    discord.open();
    const cameAtMs = performance.now();
    await until("Telegram is answered", () => telegram.messages.length > 0, ANSWER_WITHIN_MS);
    const telegramMs = performance.now() - cameAtMs;
    expect(telegram.messages[0]?.text).toContain("Healthy");
    const isThere = () => discord.gateway.present > 0 && discord.commands.length > 0;
    await until("Discord is listened to", isThere, ANSWER_WITHIN_MS);
    discord.command(discordAlice, "status");
    await until("Discord is answered", () =>
      discord.privateTo(discordAlice).some(({ content }) => content.includes("Healthy")),
    );
    const discordMs = performance.now() - cameAtMs;
    console.log(
      `MEASURED from the service's return to an answer: Telegram ${(telegramMs / 1000).toFixed(1)} s, Discord ${(discordMs / 1000).toFixed(1)} s`,
    );
  },
  TEST_MS,
);
