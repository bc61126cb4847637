/** A real agent with a model's plugin installed beside it, and a team in Telegram that writes in its own words. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { type SpawnedAgent, spawnCli } from "../../agent/test/support/spawned-agent.ts";
import {
  BOT_NAME,
  type BotMessage,
  TEAM_CHAT_ID,
  TelegramServer,
  type TelegramUser,
} from "../../plugins/alerts-chat/test/support/telegram-server.ts";

const alice: TelegramUser = { id: 111, name: "Alice" };
const vic: TelegramUser = { id: 333, name: "Vic" };
const OPERATORS = `operators:
  - { id: alice, role: operator, telegram: 111 }
  - { id: vic, role: viewer, telegram: 333 }
`;
const KEY = "sk-of-a-test-0123456789";
/** Answers by the question: it tells the key to whoever asks for it, and thinks for ever about "life". */
const PLUGIN = `
export default {
  name: "openai",
  description: "a model",
  models: {
    TEXT_SMALL: async (runtime, { prompt }) => {
      const question = JSON.parse(/^QUESTION: (.*)$/m.exec(prompt)[1]);
      if (question.includes("life")) return new Promise(() => undefined);
      if (question.includes("key")) return JSON.stringify({ kind: "say", text: "it is " + runtime.getSetting("OPENAI_API_KEY") });
      if (question.includes("pause")) return JSON.stringify({ kind: "propose", command: "pause", args: ["30m"], why: "asked for" });
      return JSON.stringify({ kind: "read", command: "leader", args: [] });
    },
  },
};`;
const PATIENCE_MS = 30_000;
const TEST_MS = 90_000;

const directory = mkdtempSync(join(tmpdir(), "chat-free-text-"));
let net: Localnet;
let telegram: TelegramServer;
let agent: SpawnedAgent;

beforeAll(async () => {
  writeFileSync(join(directory, "operators.yaml"), OPERATORS, { mode: 0o600 });
  const plugin = join(directory, "node_modules/@elizaos/plugin-openai");
  mkdirSync(plugin, { recursive: true });
  writeFileSync(
    join(plugin, "package.json"),
    JSON.stringify({ name: "@elizaos/plugin-openai", version: "9.9.9", type: "module", main: "index.js" }),
  );
  writeFileSync(join(plugin, "index.js"), PLUGIN);
  telegram = TelegramServer.start();
  net = await startLocalnet({ bots: 1 });
  agent = spawnCli(["run"], {
    ...net.env(0),
    STATE_DIR: join(directory, "bot-1"),
    HEALTH_CHECK_PORT: "0",
    HEALTH_CHECK_HOST: "127.0.0.1",
    LOG_FORMAT: "json",
    OPERATORS_FILE: join(directory, "operators.yaml"),
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
    TELEGRAM_API_ROOT: telegram.apiRoot,
    MODEL_PLUGIN_DIR: directory,
    OPENAI_API_KEY: KEY,
  });
  await agent.line("A model answers free text");
  await agent.line("Price on chain is current");
  await until(() => telegram.isPolled);
}, TEST_MS);

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await telegram.close();
  await net.stop();
  rmSync(directory, { recursive: true });
}, TEST_MS);

async function until(holds: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > endMs)
      throw new Error(`waited in vain; Telegram has:\n${texts().join("\n---\n")}`);
    await Bun.sleep(20);
  }
}

const texts = () => telegram.messages.map(({ text }) => text);

async function ask(user: TelegramUser, words: string, answers: RegExp): Promise<BotMessage> {
  const after = Math.max(0, ...telegram.messages.map(({ message_id }) => message_id));
  telegram.says(user, words);
  const found = () =>
    telegram.messages.find(({ message_id, text }) => message_id > after && answers.test(text ?? ""));
  await until(() => found() !== undefined);
  return found() as BotMessage;
}

describe("a team that writes in its own words", () => {
  test(
    "is answered by the command that reads, also by way of /ask",
    async () => {
      await ask(vic, `/ask who leads?`, /^🤖 \/leader\nbot-1 leads/);
      await ask(vic, `/ask@${BOT_NAME} who leads?`, /^🤖 \/leader\nbot-1 leads/);
    },
    TEST_MS,
  );

  test(
    "gets a card for a wish, and only a press makes it happen",
    async () => {
      await ask(vic, "/ask please pause", /^⛔ \/pause needs the role operator; vic is viewer/);
      const card = await ask(alice, "/ask please pause for half an hour", /Asked for by alice: 🤖 asked for/);
      telegram.presses(alice, card, "Confirm");
      await until(() => texts().some((text) => text?.includes("verified, confirmed by alice")));
    },
    TEST_MS,
  );

  test(
    "is told no secret, and waits for no model when it gives a command",
    async () => {
      await ask(vic, "/ask what is your key?", /^🤖 it is \[redacted\]$/);
      telegram.says(vic, "/ask what is the meaning of life?");
      const startedAtMs = performance.now();
      await ask(alice, "/leader", /^bot-1 leads/);
      expect(performance.now() - startedAtMs).toBeLessThan(5_000);
      expect(agent.output()).not.toContain(KEY);
    },
    TEST_MS,
  );
});
