/**
 * G5 with two hosts and a store between them: each alert is told once; when the one that tells is killed, the other goes on and knows
 * what was told; while the store is away each tells what it sees and names itself.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import {
  type BotMessage,
  TEAM_CHAT_ID,
  TelegramServer,
} from "../../plugins/alerts-chat/test/support/telegram-server.ts";
import {
  type EtcdServer,
  findEtcd,
  startEtcdServer,
} from "../../plugins/leader-lock/test/support/etcd-server.ts";
import type { FleetAgent } from "../fleet/support/agent.ts";
import { Fleet, until } from "../fleet/support/fleet.ts";
import { useStore } from "../fleet/support/used-store.ts";
import { type OutsideAlert, postUntilTaken, webhookBody } from "./support/alertmanager-post.ts";

const TOKEN = "a-token-of-the-alertmanager";
const TEST_MS = 120_000;
const PATIENCE_MS = 40_000;
const REJECTED = "OracleSourceRejected";
const ENOUGH_WEI = 10n ** 20n;
const TOO_LITTLE_WEI = 5n * 10n ** 15n;
const QUICK = {
  LEADER_LOCK_TTL_MS: "6000",
  LEADER_LOCK_RENEW_MS: "1000",
  LEADER_LOCK_MARGIN_MS: "1000",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: "400",
  PRICE_POLL_INTERVAL_MS: "1000",
};

let net: Localnet;
let telegram: TelegramServer;
let etcd: EtcdServer;
let fleet: Fleet;

const setWallet = (value: bigint) => net.jeju.client.setBalance({ address: net.keys.updater.address, value });
const told = (text: string): readonly BotMessage[] =>
  telegram.messages.filter((message) => message.text?.includes(text) === true);
const walletMessages = () => told("OracleLowWalletBalance");

describe.skipIf(findEtcd() === null)("two hosts", () => {
  beforeAll(async () => {
    telegram = TelegramServer.start();
    etcd = await startEtcdServer();
    const storeUrl = etcd.gatewayUrl.replace("http:", "etcd:");
    await useStore(storeUrl);
    net = await startLocalnet();
    fleet = await Fleet.open({
      net,
      bots: ["bot-1", "bot-2"],
      env: {
        ...QUICK,
        LEADER_LOCK_URL: storeUrl,
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
        TELEGRAM_API_ROOT: telegram.apiRoot,
        ALERTMANAGER_TOKEN: TOKEN,
      },
    });
    for (const botId of ["bot-1", "bot-2"]) await fleet.start(botId);
    await until("one of them answers the chat", () => answering() !== undefined, PATIENCE_MS);
  }, TEST_MS);

  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
    await net.stop();
    await etcd.stop();
    await telegram.close();
  }, TEST_MS);

  test(
    "tell once what both see, and edit it when it is over",
    async () => {
      await net.feed.setAnswer(0n);
      await until("it is told", () => told(REJECTED).length > 0, PATIENCE_MS);
      await until("both see it", bothReject, PATIENCE_MS);
      await net.feed.setAnswer(net.settings.ethUsd8);
      await until("it is over", () => /is over/.test(told(REJECTED)[0]?.text ?? ""), PATIENCE_MS);
      expect(told(REJECTED)).toHaveLength(1);
    },
    TEST_MS,
  );

  test(
    "pass the telling on: whoever is left knows what was told, and edits the message of the dead one",
    async () => {
      const outside: OutsideAlert = {
        name: "DiskFull",
        severity: "critical",
        summary: "the disk of the store is full",
      };
      await until("one of them answers the chat", () => answering() !== undefined, PATIENCE_MS);
      const teller = answering();
      const other = fleet.agents.find((agent) => agent !== teller);
      if (teller === undefined || other === undefined) throw new Error("nobody answers the chat");
      const before = await noted(teller);
      for (const agent of fleet.agents) await post(agent, outside, "firing");
      // Killed before it noted the message's number, it would take the number with it; see alerts-storm.test.ts.
      await until(
        "it is told and noted",
        async () =>
          told(outside.summary).length > 0 && (await noted(teller)) > before && (await untold(teller)) === 0,
        PATIENCE_MS,
      );
      await teller.killHard();
      await post(other, outside, "resolved");
      await until(
        "the other edits it",
        () => /is over/.test(told(outside.summary)[0]?.text ?? ""),
        PATIENCE_MS,
      );
      expect(told(outside.summary)).toHaveLength(1);
      const second: OutsideAlert = { ...outside, name: "DiskSlow", summary: "the disk is slow" };
      await post(other, second, "firing");
      await until("the other tells", () => told(second.summary).length > 0, PATIENCE_MS);
      await fleet.start(teller.botId);
      await until("both are there", () => fleet.agents.filter(({ alive }) => alive).length === 2);
      expect(told(second.summary)).toHaveLength(1);
    },
    TEST_MS,
  );

  test(
    "without a store each tells what it sees and names itself; with it again nothing is told twice",
    async () => {
      const before = walletMessages().length;
      await etcd.kill();
      await setWallet(TOO_LITTLE_WEI);
      const alone = (botId: string) =>
        told(`told by ${botId} alone`).filter(({ text }) => text?.includes("OracleLowWallet"));
      await until("each tells it", () => alone("bot-1").length > 0 && alone("bot-2").length > 0, PATIENCE_MS);
      await etcd.start();
      await until("one of them answers the chat", () => answering() !== undefined, PATIENCE_MS);
      await setWallet(ENOUGH_WEI);
      await until(
        "both messages show the end",
        () =>
          walletMessages()
            .slice(before)
            .every(({ text }) => /is over/.test(text ?? "")),
        PATIENCE_MS,
      );
      expect(walletMessages().slice(before)).toHaveLength(2);
    },
    TEST_MS,
  );
});

/** How many messages an agent has sent and noted in the store. */
async function noted(agent: FleetAgent): Promise<number> {
  return (await agent.metric("oracle_alert_deliveries_total", 'channel="telegram",outcome="told"')) ?? 0;
}

async function untold(agent: FleetAgent): Promise<number | undefined> {
  return await agent.metric("oracle_alerts_undelivered", 'channel="telegram"');
}

function bothReject(): boolean {
  return fleet.agents.every(({ output }) => output.includes("Alert raised: The sources are not used"));
}

/** The agent that holds the chat lease, by its log. */
function answering(): FleetAgent | undefined {
  const living = fleet.agents.filter(({ alive }) => alive);
  const holders = living.filter(({ output }) => {
    return (
      output.lastIndexOf("This agent answers the chats") > output.lastIndexOf("no longer answers the chats")
    );
  });
  return holders.length === 1 ? holders[0] : undefined;
}

async function post(agent: FleetAgent, alert: OutsideAlert, status: "firing" | "resolved"): Promise<void> {
  const url = await agent.url();
  await postUntilTaken(() => url, TOKEN, webhookBody([alert], status), PATIENCE_MS);
}
