/** What `/health` tells about an agent on real chains, with the production configuration. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { healthBody } from "../../src/health-route.ts";
import type { TestAgent } from "./support/agents.ts";
import { metric } from "./support/metric.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const HEARTBEAT_S = 300;
const POLL_S = 10;
const UNREACHABLE_S = 60;
const STALE_S = 3_600;
const ETH_USD8 = 3_000n * 10n ** 8n;
const UPTIME_S = 7;

let world: SteppedWorld;

beforeEach(async () => {
  world = await SteppedWorld.start({ ethUsd8: ETH_USD8 });
});

afterEach(() => world.stop());

const health = (agent: TestAgent) => healthBody(agent.updater.snapshot(), UPTIME_S, undefined);

/** Passes time during which the feed publishes as a healthy one does. */
async function passPublishing(seconds: number): Promise<void> {
  for (let leftS = seconds; leftS > 0; leftS -= 600) {
    await world.net.feed.setAnswer(world.net.settings.ethUsd8);
    await world.pass(Math.min(600, leftS), POLL_S);
  }
}

test("the seven fields of the runbooks come first, and lastUpdate is the chain's own, in ms", async () => {
  const agent = await world.agent();
  await world.passUntil(
    "the heartbeat landed",
    () => agent.landed.length === 1,
    HEARTBEAT_S + 3 * POLL_S,
    POLL_S,
  );
  await world.pass(POLL_S);
  const { lastUpdateS } = await world.net.oracleState();
  const body = health(agent);
  expect(Object.keys(body).slice(0, 7)).toEqual([
    "status",
    "botId",
    "healthy",
    "lastUpdate",
    "consecutiveFailures",
    "totalUpdates",
    "uptime",
  ]);
  expect(body).toMatchObject({
    status: "healthy",
    botId: "bot-1",
    healthy: true,
    lastUpdate: lastUpdateS * 1000,
    consecutiveFailures: 0,
    totalUpdates: 1,
    uptime: UPTIME_S,
    reasons: [],
  });
  expect(JSON.parse(JSON.stringify(body))).toEqual(
    Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
  );
}, 60_000);

describe("unhealthy", () => {
  for (const chain of ["base", "jeju"] as const) {
    const name = chain === "base" ? "Base" : "Jeju";
    test(`once ${name} has been unreachable for 60 s, not before, and well again when it answers`, async () => {
      const proxy = await world.proxy(chain);
      const agent = await world.agent({ [`${chain.toUpperCase()}_RPC_URLS`]: proxy.url });
      await proxy.setFault({ kind: "refuse" });
      await world.pass(UNREACHABLE_S - POLL_S, POLL_S);
      expect(health(agent)).toMatchObject({ healthy: true, reasons: [] });
      await world.pass(3 * POLL_S, POLL_S);
      expect(health(agent)).toMatchObject({
        status: "unhealthy",
        healthy: false,
        reasons: [`${name} has been unreachable for over 60 s`],
      });
      expect(agent.alerts.get("chain-unreachable")?.severity).toBe("critical");
      expect(agent.failures).toEqual([]);
      // What cannot be read ages all the same.
      expect(health(agent).priceAgeS).toBeGreaterThanOrEqual(UNREACHABLE_S);

      await proxy.setFault(null);
      await world.pass(3 * POLL_S, POLL_S);
      expect(health(agent)).toMatchObject({ healthy: true, reasons: [] });
      expect(agent.alerts.has("chain-unreachable")).toBe(false);
    }, 60_000);
  }

  test("after more than 5 due updates in a row that an unreachable chain swallowed: 3 retries steady, then doubling", async () => {
    const proxy = await world.proxy("jeju");
    const agent = await world.agent({ JEJU_RPC_URLS: proxy.url });
    await world.pass(HEARTBEAT_S - 2 * POLL_S, POLL_S);
    expect(agent.failures).toEqual([]);
    await proxy.setFault({ kind: "refuse" });
    const failedAtS: number[] = [];
    await world.passUntil(
      "six failures",
      () => {
        while (failedAtS.length < agent.failures.length) failedAtS.push(world.nowS);
        return failedAtS.length >= 6;
      },
      HEARTBEAT_S,
      1,
    );
    const gapsS = failedAtS.slice(1).map((atS, index) => atS - (failedAtS[index] ?? 0));
    for (const [index, leastS] of [5, 5, 5, 10, 20].entries()) {
      expect(gapsS[index]).toBeGreaterThanOrEqual(leastS);
      expect(gapsS[index]).toBeLessThanOrEqual(leastS + POLL_S);
    }
    expect(new Set(agent.failures)).toEqual(new Set(["chain-unreachable"]));
    expect(health(agent).reasons).toContain("6 consecutive failures");

    await proxy.setFault(null);
    await world.passUntil("the heartbeat landed", () => agent.landed.length === 1, 60 + 2 * POLL_S, POLL_S);
    await world.pass(POLL_S);
    expect(health(agent)).toMatchObject({ healthy: true, reasons: [] });
  }, 60_000);

  test("once the price on chain is more than an hour old, whoever should have pushed it", async () => {
    const agent = await world.agent({ OBSERVE_ONLY: "true" });
    await passPublishing(STALE_S - POLL_S);
    expect(health(agent)).toMatchObject({ healthy: true });
    expect(agent.alerts.get("price-ageing")?.severity).toBe("warning");
    await passPublishing(3 * POLL_S);
    expect(health(agent)).toMatchObject({
      healthy: false,
      reasons: [expect.stringMatching(/^the price on chain is stale: 36\d\d s old$/)],
    });
    expect(agent.alerts.get("price-stale")?.severity).toBe("critical");
    expect(agent.alerts.has("price-ageing")).toBe(false);
  }, 60_000);
});

test("a price that turns stale while Base is out of reach is told as stale, and healed by one update", async () => {
  const proxy = await world.proxy("base");
  const agent = await world.agent({ BASE_RPC_URLS: proxy.url });
  await proxy.setFault({ kind: "refuse" });
  await world.pass(STALE_S + 3 * POLL_S, POLL_S);
  expect(health(agent).reasons).toContainEqual(expect.stringContaining("the price on chain is stale: 36"));
  expect(agent.alerts.get("price-stale")?.severity).toBe("critical");
  expect(await metric(agent, "oracle_price_age_seconds")).toBeGreaterThan(STALE_S);

  await world.net.feed.setAnswer(ETH_USD8);
  await proxy.setFault(null);
  await world.passUntil("an update landed", () => agent.landed.length === 1, 60 + 3 * POLL_S, POLL_S);
  expect(agent.landed[0]?.reason).toBe("stale");
  await world.pass(POLL_S);
  expect(health(agent)).toMatchObject({ healthy: true, reasons: [] });
  expect([...agent.alerts.keys()]).toEqual([]);
}, 60_000);

describe("healthy", () => {
  test("a follower that stands by, and it tells what it would push", async () => {
    const follower = await world.agent({}, { leads: () => false });
    await world.pass(HEARTBEAT_S + 2 * POLL_S, POLL_S);
    expect(follower.updater.snapshot().lastDecision).toMatchObject({
      kind: "skip",
      reason: "not-leader",
      wouldPush: "heartbeat",
    });
    await world.net.feed.setAnswer((ETH_USD8 * 102n) / 100n);
    await world.pass(2 * POLL_S);
    expect(follower.updater.snapshot().lastDecision).toMatchObject({
      reason: "not-leader",
      wouldPush: "deviation",
    });
    expect(await metric(follower, "oracle_would_push_total", { reason: "deviation" })).toBeGreaterThan(0);
    expect(health(follower)).toMatchObject({ healthy: true, reasons: [], totalUpdates: 0 });
    expect(await world.net.updates()).toEqual([]);
  }, 60_000);

  test("a follower that sees the leader's updates knows them for the fleet's", async () => {
    const leader = await world.agent({}, { botIndex: 0 });
    const follower = await world.agent({}, { botIndex: 1, leads: () => false });
    await passPublishing(3 * HEARTBEAT_S + 6 * POLL_S);
    expect(leader.landed.length).toBeGreaterThanOrEqual(2);
    expect(follower.updater.snapshot()).toMatchObject({
      healthy: true,
      pausedBy: undefined,
      totalUpdates: 0,
    });
    expect(health(follower).lastUpdate).toBe(health(leader).lastUpdate);
  }, 60_000);

  for (const hours of [-2, 2]) {
    test(`an agent whose host clock is ${hours} h wrong: it decides nothing, heartbeats land as ever`, async () => {
      const agent = await world.agent();
      await world.pass(POLL_S);
      world.clock.jumpWall(hours * 3_600_000);
      const { healthy, priceAgeS } = health(agent);
      expect(healthy).toBe(true);
      expect(priceAgeS).toBeLessThanOrEqual(POLL_S);
      await passPublishing(2 * HEARTBEAT_S + 6 * POLL_S);
      expect(agent.landed.map(({ reason }) => reason)).toEqual(["heartbeat", "heartbeat"]);
      expect(health(agent)).toMatchObject({ healthy: true, reasons: [] });
    }, 60_000);
  }
});
