import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { deployOracles } from "../../plugins/oracle-updater/test/chain/support/own-oracle.ts";
import { entryOf, type FleetAgent } from "./support/agent.ts";
import { Fleet, until } from "./support/fleet.ts";

const HEARTBEAT_S = 3;
const HEARTBEATS = 11;
/** Seen in one block, sent, and in the next one; blocks tell whole seconds. */
const PUSH_S = 2;
const TTL_MS = 6_000;
/** Of the default profile. */
const RENEW_S = 5;
const POLL_S = 1;
const POLL_JITTER = 0.2;
const IDLE_S = 40;

let net: Localnet;
beforeAll(async () => {
  net = await startLocalnet();
});
afterAll(() => net.stop());

const LEASE = {
  LEADER_LOCK_TTL_MS: String(TTL_MS),
  LEADER_LOCK_RENEW_MS: "1000",
  LEADER_LOCK_MARGIN_MS: "1000",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: "500",
};

function alerts(agent: FleetAgent, what: "Alert raised" | "Alert cleared"): number {
  return agent
    .linesWith(what)
    .map(entryOf)
    .filter(({ key }) => key === "store-not-shared").length;
}

test.concurrent("two agents that share no store push once per heartbeat between them, and each warns once, for as long as it lasts", async () => {
  const [oracle] = await deployOracles(net, 1);
  const env = {
    ...LEASE,
    UPDATE_INTERVAL_MS: String(HEARTBEAT_S * 1_000),
    PRICE_POLL_INTERVAL_MS: "500",
  };
  await using fleet = await Fleet.open({ net, oracle: oracle!, bots: ["bot-1", "bot-2"], env });
  const { updates } = fleet.watch;
  const agents = await Promise.all(
    ["bot-1", "bot-2"].map((botId) => {
      const lockFile = join(fleet.directory, `tmp-of-${botId}.lock`);
      const own = { LEADER_LOCK_FILE: lockFile, LEADER_LOCK_URL: `file://${lockFile}` };
      return fleet.start(botId, { env: own });
    }),
  );
  for (const agent of agents) {
    await until("it leads", async () => (await agent.metric("oracle_is_leader")) === 1);
  }
  await until("heartbeats come", () => updates.length > HEARTBEATS, HEARTBEAT_S * HEARTBEATS * 2_000);
  const gapsS = updates.slice(1).map(({ timestampS }, index) => timestampS - updates[index]!.timestampS);
  console.log(`MEASURED two stores, heartbeats of ${HEARTBEAT_S} s, s apart: ${gapsS}`);
  expect(Math.min(...gapsS)).toBeGreaterThanOrEqual(HEARTBEAT_S);
  expect(Math.max(...gapsS)).toBeLessThanOrEqual(HEARTBEAT_S + PUSH_S);

  // Whoever has seen an update of the other one: that takes a while where one is always first.
  const byBot = Object.fromEntries(
    agents.map(({ botId }) => [botId, updates.filter((update) => update.botId === botId).length]),
  );
  console.log(`MEASURED two stores, updates by bot: ${JSON.stringify(byBot)}`);
  for (const agent of agents) {
    const sawOther = byBot[agent.botId]! < updates.length;
    await until("it warns", () => alerts(agent, "Alert raised") === (sawOther ? 1 : 0));
  }
  await Bun.sleep(TTL_MS);
  for (const agent of agents) {
    const sawOther = byBot[agent.botId]! < updates.length;
    expect(alerts(agent, "Alert raised")).toBe(sawOther ? 1 : 0);
    expect(alerts(agent, "Alert cleared")).toBe(0);
    expect(await agent.metric("oracle_is_leader")).toBe(1);
    expect((await agent.health()).status).toBe(200);
  }
}, 120_000);

async function storeRequests(agent: FleetAgent): Promise<{ looks: number; writes: number }> {
  const count = async (operation: string) =>
    (await agent.metric("oracle_store_request_duration_seconds_count", `operation="${operation}"`)) ?? 0;
  return { looks: await count("look"), writes: await count("write") };
}

test.concurrent("an idle fleet costs its store one request per renewal of the leader and one per poll of a follower", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2"] });
  for (const botId of ["bot-1", "bot-2"]) await fleet.start(botId);
  const leader = await fleet.leader();
  const follower = fleet.agents.find((agent) => agent !== leader)!;
  // What an election brings along is over.
  await Bun.sleep(2 * RENEW_S * 1_000);
  const before = await Promise.all([leader, follower].map(storeRequests));
  const cpuBeforeMs = follower.cpuMs();
  const startedAtMs = performance.now();
  await Bun.sleep(IDLE_S * 1_000);
  const cpuMs = follower.cpuMs() - cpuBeforeMs;
  const tookS = (performance.now() - startedAtMs) / 1_000;
  const after = await Promise.all([leader, follower].map(storeRequests));
  const [ofLeader, ofFollower] = after.map(({ looks, writes }, index) => ({
    looks: looks - before[index]!.looks,
    writes: writes - before[index]!.writes,
  }));
  console.log(
    `MEASURED store requests in ${tookS.toFixed(1)} s: leader ${JSON.stringify(ofLeader)}, follower ${JSON.stringify(ofFollower)}`,
  );
  console.log(`MEASURED idle follower: ${(cpuMs / tookS / 10).toFixed(2)} % of a core`);
  expect(ofLeader!.looks + ofLeader!.writes).toBeLessThanOrEqual(Math.ceil(tookS / RENEW_S) + 1);
  // A renewal is seen as it happens, which saves no poll.
  const polls = tookS / (POLL_S * (1 - POLL_JITTER)) + tookS / RENEW_S;
  expect(ofFollower!.looks + ofFollower!.writes).toBeLessThanOrEqual(Math.ceil(polls) + 1);
}, 120_000);
