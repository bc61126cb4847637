/** Accelerated, all times but that of /health. The tests wait most of the time, so they do it side by side. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { deployOracles, type OwnOracle } from "../../plugins/oracle-updater/test/chain/support/own-oracle.ts";
import type { FleetAgent } from "./support/agent.ts";
import { Fleet, tellMs, until } from "./support/fleet.ts";
import { startRpcLine } from "./support/rpc-line.ts";

const PRICE_POLL_MS = 1_000;
const RPC_TIMEOUT_MS = 500;
const RENEW_MS = 1_000;
const POLL_MS = 500;
/** As by default, longer than a poll of the price, its timeout and a renewal together: what is known of others is as new. */
const RESIGN_MS = 5_000;
const PUSH_MS = 2_000;
/** Without new heads the trouble is noticed at the next poll of the price, by a timeout. */
const RESIGN_BOUND_MS = PRICE_POLL_MS + RPC_TIMEOUT_MS + RESIGN_MS + RENEW_MS + POLL_MS + PUSH_MS;
const ACCELERATED = {
  // Short: an update is always due soon, whoever may push.
  UPDATE_INTERVAL_MS: "3000",
  LEADER_LOCK_TTL_MS: "6000",
  LEADER_LOCK_RENEW_MS: String(RENEW_MS),
  LEADER_LOCK_MARGIN_MS: "1000",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: String(POLL_MS),
  LEADER_UNHEALTHY_RESIGN_MS: String(RESIGN_MS),
  PRICE_POLL_INTERVAL_MS: String(PRICE_POLL_MS),
  RPC_TIMEOUT_MS: String(RPC_TIMEOUT_MS),
};
/** A chain that has been out of reach for a minute makes an agent unhealthy. */
const UNHEALTHY_AFTER_MS = 60_000;
/** Long enough for a leader that would resign to have done it, twice. */
const NO_ROTATION_MS = 2 * RESIGN_BOUND_MS;
const BOTS = ["bot-1", "bot-2"] as const;

let net: Localnet;
let oracles: OwnOracle[];
beforeAll(async () => {
  net = await startLocalnet();
  oracles = await deployOracles(net, 3);
});
afterAll(() => net.stop());

test.concurrent("a leader cut from its RPCs hands over to the healthier agent, turns unhealthy, and follows when healed", async () => {
  await using fleet = await Fleet.open({ net, oracle: oracles[0]!, bots: BOTS, env: ACCELERATED });
  await using first = await startRpcLine(net);
  await using second = await startRpcLine(net);
  const lines = [first, second];
  for (const [index, botId] of BOTS.entries()) await fleet.start(botId, { env: lines[index]!.env });
  const leader = await fleet.leader();
  const successor = fleet.agents.find((agent) => agent !== leader)!;
  const line = lines[fleet.agents.indexOf(leader)]!;
  // Cut right after an update, so that none is on its way.
  await fleet.watch.by(leader.botId, { from: fleet.watch.updates.length });
  const from = fleet.watch.updates.length;
  const cutAtMs = performance.now();
  await line.setFault({ kind: "hang" });
  const landed = await fleet.watch.by(successor.botId, { from });
  const tookMs = landed.atMs - cutAtMs;
  tellMs(
    `leader cut from its RPCs, resigns after ${RESIGN_MS} ms, to the successor's update`,
    [tookMs],
    RESIGN_BOUND_MS,
  );
  expect(tookMs).toBeLessThanOrEqual(RESIGN_BOUND_MS);
  await leader.line("Handing over to a healthier agent");
  // The reasons come long before the verdict.
  const { role, troubles } = (await leader.health()).body;
  expect(role).toBe("follower");
  expect(troubles).toContain("jeju-unreachable");

  await until(
    "it is unhealthy",
    async () => (await leader.health()).status === 503,
    UNHEALTHY_AFTER_MS + 15_000,
  );
  const unhealthyAfterMs = performance.now() - cutAtMs;
  console.log(`MEASURED agent cut from its RPCs: /health is 503 after ${Math.round(unhealthyAfterMs)} ms`);
  expect(unhealthyAfterMs).toBeGreaterThan(UNHEALTHY_AFTER_MS - RESIGN_MS);
  expect(await successor.health()).toMatchObject({ status: 200, body: { role: "leader", term: 2 } });

  await line.setFault(null);
  await until("it is healthy again", async () => (await leader.health()).status === 200);
  await Bun.sleep(3 * RENEW_MS);
  expect((await leader.health()).body).toMatchObject({ role: "follower", leader: successor.botId, term: 2 });
  const senders = new Set(fleet.watch.updates.slice(from).map(({ botId }) => botId));
  expect(senders).toEqual(new Set([successor.botId]));
}, 150_000);

async function expectFirstTerm(fleet: Fleet, leader: FleetAgent): Promise<void> {
  for (const agent of fleet.agents) {
    expect((await agent.health()).body).toMatchObject({ leader: leader.botId, term: 1 });
  }
  expect(await leader.metric("oracle_is_leader")).toBe(1);
  expect(leader.output).not.toContain("no longer leads");
}

test.concurrent("with all agents cut from their RPCs the lead does not rotate, and updates go on when they are back", async () => {
  await using fleet = await Fleet.open({ net, oracle: oracles[1]!, bots: BOTS, env: ACCELERATED });
  await using line = await startRpcLine(net);
  for (const botId of BOTS) await fleet.start(botId, { env: line.env });
  const leader = await fleet.leader();
  await fleet.watch.by(leader.botId);
  await line.setFault({ kind: "refuse" });
  await Bun.sleep(NO_ROTATION_MS);
  await expectFirstTerm(fleet, leader);
  expect((await leader.health()).body.troubles).toContain("jeju-unreachable");
  const from = fleet.watch.updates.length;
  await line.setFault(null);
  await fleet.watch.next("an update", () => true, { from });
  // Whoever is back first may be handed the lead by one that is not, once; whoever leads then pushes.
  await Bun.sleep(RESIGN_BOUND_MS);
  const leading = await fleet.leader();
  const next = await fleet.watch.by(leading.botId, { from: fleet.watch.updates.length });
  expect(next.term).toBeLessThanOrEqual(2);
}, 120_000);

test.concurrent("with the shared wallet empty the lead does not rotate, and the same leader goes on when it is funded", async () => {
  const oracle = oracles[2]!;
  await using fleet = await Fleet.open({ net, oracle, bots: BOTS, env: ACCELERATED });
  for (const botId of BOTS) await fleet.start(botId);
  const leader = await fleet.leader();
  await fleet.watch.by(leader.botId);
  await net.jeju.client.setBalance({ address: oracle.updater, value: 0n });
  await until("the leader tells of it", async () => {
    const { troubles } = (await leader.health()).body;
    return Array.isArray(troubles) && troubles.includes("wallet-empty");
  });
  await Bun.sleep(NO_ROTATION_MS);
  await expectFirstTerm(fleet, leader);
  const from = fleet.watch.updates.length;
  await net.jeju.client.setBalance({ address: oracle.updater, value: 10n ** 20n });
  const next = await fleet.watch.next("an update", () => true, { from, deadlineMs: 60_000 });
  expect(next).toMatchObject({ botId: leader.botId, term: 1 });
  await expectFirstTerm(fleet, leader);
}, 120_000);
