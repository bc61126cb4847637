/** The default profile: ttl 20 s. The tests wait most of the time, so they do it side by side, each on an oracle of its own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { findEtcd, startEtcdServer } from "../../plugins/leader-lock/test/support/etcd-server.ts";
import { findPostgres, startPostgresServer } from "../../plugins/leader-lock/test/support/postgres-server.ts";
import { deployOracles, type OwnOracle } from "../../plugins/oracle-updater/test/chain/support/own-oracle.ts";
import { entryOf } from "./support/agent.ts";
import { Fleet, type MemberOptions, tellMs, until } from "./support/fleet.ts";
import { otherHost } from "./support/isolation.ts";
import { useStore } from "./support/used-store.ts";

const TTL_MS = 20_000;
const BOUND_MS = TTL_MS + 4_000;
const RENEW_MS = 5_000;
const HEARTBEAT_MS = 3_000;
/** Short: an update is always due soon, whoever may push. */
const PUSHES = { UPDATE_INTERVAL_MS: String(HEARTBEAT_MS), PRICE_POLL_INTERVAL_MS: "1000" };
const BOTS = ["bot-1", "bot-2"];

let net: Localnet;
let oracles: OwnOracle[];
beforeAll(async () => {
  net = await startLocalnet();
  oracles = await deployOracles(net, 4);
});
afterAll(() => net.stop());

/** Starts two agents; one leads and pushes. */
async function startPair(fleet: Fleet, options: MemberOptions = {}) {
  for (const botId of BOTS) await fleet.start(botId, options);
  const leader = await fleet.leader();
  const follower = fleet.agents.find((agent) => agent !== leader)!;
  return { leader, follower };
}

/** Hits the leader right after an update, so that none is on its way. @returns time in ms to the other agent's first one. */
async function takeOver(fleet: Fleet, act: "SIGKILL" | "SIGSTOP"): Promise<number> {
  const leader = await fleet.leader();
  const follower = fleet.agents.find((agent) => agent !== leader)!;
  const from = fleet.watch.updates.length;
  await fleet.watch.by(leader.botId, { from });
  const actedAtMs = performance.now();
  await leader.signal(act);
  const landed = await fleet.watch.by(follower.botId, { from, deadlineMs: BOUND_MS + 15_000 });
  expect(fleet.watch.updates.slice(from).map(({ botId }) => botId)).toEqual([leader.botId, follower.botId]);
  await follower.line(`Previous leader ${leader.botId} is dead, taking over`);
  return landed.atMs - actedAtMs;
}

async function expectTakeoverByTime(store: string, oracle: OwnOracle, url: string): Promise<void> {
  await useStore(url);
  const env = { ...PUSHES, LEADER_LOCK_URL: url };
  await using fleet = await Fleet.open({ net, oracle, bots: BOTS, env });
  await startPair(fleet, { wrapper: otherHost! });
  const tookMs = await takeOver(fleet, "SIGKILL");
  tellMs(`kill -9 seen only through ${store}, to the successor's update`, [tookMs], BOUND_MS);
  expect(tookMs).toBeLessThanOrEqual(BOUND_MS);
  // Nothing but time proves the death: the lease was not claimed before it had run out.
  expect(tookMs).toBeGreaterThan(TTL_MS - RENEW_MS - 1_000);
}

const KILL = "kill -9 of a leader on another host: the successor's update is in a block within ttl + 4 s";

describe.skipIf(otherHost === null || findPostgres() === null)("PostgreSQL", () => {
  test.concurrent(KILL, async () => {
    const server = await startPostgresServer();
    try {
      await expectTakeoverByTime("PostgreSQL", oracles[0]!, server.url());
    } finally {
      await server.stop();
    }
  }, 90_000);
});

describe.skipIf(otherHost === null || findEtcd() === null)("etcd", () => {
  test.concurrent(KILL, async () => {
    const server = await startEtcdServer();
    try {
      await expectTakeoverByTime("etcd", oracles[1]!, `etcd://127.0.0.1:${server.port}`);
    } finally {
      await server.stop();
    }
  }, 90_000);
});

test.concurrent("SIGSTOP of the leader: succeeded within ttl + 4 s; after SIGCONT it sends nothing and follows", async () => {
  await using fleet = await Fleet.open({ net, oracle: oracles[2]!, bots: BOTS, env: PUSHES });
  const { leader, follower } = await startPair(fleet);
  const { updates } = fleet.watch;
  const tookMs = await takeOver(fleet, "SIGSTOP");
  tellMs("SIGSTOP of the leader to the successor's update", [tookMs], BOUND_MS);
  expect(tookMs).toBeLessThanOrEqual(BOUND_MS);

  // It wakes up at the very moment at which, as it knows the price, an update is due.
  const last = updates.at(-1)!;
  await until("an update is due", () => performance.now() - last.atMs >= HEARTBEAT_MS);
  const from = updates.length;
  await leader.signal("SIGCONT");
  const demoted = await leader.line(`Bot ${leader.botId} no longer leads`);
  expect(entryOf(demoted).term).toBe(1);
  await until("it follows", async () => {
    const { role, leader: name, term } = (await leader.health()).body;
    return role === "follower" && name === follower.botId && term === 2;
  });
  await until("heartbeats went on", () => updates.length >= from + 3);
  expect(new Set(updates.slice(from).map(({ botId, term }) => `${botId} ${term}`))).toEqual(
    new Set([`${follower.botId} 2`]),
  );
  expect(await leader.metric("oracle_is_leader")).toBe(0);
  expect((await leader.health()).status).toBe(200);
  expect(leader.linesWith("became leader")).toHaveLength(1);
}, 90_000);

describe.skipIf(otherHost === null)("a container", () => {
  test.concurrent("kill -9 and a restart where nobody can tell that the first process died: a restart, not a second agent", async () => {
    await using fleet = await Fleet.open({ net, oracle: oracles[3]!, bots: BOTS, env: PUSHES });
    const wrapper = otherHost!;
    const { leader, follower } = await startPair(fleet, { wrapper });
    await leader.killHard();
    const again = fleet.spawn(leader.botId, { wrapper });
    const joined = await again.line("Joined the fleet", { deadlineMs: BOUND_MS + 15_000 });
    const tookMs = joined.atMs - again.startedAtMs;
    tellMs("kill -9 and restart in a new container, start to joined", [tookMs], BOUND_MS);
    expect(tookMs).toBeLessThanOrEqual(BOUND_MS);
    // Exactly one of them leads, whoever was first.
    expect([again, follower]).toContain(await fleet.leader([again, follower]));
  }, 90_000);
});
