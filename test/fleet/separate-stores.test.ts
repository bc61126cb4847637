import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { entryOf, type FleetAgent } from "./support/agent.ts";
import { Fleet, gapsS, until } from "./support/fleet.ts";

const HEARTBEAT_S = 3;
const HEARTBEATS = 11;
/** Seen in one block, sent, and in the next one; blocks tell whole seconds. */
const PUSH_S = 2;
const BOTS = ["bot-1", "bot-2"] as const;
const ACCELERATED = {
  UPDATE_INTERVAL_MS: String(HEARTBEAT_S * 1_000),
  PRICE_POLL_INTERVAL_MS: "500",
  LEADER_LOCK_TTL_MS: "6000",
  LEADER_LOCK_RENEW_MS: "1000",
  LEADER_LOCK_MARGIN_MS: "1000",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: "500",
};

let net: Localnet;
beforeAll(async () => {
  net = await startLocalnet();
});
afterAll(() => net.stop());

function warnings(agent: FleetAgent, what: "Alert raised" | "Alert cleared"): number {
  const entries = agent.linesWith(what).map(entryOf);
  return entries.filter(({ key }) => key === "store-not-shared").length;
}

test("two agents that share no store push once per heartbeat between them, and each warns once, for as long as it lasts", async () => {
  await using fleet = await Fleet.open({ net, bots: BOTS, env: ACCELERATED });
  const { updates } = fleet.watch;
  const startOn = (botId: string) => {
    // As two hosts have it, each with a /tmp of its own.
    const lockFile = join(fleet.directory, `tmp-of-${botId}.lock`);
    return fleet.start(botId, { env: { LEADER_LOCK_FILE: lockFile, LEADER_LOCK_URL: `file://${lockFile}` } });
  };
  const first = await startOn("bot-1");
  const second = await startOn("bot-2");
  const agents = [first, second];
  for (const agent of agents) {
    await until("it leads", async () => (await agent.metric("oracle_is_leader")) === 1);
  }
  // Each sees an update of the other: while one stands still, the other pushes.
  for (const [still, pushing] of [[first, second] as const, [second, first] as const]) {
    const from = updates.length;
    await still.signal("SIGSTOP");
    await fleet.watch.by(pushing.botId, { from });
    await still.signal("SIGCONT");
  }
  const from = updates.length;
  const deadlineMs = (HEARTBEATS + 2) * (HEARTBEAT_S + PUSH_S) * 1_000;
  await until("heartbeats come", () => updates.length > from + HEARTBEATS, deadlineMs);
  const gaps = gapsS(updates.slice(from));
  console.log(`MEASURED two stores, heartbeats of ${HEARTBEAT_S} s, s apart: ${gaps}`);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(HEARTBEAT_S);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(HEARTBEAT_S + PUSH_S);

  for (const agent of agents) {
    const by = updates.slice(from).filter(({ botId }) => botId === agent.botId).length;
    console.log(`MEASURED two stores, updates by ${agent.botId}: ${by} of ${updates.length - from}`);
    expect(warnings(agent, "Alert raised")).toBe(1);
    expect(warnings(agent, "Alert cleared")).toBe(0);
    expect(await agent.metric("oracle_alert_active", 'key="store-not-shared"')).toBe(1);
    expect(await agent.metric("oracle_is_leader")).toBe(1);
    expect((await agent.health()).status).toBe(200);
  }
}, 120_000);
