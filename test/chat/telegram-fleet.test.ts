/** Two real agents on real chains, and a team in Telegram: asked, proposed, confirmed, verified, taken over. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decodeBase32, totpAt } from "../../plugins/alerts-chat/src/people/totp.ts";
import {
  type BotMessage,
  TEAM_CHAT_ID,
  TelegramServer,
  type TelegramUser,
} from "../../plugins/alerts-chat/test/support/telegram-server.ts";
import { tellMs } from "../fleet/support/fleet.ts";
import { ChatFleet, TTL_MS } from "./support/chat-fleet.ts";

const alice: TelegramUser = { id: 111, name: "Alice" };
const bob: TelegramUser = { id: 222, name: "Bob" };
const mallory: TelegramUser = { id: 666, name: "Mallory" };
const TOTP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const OPERATORS = `operators:
  - { id: alice, role: approver, telegram: 111, totp: ${TOTP_SECRET} }
  - { id: bob, role: approver, telegram: 222 }
oncall: [alice, bob]
`;
const AUDITED = ["proposed", "confirmed", "executing", "verified", "refused"];
const PATIENCE_MS = 30_000;
const TEST_MS = 90_000;

let telegram: TelegramServer;
let team: ChatFleet;

beforeAll(async () => {
  telegram = TelegramServer.start();
  team = await ChatFleet.start(OPERATORS, {
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
    TELEGRAM_API_ROOT: telegram.apiRoot,
  });
  await until(() => telegram.isPolled);
}, TEST_MS);

afterAll(async () => {
  await team[Symbol.asyncDispose]();
  await telegram.close();
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
      const answers = telegram.messages.filter(
        ({ message_id, text }) => message_id > after && /Healthy|elizaOS\/USD/.test(text ?? ""),
      );
      expect(answers).toHaveLength(2);
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
    "is told of the new leader once, and acts from that alert: its runbook, a step, the confirmation",
    async () => {
      const before = await leader();
      const news = await message((text) => text.includes(`${before} leads (term`), 0);
      expect(telegram.messages.filter(({ text }) => text === news.text)).toHaveLength(1);
      const after = newest();
      telegram.presses(alice, news, "Runbook: Graceful failover");
      const runbook = await message((text) => text.includes("Another agent can take over"), after);
      telegram.presses(alice, runbook, "Failover");
      const card = await message((text) => text.includes(`The lead goes from ${before}`), after);
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
    "has one approver break the glass with a one-time password, which then stands nowhere",
    async () => {
      const before = await leader();
      const to = before === "bot-1" ? "bot-2" : "bot-1";
      const card = await ask(alice, `/force_leader ${to} -- drill`, (text) =>
        text.includes("Force leadership"),
      );
      const typed = /\/break_glass \S+/.exec(card.text ?? "")?.[0];
      const step = Math.floor(Date.now() / 30_000);
      const password = totpAt(decodeBase32(TOTP_SECRET) ?? new Uint8Array(), step);
      const said = telegram.says(alice, `${typed} ${password} all others are asleep`);
      await until(() => cardText(card).includes("verified, confirmed by alice (break-glass)"));
      expect(await leader()).toBe(to);
      await message((text) => text.includes("BREAK-GLASS: alice confirmed force_leader"), card.message_id);
      await until(() => !telegram.stands(said));
      const [confirmed] = team.audited("confirmed").filter(({ detail }) => detail.startsWith("break-glass"));
      expect(confirmed).toMatchObject({ who: "alice", detail: "break-glass: all others are asleep" });
      const written = new RegExp(`\\b${password}\\b`);
      for (const { output } of team.fleet.agents) expect(output).not.toMatch(written);
      for (const what of AUDITED) expect(JSON.stringify(team.audited(what))).not.toMatch(written);
    },
    TEST_MS,
  );

  test(
    "approves a held price at the agent that leads, although another one answers the chat",
    async () => {
      const { answering, other } = team.roles;
      const { net } = team.fleet;
      if ((await leader()) !== other.botId) {
        const card = await ask(alice, `/failover ${other.botId} -- drill`, (text) =>
          text.includes("Graceful"),
        );
        telegram.presses(alice, card, "Confirm");
        await until(() => cardText(card).includes("verified, confirmed by alice"));
      }
      const raised = (net.settings.ethUsd8 * 115n) / 100n;
      await net.feed.setAnswer(raised);
      await answering.line("price-held");
      const card = await ask(alice, "/approve_price -- two exchanges agree", (text) =>
        text.includes("Approve the held price"),
      );
      telegram.presses(alice, card, "Confirm");
      await until(() => cardText(card).includes("verified, confirmed by alice"));
      expect((await net.updates()).at(-1)?.ethUsd8).toBe(raised);
      await until(() => /"reason":"approved".*Oracle updated successfully/.test(other.output));
    },
    TEST_MS,
  );

  test(
    "is answered by the other agent when the one that answers is killed, and no message is lost",
    async () => {
      const { answering } = team.roles;
      await answering.signal("SIGKILL");
      const killedAtMs = performance.now();
      const after = newest();
      telegram.says(alice, "/leader");
      await message((text) => /^bot-\d leads\nterm/.test(text), after);
      const tookMs = performance.now() - killedAtMs;
      tellMs("chat taken over after kill -9 on one host, to the answer", [tookMs], TTL_MS + 4_000);
      expect(tookMs).toBeLessThan(TTL_MS + 4_000);
      expect(telegram.messages.filter(({ message_id }) => message_id > after)).toHaveLength(1);
    },
    TEST_MS,
  );
});
