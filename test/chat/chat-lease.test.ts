/**
 * kill -9 of the agent that answers the chat, on another host: nothing but time proves its death. The default profile, ttl 20 s. Each
 * case has a store, an oracle and a team of its own, and they wait side by side.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import {
  TEAM_CHAT_ID,
  TelegramServer,
  type TelegramUser,
} from "../../plugins/alerts-chat/test/support/telegram-server.ts";
import { CHAT_LEASE } from "../../plugins/leader-lock/src/fleet/names.ts";
import { openStore } from "../../plugins/leader-lock/src/stores/open-store.ts";
import { findEtcd, startEtcdServer } from "../../plugins/leader-lock/test/support/etcd-server.ts";
import { findPostgres, startPostgresServer } from "../../plugins/leader-lock/test/support/postgres-server.ts";
import { deployOracles, type OwnOracle } from "../../plugins/oracle-updater/test/chain/support/own-oracle.ts";
import type { FleetAgent } from "../fleet/support/agent.ts";
import { Fleet, tellMs, until } from "../fleet/support/fleet.ts";
import { otherHost } from "../fleet/support/isolation.ts";
import { useStore } from "../fleet/support/used-store.ts";

const TTL_MS = 20_000;
const RENEW_MS = 5_000;
const BOUND_MS = TTL_MS + 4_000;
const OP_TIMEOUT_MS = 3_000;
const PATIENCE_MS = 60_000;
const TEST_MS = 120_000;
const BOTS = ["bot-1", "bot-2", "bot-3"];
const alice: TelegramUser = { id: 111, name: "Alice" };

let net: Localnet;
let oracles: OwnOracle[];
beforeAll(async () => {
  net = await startLocalnet();
  oracles = await deployOracles(net, 3);
}, TEST_MS);
afterAll(() => net.stop());

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

async function startPostgres(): Promise<Server> {
  const server = await startPostgresServer();
  return { url: server.url(), stop: () => server.stop() };
}

async function startEtcd(): Promise<Server> {
  const server = await startEtcdServer();
  return { url: `etcd://127.0.0.1:${server.port}`, stop: () => server.stop() };
}

class Team implements AsyncDisposable {
  readonly telegram: TelegramServer;
  readonly fleet: Fleet;
  readonly #url: string;
  readonly #opened: AsyncDisposableStack;

  private constructor(telegram: TelegramServer, fleet: Fleet, url: string, opened: AsyncDisposableStack) {
    this.telegram = telegram;
    this.fleet = fleet;
    this.#url = url;
    this.#opened = opened;
  }

  static async open(oracle: OwnOracle, start: () => Promise<Server>): Promise<Team> {
    await using opening = new AsyncDisposableStack();
    const telegram = TelegramServer.start();
    opening.defer(() => telegram.close());
    const server = await start();
    opening.defer(() => server.stop());
    await useStore(server.url);
    const env = { LEADER_LOCK_URL: server.url, UPDATE_INTERVAL_MS: "3000", PRICE_POLL_INTERVAL_MS: "1000" };
    const fleet = opening.use(await Fleet.open({ net, oracle, bots: BOTS, env }));
    return new Team(telegram, fleet, server.url, opening.move());
  }

  /** On a host of its own. */
  join(botId: string, env: Readonly<Record<string, string>> = {}): Promise<FleetAgent> {
    return this.fleet.start(botId, { env, wrapper: otherHost! });
  }

  /** On a host of its own, in the team's chat. */
  joinChat(botId: string, env: Readonly<Record<string, string>> = {}): Promise<FleetAgent> {
    return this.join(botId, {
      TELEGRAM_BOT_TOKEN: this.telegram.token,
      TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
      TELEGRAM_API_ROOT: this.telegram.apiRoot,
      ...env,
    });
  }

  /**
   * Kills `holder` right after it has renewed: nobody could have more patience with it. What is said from then on is answered
   * once, and soon enough.
   */
  async expectTakeover(what: string, holder: FleetAgent, survivor: FleetAgent): Promise<void> {
    const { telegram } = this;
    await until("the holder's long poll waits", () => telegram.isPolled, PATIENCE_MS);
    expect(survivor.output).not.toContain("This agent answers the chats");
    await this.#renewed();
    await holder.signal("SIGKILL");
    const killedAtMs = performance.now();
    const inTheGap = [telegram.says(alice, "/whoami"), telegram.says(alice, "/prices")];
    const answers = () =>
      inTheGap.map(({ message_id }) =>
        telegram.messages.filter(({ reply_to_message_id }) => reply_to_message_id === message_id),
      );
    await until(what, () => answers().every(({ length }) => length > 0), PATIENCE_MS);
    const tookMs = performance.now() - killedAtMs;
    tellMs(`chat taken over, ${what}, kill -9 to the answers`, [tookMs], BOUND_MS);
    expect(tookMs).toBeLessThanOrEqual(BOUND_MS);
    // Nothing but time proves the death: the lease was not claimed before it had run out.
    expect(tookMs).toBeGreaterThan(TTL_MS - RENEW_MS);
    expect(survivor.linesWith("This agent answers the chats")).toHaveLength(1);
    await until("what was said is confirmed", () => telegram.unconfirmed.length === 0, PATIENCE_MS);
    expect(answers().map(({ length }) => length)).toEqual([1, 1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  /** Waits for the next renewal of the chat lease. */
  async #renewed(): Promise<void> {
    const clock = systemClock;
    const options = { opTimeoutMs: OP_TIMEOUT_MS, clock, logger: silentLogger };
    const store = await openStore(this.#url, options);
    const version = async () =>
      (await store.read(CHAT_LEASE, AbortSignal.timeout(OP_TIMEOUT_MS)))?.version ?? "none";
    try {
      const before = await version();
      await until("the chat lease is renewed", async () => (await version()) !== before);
    } finally {
      await store.close();
    }
  }
}

const answersTheChat = "This agent answers the chats";

describe.skipIf(otherHost === null || findEtcd() === null)("the chat of a killed agent, over etcd", () => {
  test.concurrent(
    "is answered by a follower within ttl + 4 s, while the leader goes on",
    async () => {
      await using team = await Team.open(oracles[0]!, startEtcd);
      const leader = await team.join("bot-1");
      expect(await team.fleet.leader()).toBe(leader);
      const holder = await team.joinChat("bot-2");
      await holder.line(answersTheChat);
      const follower = await team.joinChat("bot-3");
      await team.expectTakeover("a follower is left", holder, follower);
      expect(await team.fleet.leader()).toBe(leader);
    },
    TEST_MS,
  );
});

describe.skipIf(otherHost === null || findPostgres() === null)(
  "the chat of a killed agent, over PostgreSQL",
  () => {
    test.concurrent(
      "is answered by the leader within ttl + 4 s, when nobody else is left",
      async () => {
        await using team = await Team.open(oracles[1]!, startPostgres);
        const holder = await team.joinChat("bot-2", { LEADER_NOFAILOVER: "true" });
        await holder.line(answersTheChat);
        const leader = await team.joinChat("bot-1");
        expect(await team.fleet.leader()).toBe(leader);
        await team.expectTakeover("the leader is left", holder, leader);
        expect(leader.linesWith("became leader")).toHaveLength(1);
      },
      TEST_MS,
    );

    test.concurrent(
      "is answered within ttl + 4 s by one that takes over the lead as well",
      async () => {
        await using team = await Team.open(oracles[2]!, startPostgres);
        const holder = await team.joinChat("bot-1");
        await holder.line(answersTheChat);
        expect(await team.fleet.leader()).toBe(holder);
        const survivor = await team.joinChat("bot-2");
        await team.expectTakeover("lead and chat go to one", holder, survivor);
        await survivor.line(`Previous leader ${holder.botId} is dead, taking over`);
        expect(await team.fleet.leader()).toBe(survivor);
      },
      TEST_MS,
    );
  },
);
