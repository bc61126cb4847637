/** As it is by default: a heartbeat of five minutes, a ttl of 20 s, fallback after 330 s. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { findPostgres, startPostgresServer } from "../../plugins/leader-lock/test/support/postgres-server.ts";
import { Fleet, gapsS, until } from "./support/fleet.ts";
import { useStore } from "./support/used-store.ts";

const HEARTBEAT_S = 300;
const FALLBACK_AFTER_S = 330;
/** A look comes with the next head of Base, a push with the next block of Jeju. */
const PUSH_S = 5;
const OUTAGE_MS = 600_000;
const BOTS = ["bot-1", "bot-2"];

let net: Localnet;
beforeAll(async () => {
  net = await startLocalnet();
});
afterAll(() => net.stop());

describe.skipIf(findPostgres() === null)("PostgreSQL", () => {
  test("store away for ten minutes: the price ages no further than the fallback, one agent pushes, then one leads again", async () => {
    const server = await startPostgresServer();
    try {
      await useStore(server.url());
      const env = { UPDATE_INTERVAL_MS: String(HEARTBEAT_S * 1_000), LEADER_LOCK_URL: server.url() };
      await using fleet = await Fleet.open({ net, bots: BOTS, env });
      for (const botId of BOTS) await fleet.start(botId);
      await fleet.leader();
      const { updates } = fleet.watch;
      await until("the first heartbeat", () => updates.length === 1, (HEARTBEAT_S + 60) * 1_000);
      server.freeze();
      await Bun.sleep(OUTAGE_MS);
      server.thaw();
      const leader = await fleet.leader();
      await until(
        "a heartbeat of the new term",
        () => updates.at(-1)!.term === 2,
        (HEARTBEAT_S + 60) * 1_000,
      );
      expect(updates.at(-1)!.botId).toBe(leader.botId);
      const gaps = gapsS(updates);
      console.log(`MEASURED store away for ${OUTAGE_MS / 1000} s, s between updates: ${gaps}`);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(FALLBACK_AFTER_S + PUSH_S);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(HEARTBEAT_S);
      // All that was pushed without a leader came from one agent.
      const without = updates.slice(1).filter(({ term }) => term === 1);
      expect(new Set(without.map(({ botId }) => botId)).size).toBe(1);
    } finally {
      await server.stop();
    }
  }, 1_500_000);
});
