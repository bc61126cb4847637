/** Two real agents on real chains, and a team in Telegram: asked, proposed, confirmed, verified, taken over. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { type SpawnedAgent, spawnCli } from "../../agent/test/support/spawned-agent.ts";
import {
  type BotMessage,
  TEAM_CHAT_ID,
  TelegramServer,
  type TelegramUser,
} from "../../plugins/alerts-chat/test/support/telegram-server.ts";

const alice: TelegramUser = { id: 111, name: "Alice" };
const bob: TelegramUser = { id: 222, name: "Bob" };
const mallory: TelegramUser = { id: 666, name: "Mallory" };
const OPERATORS = `operators:
  - { id: alice, role: approver, telegram: 111 }
  - { id: bob, role: approver, telegram: 222 }
oncall: [alice, bob]
`;
/** Short enough that a takeover does not take half a minute. */
const QUICK_LEASE = {
  LEADER_LOCK_TTL_MS: "5000",
  LEADER_LOCK_RENEW_MS: "1000",
  LEADER_LOCK_MARGIN_MS: "800",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: "500",
};
const TTL_MS = 5_000;
const PATIENCE_MS = 30_000;
const TEST_MS = 90_000;

const directory = mkdtempSync(join(tmpdir(), "chat-fleet-"));
let net: Localnet;
let telegram: TelegramServer;
let agents: SpawnedAgent[];

beforeAll(async () => {
  writeFileSync(join(directory, "operators.yaml"), OPERATORS, { mode: 0o600 });
  telegram = TelegramServer.start();
  net = await startLocalnet({ bots: 2 });
  agents = [0, 1].map((bot) =>
    spawnCli(["run"], {
      ...net.env(bot),
      ...QUICK_LEASE,
      STATE_DIR: join(directory, `bot-${bot + 1}`),
      HEALTH_CHECK_PORT: "0",
      HEALTH_CHECK_HOST: "127.0.0.1",
      LOG_FORMAT: "json",
      OPERATORS_FILE: join(directory, "operators.yaml"),
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
      TELEGRAM_API_ROOT: telegram.apiRoot,
    }),
  );
  for (const agent of agents) await agent.line("Price on chain is current");
  await until(() => telegram.isPolled);
}, TEST_MS);

afterAll(async () => {
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  await telegram.close();
  await net.stop();
  rmSync(directory, { recursive: true });
}, TEST_MS);

async function until(holds: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > endMs) {
      throw new Error(
        `waited in vain; Telegram has:\n${telegram.messages.map(({ text }) => text).join("\n---\n")}`,
      );
    }
    await Bun.sleep(20);
  }
}

/** The first message from now on whose text satisfies `matches`. */
async function message(matches: (text: string) => boolean, after: number): Promise<BotMessage> {
  const found = () =>
    telegram.messages.find(({ message_id, text }) => message_id > after && matches(text ?? ""));
  await until(() => found() !== undefined);
  return found() as BotMessage;
}

const newest = () => Math.max(0, ...telegram.messages.map(({ message_id }) => message_id));

async function ask(
  user: TelegramUser,
  text: string,
  answers: (text: string) => boolean,
): Promise<BotMessage> {
  const after = newest();
  telegram.says(user, text);
  return message(answers, after);
}

async function leader(): Promise<string> {
  const answer = /^(bot-\d) leads\nterm \d+/;
  const { text = "" } = await ask(alice, "/leader", (answered) => answer.test(answered));
  return answer.exec(text)?.[1] ?? "";
}

const cardText = ({ message_id }: BotMessage) =>
  telegram.messages.find((sent) => sent.message_id === message_id)?.text ?? "";

describe("a team in Telegram", () => {
  test(
    "is answered once, by one of the agents",
    async () => {
      const after = newest();
      telegram.says(alice, "/status");
      await message((text) => text.includes("Healthy"), after);
      telegram.says(alice, "/prices");
      await message((text) => text.includes("elizaOS/USD"), after);
      expect(telegram.messages.filter(({ message_id }) => message_id > after)).toHaveLength(2);
    },
    TEST_MS,
  );

  test(
    "proposes a failover, confirms it with one press, and sees it verified in the same card",
    async () => {
      const before = await leader();
      const card = await ask(alice, "/failover -- drill", (text) => text.includes("Graceful failover"));
      expect(card.text).toContain(`The lead goes from ${before}`);
      telegram.presses(alice, card, "Confirm");
      await until(() => cardText(card).includes("verified, confirmed by alice"));
      expect(await leader()).not.toBe(before);
    },
    TEST_MS,
  );

  test(
    "needs two people for what is critical; nobody else counts",
    async () => {
      const before = await leader();
      const to = before === "bot-1" ? "bot-2" : "bot-1";
      const card = await ask(alice, `/force_leader ${to} -- drill`, (text) =>
        text.includes("Force leadership"),
      );
      for (const [person, refusal] of [
        [alice, "second person"],
        [mallory, "not in the operators file"],
      ] as const) {
        const after = newest();
        telegram.presses(person, card, "Confirm");
        await message((text) => text.includes(refusal), after);
      }
      expect(await leader()).toBe(before);
      telegram.presses(bob, card, "Confirm");
      await until(() => cardText(card).includes("verified, confirmed by bob"));
      expect(await leader()).toBe(to);
    },
    TEST_MS,
  );

  test(
    "approves a held price at the agent that leads, although another one answers the chat",
    async () => {
      const answering = agents.findIndex((agent) => agent.output().includes("This agent answers the chats"));
      const leading = 1 - answering;
      const leadingId = `bot-${leading + 1}`;
      if ((await leader()) !== leadingId) {
        const card = await ask(alice, `/failover ${leadingId} -- drill`, (text) => text.includes("Graceful"));
        telegram.presses(alice, card, "Confirm");
        await until(() => cardText(card).includes("verified, confirmed by alice"));
      }
      const raised = (net.settings.ethUsd8 * 115n) / 100n;
      await net.feed.setAnswer(raised);
      await agents[answering]?.line("price-held");
      const card = await ask(alice, "/approve_price -- two exchanges agree", (text) =>
        text.includes("Approve the held price"),
      );
      telegram.presses(alice, card, "Confirm");
      await until(() => cardText(card).includes("verified, confirmed by alice"));
      expect((await net.updates()).at(-1)?.ethUsd8).toBe(raised);
      expect(agents[leading]?.output()).toMatch(/"reason":"approved".*Oracle updated successfully/);
    },
    TEST_MS,
  );

  test(
    "is answered by the other agent when the one that answers is killed, and no message is lost",
    async () => {
      const answering = agents.findIndex((agent) => agent.output().includes("This agent answers the chats"));
      const [killed, other] = [agents[answering], agents[1 - answering]];
      if (killed === undefined || other === undefined) throw new Error("nobody answers");
      process.kill(killed.pid, "SIGKILL");
      const killedAtMs = performance.now();
      const after = newest();
      telegram.says(alice, "/leader");
      await message((text) => /^bot-\d leads\nterm/.test(text), after);
      const tookMs = performance.now() - killedAtMs;
      console.log(
        `chat takeover after kill -9 on one host: ${(tookMs / 1000).toFixed(1)} s (ttl ${TTL_MS / 1000} s)`,
      );
      expect(tookMs).toBeLessThan(TTL_MS + 4_000);
      expect(telegram.messages.filter(({ message_id }) => message_id > after)).toHaveLength(1);
    },
    TEST_MS,
  );
});
