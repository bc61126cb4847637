/** No registered secret leaves by a channel. Every channel as the agent opens it, each against its service. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret, silentLogger, systemClock } from "@jeju-oracle/kit";
import { CONSOLE_SOCKET, type ConsoleConnection, connectConsole } from "@jeju-oracle/kit/console";
import { type OpenedChannels, openChannels } from "../../src/channels/open-channels.ts";
import { loadChatConfig } from "../../src/chat-env.ts";
import type { Channel, EpisodeNotice } from "../../src/conversation/channel.ts";
import type { InboundMessage } from "../../src/conversation/inbound.ts";
import type { OutboundMessage } from "../../src/conversation/outbound.ts";
import { messageWithoutSecrets } from "../../src/conversation/without-secrets.ts";
import { DISCORD_TOKEN, DiscordServer, TEAM_CHANNEL_ID } from "../support/discord-server.ts";
import { PagerDutyServer, ROUTING_KEY } from "../support/pagerduty-server.ts";
import { TEAM_CHAT_ID, TelegramServer } from "../support/telegram-server.ts";
import { MemoryRecords } from "./telegram/rig.ts";

const SECRET = "5ec4e7-of-the-whole-fleet";
const signal = new AbortController().signal;
const chatLease = { start: () => {}, holds: () => false, holderId: () => "bot-2", reportReachable: () => {} };

const stateDir = mkdtempSync(join(tmpdir(), "no-secrets-"));
let telegram: TelegramServer;
let discord: DiscordServer;
let pagerduty: PagerDutyServer;
let opened: OpenedChannels;
let watching: ConsoleConnection;
const onConsole: unknown[] = [];

beforeAll(async () => {
  new Secret(SECRET);
  chmodSync(stateDir, 0o700);
  telegram = TelegramServer.start();
  discord = DiscordServer.start();
  pagerduty = PagerDutyServer.start();
  opened = openChannels({
    config: loadChatConfig({
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
      TELEGRAM_API_ROOT: telegram.apiRoot,
      DISCORD_BOT_TOKEN: DISCORD_TOKEN,
      DISCORD_CHANNEL_ID: TEAM_CHANNEL_ID,
      DISCORD_API_ROOT: discord.apiRoot,
      DISCORD_WEBHOOK_URL: discord.webhookUrl,
      PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
      PAGERDUTY_EVENTS_URL: pagerduty.url,
    }),
    stateDir,
    botId: "bot-1",
    chatLease,
    records: new MemoryRecords(),
    clock: systemClock,
    logger: silentLogger,
    alerts: { raise: () => undefined, clear: () => undefined },
  });
  for (const channel of opened.channels) channel.start(async () => undefined);
  watching = await connected();
  watching.watch();
});

afterAll(async () => {
  watching.close();
  for (const channel of opened.channels) await channel.stop();
  for (const server of [telegram, discord, pagerduty]) await server.close();
  rmSync(stateDir, { recursive: true });
});

/** The socket is there soon after the channel started. */
async function connected(): Promise<ConsoleConnection> {
  for (let look = 1; ; look++) {
    try {
      return await connectConsole(join(stateDir, CONSOLE_SOCKET), (line) => onConsole.push(line));
    } catch (error) {
      if (look > 500) throw error;
      await Bun.sleep(10);
    }
  }
}

/** Everything that has reached a service or a terminal. */
function arrived(): string {
  const { requests, messages } = telegram;
  return JSON.stringify([
    ...[requests, messages, discord.requests, [...discord.state.messages.values()]],
    ...[pagerduty.events, onConsole],
  ]);
}

const timesSaid = () => arrived().split("still said").length - 1;

const messageWith = (secret: string): OutboundMessage => ({
  lines: [
    [
      { kind: "text", text: `RPC https://rpc.example/${secret} failed` },
      { kind: "bold", text: secret },
    ],
    [{ kind: "code", text: `cast send --private-key ${secret}` }],
    [
      { kind: "bold", text: secret.slice(0, 9) },
      { kind: "text", text: secret.slice(9) },
    ],
    [{ kind: "text", text: "still said" }],
  ],
  buttons: [
    [
      { label: `Set ${secret}`, data: "p:c:1", style: "danger" },
      { label: "Carries it", data: `x:${secret}`, style: "secondary" },
    ],
  ],
  severity: "critical",
  attachment: { name: `${secret}.txt`, text: `calldata ${secret}` },
});

const CHANNELS = ["console", "telegram", "discord", "discord-webhook"] as const;

function channelOf(id: string): Channel {
  const channel = opened.channels.find((one) => one.id === id);
  if (channel === undefined) throw new Error(`there is no channel ${id}`);
  return channel;
}

function questionIn(id: string): InboundMessage {
  const platform = id === "telegram" || id === "discord" ? id : "console";
  const chatId = { telegram: String(TEAM_CHAT_ID), discord: TEAM_CHANNEL_ID, console: "bot-1" }[platform];
  return {
    kind: "message",
    eventId: "1",
    caller: { platform, userId: "1", displayName: "Alice", isBot: false, isAnonymous: false },
    place: { platform, chatId },
    messageId: "1",
    text: "/status",
    sentAtMs: 0,
    isEdit: false,
    isForwarded: false,
  };
}

describe("a secret", () => {
  test("is asked of every channel that the agent opens", () => {
    expect(opened.channels.map(({ id }) => id)).toEqual([...CHANNELS]);
    expect(opened.episodes.map(({ id }) => id)).toEqual(["pagerduty"]);
  });

  test.each(CHANNELS)("in text, button or file is not in what %s sends, edits and answers", async (id) => {
    const channel = channelOf(id);
    const before = timesSaid();
    const sent = await channel.send(messageWith(SECRET), signal);
    await channel.edit(sent, { ...messageWith(SECRET), severity: "resolved" }, signal);
    await channel.answer(questionIn(id), messageWith(SECRET), signal);
    while (timesSaid() < before + 3) await Bun.sleep(5);
    expect(arrived()).toContain("[redacted]");
    expect(arrived()).not.toContain(SECRET);
    // Nor cut in two: what stands on one line is read as one.
    expect(arrived()).not.toContain(SECRET.slice(9));
  });

  test("in an episode is not in what PagerDuty is told, and the episode is the same from its begin to its end", async () => {
    const [channel] = opened.episodes;
    const notice: EpisodeNotice = {
      dedupKey: `rpc-down ${SECRET}`,
      severity: "critical",
      summary: `no answer from ${SECRET}`,
      source: `bot-1 ${SECRET}`,
      details: { [`of ${SECRET}`]: SECRET, nextStep: "look at the log" },
    };
    for (const tell of ["trigger", "acknowledge", "resolve"] as const) await channel![tell](notice, signal);
    expect(arrived()).not.toContain(SECRET);
    expect(pagerduty.events).toHaveLength(3);
    expect([...pagerduty.incidents.values()]).toMatchObject([
      { status: "resolved", payload: { summary: "no answer from [redacted]" } },
    ]);
  });
});

test("a message without a secret goes out as it is, marks and buttons too", () => {
  const message = messageWith("a plain word");
  expect(messageWithoutSecrets(message)).toEqual(message);
});
