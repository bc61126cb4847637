/**
 * Chat services and a store that accept every connection and never answer: the price loop does not wait for them. Two real agents,
 * each on an oracle of its own, run side by side on the same chains: one among hung services, one among services that answer.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import {
  DISCORD_TOKEN,
  DiscordServer,
  TEAM_CHANNEL_ID,
} from "../../plugins/alerts-chat/test/support/discord-server.ts";
import { TEAM_CHAT_ID, TelegramServer } from "../../plugins/alerts-chat/test/support/telegram-server.ts";
import { type CutProxy, startCutProxy } from "../../plugins/leader-lock/test/support/cut-proxy.ts";
import { findEtcd, startEtcdServer } from "../../plugins/leader-lock/test/support/etcd-server.ts";
import { deployOracles, type OwnOracle } from "../../plugins/oracle-updater/test/chain/support/own-oracle.ts";
import type { FleetAgent } from "../fleet/support/agent.ts";
import { Fleet, gapsS, until } from "../fleet/support/fleet.ts";
import { useStore } from "../fleet/support/used-store.ts";
import { CycleTimes, percentile } from "./support/cycle-times.ts";

const HEARTBEAT_S = 2;
const FALLBACK_AFTER_S = 8.5;
/** Seen in one block, sent, and in the next one; blocks tell whole seconds. */
const PUSH_S = 3;
const ADDED_MS = 100;
const ACCELERATED = {
  UPDATE_INTERVAL_MS: String(HEARTBEAT_S * 1_000),
  PRICE_POLL_INTERVAL_MS: "200",
  LEADER_LOCK_TTL_MS: "6000",
  LEADER_LOCK_RENEW_MS: "1000",
  LEADER_LOCK_MARGIN_MS: "1000",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: "400",
  FALLBACK_AFTER_MS: String(FALLBACK_AFTER_S * 1_000),
};
/** A cycle per block of Base: enough of them in a round for a 99th percentile. */
const BASE_BLOCK_MS = 125;
const ROUND_MS = 20_000;
const MEASURED_AT_LEAST = 20;
const SHARES = [0.5, 0.99];
/** What the machine does meanwhile hits one agent or the other by chance; what hung services add, they add in every round. */
const ROUNDS = 3;
const TEST_MS = 150_000;

interface Side {
  readonly fleet: Fleet;
  readonly agent: FleetAgent;
  readonly cycles: CycleTimes;
  readonly telegram: TelegramServer;
  readonly discord: DiscordServer;
  readonly store: CutProxy;
}

describe.skipIf(findEtcd() === null)("hung services", () => {
  const opened = new AsyncDisposableStack();
  let net: Localnet;
  let hung: Side;
  let free: Side;

  beforeAll(async () => {
    net = await startLocalnet({ baseBlockTimeMs: BASE_BLOCK_MS });
    opened.defer(() => net.stop());
    const [first, second] = await deployOracles(net, 2);
    hung = await startSide("hung", first!, (telegram, discord) => {
      telegram.fail("*", { kind: "hang" });
      discord.fail("*", { kind: "hang" });
    });
    free = await startSide("free", second!, () => undefined);
    for (const { agent, fleet } of [hung, free]) {
      await fleet.leader([agent]);
      await fleet.watch.by(agent.botId);
    }
    await until("the other chat is listened to", () => free.telegram.isPolled);
  }, TEST_MS);

  afterAll(() => opened.disposeAsync(), TEST_MS);

  /** An agent with a store and chat services of its own. */
  async function startSide(
    botId: string,
    oracle: OwnOracle,
    prepare: (telegram: TelegramServer, discord: DiscordServer) => void,
  ): Promise<Side> {
    const telegram = TelegramServer.start();
    opened.defer(() => telegram.close());
    const discord = DiscordServer.start();
    opened.defer(() => discord.close());
    prepare(telegram, discord);
    const etcd = await startEtcdServer();
    opened.defer(() => etcd.stop());
    const store = await startCutProxy(etcd.port);
    opened.defer(() => store.close());
    await useStore(`etcd://127.0.0.1:${etcd.port}`);
    const env = {
      ...ACCELERATED,
      LEADER_LOCK_URL: `etcd://127.0.0.1:${store.port}`,
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
      TELEGRAM_API_ROOT: telegram.apiRoot,
      DISCORD_BOT_TOKEN: DISCORD_TOKEN,
      DISCORD_CHANNEL_ID: TEAM_CHANNEL_ID,
      DISCORD_API_ROOT: discord.apiRoot,
      DISCORD_WEBHOOK_URL: discord.webhookUrl,
    };
    const fleet = opened.use(await Fleet.open({ net, oracle, bots: [botId], env }));
    const agent = await fleet.start(botId);
    const cycles = opened.use(await CycleTimes.of(agent));
    return { fleet, agent, cycles, telegram, discord, store };
  }

  /** Rounds in which both run side by side, until one shows no more than {@link ADDED_MS} of difference. */
  async function expectNoAddedLatency(what: string): Promise<void> {
    const told: string[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      hung.cycles.reset();
      free.cycles.reset();
      await Bun.sleep(ROUND_MS);
      const pairs = [
        ["cycle", hung.cycles.looksMs, free.cycles.looksMs],
        ["page", hung.cycles.pagesMs, free.cycles.pagesMs],
      ] as const;
      const addedMs = pairs.flatMap(([of, withHung, without]) => {
        expect(Math.min(withHung.length, without.length)).toBeGreaterThan(MEASURED_AT_LEAST);
        return SHARES.map((share) => {
          const [slow, fast] = [percentile(withHung, share), percentile(without, share)];
          told.push(`${of} p${share * 100}: ${slow.toFixed(1)} against ${fast.toFixed(1)} ms`);
          return slow - fast;
        });
      });
      if (Math.max(...addedMs) >= ADDED_MS) continue;
      const n = pairs.flatMap(([, withHung, without]) => [withHung.length, without.length]);
      console.log(
        `MEASURED with ${what} against without, n ${n}, round ${round}: ${told.slice(-4).join("; ")}`,
      );
      return;
    }
    throw new Error(`a cycle takes over ${ADDED_MS} ms longer with ${what}:\n${told.join("\n")}`);
  }

  test(
    "chat that never answers: every heartbeat lands, and a cycle takes less than 100 ms longer",
    async () => {
      const from = hung.fleet.watch.updates.length - 1;
      await expectNoAddedLatency("hung chat services");
      const gaps = gapsS(hung.fleet.watch.updates.slice(from));
      console.log(`MEASURED chat hung, s between updates: ${gaps}`);
      expect(gaps.length).toBeGreaterThanOrEqual(Math.floor(ROUND_MS / 1_000 / (HEARTBEAT_S + PUSH_S)));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(HEARTBEAT_S + PUSH_S);
      // It was tried, and it hangs.
      expect(hung.telegram.hanging + hung.telegram.abandoned).toBeGreaterThan(0);
      expect(hung.discord.hanging).toBeGreaterThan(0);
      expect((await hung.agent.health()).status).toBe(200);
    },
    TEST_MS,
  );

  test(
    "chat and store that never answer: the price ages no further than the fallback, and a cycle takes less than 100 ms longer",
    async () => {
      const { updates } = hung.fleet.watch;
      const from = updates.length - 1;
      hung.store.hang();
      await hung.agent.line("no longer leads");
      await expectNoAddedLatency("hung chat services and a hung store");
      const gaps = gapsS(updates.slice(from));
      console.log(`MEASURED chat and store hung, s between updates: ${gaps}`);
      expect(gaps.length).toBeGreaterThanOrEqual(2);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(FALLBACK_AFTER_S + PUSH_S);
      expect(await hung.agent.metric("oracle_store_reachable")).toBe(0);
      hung.store.pass();
      await hung.fleet.leader([hung.agent]);
      const resumed = updates.length;
      await until("heartbeats come again", () => updates.length >= resumed + 3);
      expect(Math.max(...gapsS(updates.slice(resumed)))).toBeLessThanOrEqual(HEARTBEAT_S + PUSH_S);
    },
    TEST_MS,
  );
});
