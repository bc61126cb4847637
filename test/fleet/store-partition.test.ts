/** The default profile. The tests wait most of the time, so they do it side by side, each on an oracle of its own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { startCutProxy } from "../../plugins/leader-lock/test/support/cut-proxy.ts";
import { findEtcd, startEtcdServer } from "../../plugins/leader-lock/test/support/etcd-server.ts";
import { findPostgres, startPostgresServer } from "../../plugins/leader-lock/test/support/postgres-server.ts";
import { deployOracles, type OwnOracle } from "../../plugins/oracle-updater/test/chain/support/own-oracle.ts";
import { entryOf, type FleetAgent } from "./support/agent.ts";
import { Fleet, tellMs, until } from "./support/fleet.ts";
import { canMakeHosts, makeHost, type NetworkHost } from "./support/network-host.ts";
import { useStore } from "./support/used-store.ts";

const MARGIN_MS = 4_000;
const RENEW_MS = 5_000;
const POLL_MS = 1_000;
/** The ttl and 4 s. */
const BOUND_MS = 24_000;
/** Short: an update is always due soon, whoever may push. */
const PUSHES = { UPDATE_INTERVAL_MS: "3000", PRICE_POLL_INTERVAL_MS: "1000" };
const BOTS = ["bot-1", "bot-2"] as const;

let net: Localnet;
let oracles: OwnOracle[];
beforeAll(async () => {
  net = await startLocalnet();
  oracles = await deployOracles(net, 3);
});
afterAll(() => net.stop());

interface Partition {
  readonly cutFrom: string;
  readonly fleet: Fleet;
  readonly leader: FleetAgent;
  readonly successor: FleetAgent;
  readonly cut: () => void;
  readonly heal: () => void;
}

async function expectOrderlySuccession({ cutFrom, fleet, leader, successor, cut, heal }: Partition) {
  await fleet.watch.by(leader.botId);
  const from = fleet.watch.updates.length;
  const cutAtMs = performance.now();
  cut();
  const landed = await fleet.watch.by(successor.botId, { from, deadlineMs: BOUND_MS + 10_000 });
  const tookMs = landed.atMs - cutAtMs;
  tellMs(`leader cut from ${cutFrom}, to the successor's update`, [tookMs], BOUND_MS);
  expect(tookMs).toBeLessThanOrEqual(BOUND_MS);

  // One machine, one wall clock: the log tells the order.
  const demoted = entryOf(await leader.line(`Bot ${leader.botId} no longer leads`));
  const elected = entryOf(await successor.line(`Bot ${successor.botId} became leader`));
  const aheadMs = elected.wallMs - demoted.wallMs;
  console.log(`MEASURED leader cut from ${cutFrom}: gives up ${aheadMs} ms before the successor leads`);
  expect(aheadMs).toBeGreaterThan(MARGIN_MS / 2);

  heal();
  const healedAtMs = performance.now();
  await until("it follows", async () => {
    const { role, leader: name, term } = (await leader.health()).body;
    return role === "follower" && name === successor.botId && term === 2;
  });
  console.log(`MEASURED healed to following: ${Math.round(performance.now() - healedAtMs)} ms`);
  // Who leads leads on, and who was cut off claims nothing.
  await Bun.sleep(RENEW_MS + POLL_MS);
  expect(leader.linesWith("became leader")).toHaveLength(1);
  expect(await successor.metric("oracle_is_leader")).toBe(1);

  // On the chain: the old leader's updates, then the new one's, each in its term.
  const terms = fleet.watch.updates.map(({ botId, term }) => `${botId} ${term}`);
  const change = terms.indexOf(`${successor.botId} 2`);
  expect(new Set(terms.slice(0, change))).toEqual(new Set([`${leader.botId} 1`]));
  expect(new Set(terms.slice(change))).toEqual(new Set([`${successor.botId} 2`]));
}

/** Asks both pages again and again. @returns how often the one that led before still did after the other one had begun. */
async function countOverlaps(leader: FleetAgent, successor: FleetAgent, isOver: () => boolean) {
  let overlaps = 0;
  while (!isOver()) {
    // In this order: what is seen of the second is later than what was seen of the first.
    const begun = (await successor.metric("oracle_is_leader")) === 1;
    if (begun && (await leader.metric("oracle_is_leader")) === 1) overlaps += 1;
    await Bun.sleep(50);
  }
  return overlaps;
}

interface StoreLine {
  readonly store: string;
  readonly serverPort: number;
  readonly urlAt: (port: number) => string;
  readonly how: "cut" | "hang";
}

async function cutLeaderFromStore(oracle: OwnOracle, { store, serverPort, urlAt, how }: StoreLine) {
  await using fleet = await Fleet.open({ net, oracle, bots: BOTS, env: PUSHES });
  const wires = await Promise.all(BOTS.map(() => startCutProxy(serverPort)));
  try {
    await useStore(urlAt(serverPort));
    for (const [index, botId] of BOTS.entries()) {
      await fleet.start(botId, { env: { LEADER_LOCK_URL: urlAt(wires[index]!.port) } });
    }
    const leader = await fleet.leader();
    const successor = fleet.agents.find((agent) => agent !== leader)!;
    const wire = wires[fleet.agents.indexOf(leader)]!;
    let isOver = false;
    const counting = countOverlaps(leader, successor, () => isOver);
    await expectOrderlySuccession({
      cutFrom: `${store} (${how})`,
      fleet,
      leader,
      successor,
      cut: () => wire[how](),
      heal: () => wire.pass(),
    }).finally(() => {
      isOver = true;
    });
    expect(await counting).toBe(0);
  } finally {
    await Promise.all(wires.map((wire) => wire.close()));
  }
}

describe.skipIf(findPostgres() === null)("PostgreSQL", () => {
  test.concurrent("a leader cut from the store gives up before its successor acts, and follows when healed", async () => {
    const server = await startPostgresServer();
    try {
      await cutLeaderFromStore(oracles[0]!, {
        store: "PostgreSQL",
        serverPort: server.port,
        urlAt: (port) => server.url({ port }),
        how: "cut",
      });
    } finally {
      await server.stop();
    }
  }, 120_000);
});

describe.skipIf(findEtcd() === null)("etcd", () => {
  test.concurrent("a leader that gets no answer from the store gives up before its successor acts, and follows when healed", async () => {
    const server = await startEtcdServer();
    try {
      await cutLeaderFromStore(oracles[1]!, {
        store: "etcd",
        serverPort: server.port,
        urlAt: (port) => `etcd://127.0.0.1:${port}`,
        how: "hang",
      });
    } finally {
      await server.stop();
    }
  }, 120_000);
});

describe.skipIf(findPostgres() === null || !canMakeHosts())("a host with a network of its own", () => {
  test.concurrent("a leader whose host loses its network gives up before its successor acts, and follows when the cable is back", async () => {
    const server = await startPostgresServer();
    await using host = makeHost();
    try {
      await using fleet = await Fleet.open({ net, oracle: oracles[2]!, bots: BOTS, env: PUSHES });
      await useStore(server.url());
      const url = new URL(server.url());
      url.host = await host.relay(server.port);
      const env = {
        ...(await chainsVia(host)),
        LEADER_LOCK_URL: url.href,
        HEALTH_CHECK_HOST: host.address,
      };
      const leader = await fleet.start("bot-1", { env, wrapper: host.wrapper });
      const successor = await fleet.start("bot-2", { env: { LEADER_LOCK_URL: server.url() } });
      expect(await fleet.leader()).toBe(leader);
      await expectOrderlySuccession({
        cutFrom: "its network",
        fleet,
        leader,
        successor,
        cut: () => host.pullCable(),
        heal: () => host.plugCable(),
      });
    } finally {
      await server.stop();
    }
  }, 120_000);
});

async function chainsVia(host: NetworkHost): Promise<Record<string, string>> {
  const base = await host.relay(Number(new URL(net.base.rpcUrl).port));
  const jeju = await host.relay(Number(new URL(net.jeju.rpcUrl).port));
  return {
    BASE_RPC_URLS: `http://${base}`,
    BASE_WS_URL: `ws://${base}`,
    JEJU_RPC_URLS: `http://${jeju}`,
    JEJU_WS_URL: `ws://${jeju}`,
  };
}
