/**
 * The store away for many times as long as an agent waits before it pushes without a leader. Accelerated: ten minutes at the
 * default settings (5 minutes between heartbeats, fallback after 330 s) see two such pushes, these tests see about five.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { openFleetOffice } from "@jeju-oracle/plugin-leader-lock";
import { findEtcd, startEtcdServer } from "../../plugins/leader-lock/test/support/etcd-server.ts";
import { findPostgres, startPostgresServer } from "../../plugins/leader-lock/test/support/postgres-server.ts";
import { deployOracles, type OwnOracle } from "../../plugins/oracle-updater/test/chain/support/own-oracle.ts";
import { FeedSwing, Fleet, gapsS, until } from "./support/fleet.ts";
import { useStore } from "./support/used-store.ts";

const HEARTBEAT_S = 2;
const TTL_MS = 6_000;
const FALLBACK_AFTER_S = 8.5;
const RANK_OFFSET_S = 4;
/** Seen in one block, sent, and in the next one; blocks tell whole seconds. */
const PUSH_S = 3;
const OUTAGE_MS = 60_000;
const PAUSED_OUTAGE_MS = 40_000;
const BOTS = ["bot-1", "bot-2"];

const ACCELERATED = {
  UPDATE_INTERVAL_MS: String(HEARTBEAT_S * 1_000),
  PRICE_POLL_INTERVAL_MS: "500",
  LEADER_LOCK_TTL_MS: String(TTL_MS),
  LEADER_LOCK_RENEW_MS: "1000",
  LEADER_LOCK_MARGIN_MS: "1000",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: "400",
  FALLBACK_AFTER_MS: String(FALLBACK_AFTER_S * 1_000),
  FALLBACK_RANK_OFFSET_MS: String(RANK_OFFSET_S * 1_000),
};

let net: Localnet;
let oracles: OwnOracle[];
beforeAll(async () => {
  net = await startLocalnet();
  oracles = await deployOracles(net, 3);
});
afterAll(() => net.stop());

describe.skipIf(findPostgres() === null)("PostgreSQL", () => {
  test.concurrent("store away: the price ages no further than the fallback, one agent pushes, then the next one; then one leads again", async () => {
    const server = await startPostgresServer();
    try {
      await useStore(server.url());
      const env = { ...ACCELERATED, LEADER_LOCK_URL: server.url() };
      await using fleet = await Fleet.open({ net, oracle: oracles[0]!, bots: BOTS, env });
      for (const botId of BOTS) await fleet.start(botId);
      const leader = await fleet.leader();
      const { updates } = fleet.watch;
      await until("heartbeats come", () => updates.length >= 3);
      await until("they know each other", async () => {
        const alive = await Promise.all(
          fleet.agents.map((agent) => agent.metric("oracle_fleet_members_alive")),
        );
        return alive.every((count) => count === BOTS.length);
      });

      server.freeze();
      const from = updates.length - 1;
      await Bun.sleep(OUTAGE_MS / 2);
      for (const agent of fleet.agents) {
        expect(await agent.metric("oracle_is_leader")).toBe(0);
        expect(await agent.metric("oracle_store_reachable")).toBe(0);
      }
      expect(leader.output).toContain("no longer leads");
      // The one whose turn it is falls away, too.
      const pusher = fleet.agents.find(({ botId }) => botId === updates.at(-1)!.botId)!;
      const other = fleet.agents.find((agent) => agent !== pusher)!;
      const changedAt = updates.length;
      await pusher.killHard();
      await Bun.sleep(OUTAGE_MS / 2);
      const during = updates.slice(from);
      server.thaw();
      const returnedAtMs = performance.now();
      await until("one leads again", async () => (await other.metric("oracle_is_leader")) === 1);
      const back = performance.now() - returnedAtMs;
      console.log(`MEASURED store back to a leader: ${Math.round(back)} ms, bound ${TTL_MS + 4_000} ms`);
      expect(back).toBeLessThanOrEqual(TTL_MS + 4_000);

      const gaps = gapsS(during);
      console.log(
        `MEASURED store away for ${OUTAGE_MS / 1000} s, fallback after ${FALLBACK_AFTER_S} s, s between updates: ${gaps}`,
      );
      // Until its end the lease was good for heartbeats.
      const fallbackFrom = gaps.findIndex((gap) => gap > HEARTBEAT_S + PUSH_S) + 1;
      const ofFirst = during.slice(fallbackFrom, changedAt - from);
      const ofSecond = during.slice(changedAt - from);
      expect(new Set(ofFirst.map(({ botId }) => botId))).toEqual(new Set([pusher.botId]));
      expect(new Set(ofSecond.map(({ botId }) => botId))).toEqual(new Set([other.botId]));
      expect(Math.min(ofFirst.length, ofSecond.length)).toBeGreaterThanOrEqual(2);
      // Each as late as its place in the queue allows, and no earlier: no update is sent twice.
      const gapsOfFirst = gaps.slice(fallbackFrom - 1, changedAt - 1 - from);
      expect(Math.max(...gapsOfFirst)).toBeLessThanOrEqual(FALLBACK_AFTER_S + PUSH_S);
      expect(Math.min(...gapsOfFirst)).toBeGreaterThanOrEqual(Math.floor(FALLBACK_AFTER_S));
      const gapsOfSecond = gaps.slice(changedAt - 1 - from);
      expect(Math.max(...gapsOfSecond)).toBeLessThanOrEqual(FALLBACK_AFTER_S + RANK_OFFSET_S + PUSH_S);
      expect(Math.min(...gapsOfSecond)).toBeGreaterThanOrEqual(Math.floor(FALLBACK_AFTER_S + RANK_OFFSET_S));
      const nonces = updates.map(({ nonce }) => nonce);
      expect(nonces).toEqual(nonces.map((_, index) => nonces[0]! + index));

      const resumed = updates.length;
      await until("heartbeats come again", () => updates.length >= resumed + 4);
      expect(Math.max(...gapsS(updates.slice(resumed)))).toBeLessThanOrEqual(HEARTBEAT_S + PUSH_S);
    } finally {
      await server.stop();
    }
  }, 150_000);
});

describe.skipIf(findEtcd() === null)("etcd", () => {
  test.concurrent("store away while the fleet is paused: nothing is pushed, also by an agent that restarts meanwhile", async () => {
    const server = await startEtcdServer();
    try {
      await useStore(`etcd://127.0.0.1:${server.port}`);
      const env = { ...ACCELERATED, LEADER_LOCK_URL: `etcd://127.0.0.1:${server.port}` };
      await using fleet = await Fleet.open({ net, oracle: oracles[1]!, bots: BOTS, env });
      for (const botId of BOTS) await fleet.start(botId);
      const { updates } = fleet.watch;
      await until("heartbeats come", () => updates.length >= 2);
      const office = await openFleetOffice(fleet.env("operator"), systemClock, silentLogger);
      try {
        await office.control.pause({ by: "an operator", reason: "a test" });
        for (const agent of fleet.agents) {
          await until("it obeys", async () => (await agent.health()).body.paused !== undefined);
        }
        // One that was sent before may still land.
        await Bun.sleep(2_000);
        const from = updates.length;
        await server.kill();
        await Bun.sleep(PAUSED_OUTAGE_MS / 2);
        const restarted = fleet.agents[0]!;
        await restarted.killHard();
        const again = fleet.spawn(restarted.botId);
        await again.line("Agent is ready");
        await Bun.sleep(PAUSED_OUTAGE_MS / 2);
        expect(updates.slice(from)).toEqual([]);
        for (const agent of [again, fleet.agents[1]!]) {
          expect((await agent.health()).body.paused).toContain("an operator");
        }
        await server.start();
        await fleet.leader([again, fleet.agents[1]!]);
        await Bun.sleep(HEARTBEAT_S * 2_000);
        expect(updates.slice(from)).toEqual([]);
        await office.control.resume({ by: "an operator", reason: "a test" });
        await fleet.watch.next("an update after the pause", () => true, { from });
      } finally {
        await office.close();
      }
    } finally {
      await server.stop();
    }
  }, 150_000);

  test.concurrent("a store that is out of reach at the start: the agent says so, serves its pages, and leads once the store is there", async () => {
    const server = await startEtcdServer();
    try {
      await server.kill();
      const env = { ...ACCELERATED, LEADER_LOCK_URL: `etcd://127.0.0.1:${server.port}` };
      const quiet = { UPDATE_INTERVAL_MS: "3540000", FALLBACK_AFTER_MS: "3560000" };
      await using fleet = await Fleet.open({
        net,
        oracle: oracles[2]!,
        bots: BOTS,
        env: { ...env, ...quiet },
      });
      const agents = BOTS.map((botId) => fleet.spawn(botId));
      for (const agent of agents) {
        await agent.line("The coordination store does not answer, trying on");
        await agent.line("Agent is ready");
      }
      await Bun.sleep(2 * TTL_MS);
      for (const agent of agents) {
        await until("it is healthy", async () => (await agent.health()).status === 200);
        expect((await agent.health()).body).toMatchObject({ role: "follower", term: 0 });
        expect(agent.output).not.toContain("became leader");
        expect(agent.output).not.toContain("Joined the fleet");
        expect(agent.linesWith("does not answer, trying on")).toHaveLength(1);
        expect(await agent.metric("oracle_store_request_failures_total")).toBeGreaterThan(0);
      }
      await server.start();
      const leader = await fleet.leader(agents);
      const from = fleet.watch.updates.length;
      await new FeedSwing(net).swing();
      expect(await fleet.watch.next("an update", () => true, { from })).toMatchObject({
        botId: leader.botId,
        term: 1,
      });
    } finally {
      await server.stop();
    }
  }, 120_000);
});
