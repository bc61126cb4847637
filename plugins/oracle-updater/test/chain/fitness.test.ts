/** What keeps an agent from leading well, and what does not: on real chains, leader and follower. */
import { afterEach, describe, expect, test } from "bun:test";
import { fencedPriceUpdaterAbi } from "@jeju-oracle/contracts/FencedPriceUpdater";
import type { FitnessTrouble } from "@jeju-oracle/kit";
import { healthBody } from "../../src/health-route.ts";
import type { TestAgent } from "./support/agents.ts";
import { follower } from "./support/leaderships.ts";
import { metric } from "./support/metric.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const HEARTBEAT_S = 300;
const POLL_S = 10;
const STALE_S = 3_600;

let world: SteppedWorld;

afterEach(() => world.stop());

const troublesOf = ({ updater }: TestAgent): readonly FitnessTrouble[] => updater.snapshot().troubles;
const inShort = (agent: TestAgent) =>
  troublesOf(agent).map(({ code, shared }) => `${code} ${shared ? "shared" : "own"}`);

/** Leader and follower; with the contract fence each has a key of its own. */
async function pair(fence: "nonce" | "contract"): Promise<{ leader: TestAgent; standby: TestAgent }> {
  world = await SteppedWorld.start({ fence, bots: 2 });
  const leader = await world.agent({}, { botIndex: 0 });
  const standby = await world.agent({}, { botIndex: 1, leadership: follower() });
  await world.pass(POLL_S);
  expect([inShort(leader), inShort(standby)]).toEqual([[], []]);
  return { leader, standby };
}

const addressOf = (fence: "nonce" | "contract", botIndex: number) =>
  fence === "nonce" ? world.net.keys.updater.address : (world.net.keys.bots[botIndex]?.address ?? "0x");
const allowBot = (botIndex: number, allowed: boolean) =>
  world.send("jeju", world.net.addresses.fencedUpdater ?? "0x", fencedPriceUpdaterAbi, "setBot", [
    addressOf("contract", botIndex),
    allowed,
  ]);
const setBalance = (fence: "nonce" | "contract", botIndex: number, value: bigint) =>
  world.net.jeju.client.setBalance({ address: addressOf(fence, botIndex), value });

describe("an empty wallet", () => {
  test("nonce fence: is everybody's, known to leader and follower by the next look, and gone with funds", async () => {
    const { leader, standby } = await pair("nonce");
    await setBalance("nonce", 0, 0n);
    await world.pass(2 * POLL_S, POLL_S);
    for (const agent of [leader, standby]) expect(inShort(agent)).toEqual(["wallet-empty shared"]);
    const [trouble] = troublesOf(standby);
    await world.pass(3 * POLL_S, POLL_S);
    expect((troublesOf(standby)[0]?.forMs ?? 0) - (trouble?.forMs ?? 0)).toBe(3 * POLL_S * 1000);
    await setBalance("nonce", 0, 10n ** 18n);
    await world.pass(2 * POLL_S, POLL_S);
    for (const agent of [leader, standby]) expect(inShort(agent)).toEqual([]);
  }, 60_000);

  test("contract fence: is its owner's alone; a follower knows its own before it leads", async () => {
    const { leader, standby } = await pair("contract");
    await setBalance("contract", 1, 0n);
    await world.pass(2 * POLL_S, POLL_S);
    expect([inShort(leader), inShort(standby)]).toEqual([[], ["wallet-empty own"]]);
    expect(healthBody(standby.updater.snapshot(), 1, undefined)).toMatchObject({ healthy: true });
  }, 60_000);
});

describe("a refused key", () => {
  test("nonce fence: is everybody's, and the same while pushes fail for it", async () => {
    const { leader, standby } = await pair("nonce");
    await world.net.owner.setPriceUpdater(world.net.keys.trader.address);
    await world.pass(2 * POLL_S, POLL_S);
    for (const agent of [leader, standby]) expect(inShort(agent)).toEqual(["key-refused shared"]);
    await world.passUntil("pushes fail", () => leader.failures.length >= 2, 2 * HEARTBEAT_S, POLL_S);
    for (const agent of [leader, standby]) expect(inShort(agent)).toEqual(["key-refused shared"]);
  }, 60_000);

  test("contract fence: is its owner's alone, leader or follower, and well again when the owner allows it", async () => {
    const { leader, standby } = await pair("contract");
    await allowBot(1, false);
    await world.pass(2 * POLL_S, POLL_S);
    expect([inShort(leader), inShort(standby)]).toEqual([[], ["key-refused own"]]);
    await allowBot(1, true);
    await world.pass(2 * POLL_S, POLL_S);
    expect([inShort(leader), inShort(standby)]).toEqual([[], []]);
    await allowBot(0, false);
    await world.pass(2 * POLL_S, POLL_S);
    expect([inShort(leader), inShort(standby)]).toEqual([["key-refused own"], []]);
  }, 60_000);
});

describe("pushes that do not land", () => {
  test("are the leader's own trouble from the first one on, and over when one lands", async () => {
    world = await SteppedWorld.start();
    const jeju = await world.proxy("jeju");
    const leader = await world.agent({ JEJU_RPC_URLS: jeju.url });
    await jeju.setFault({ kind: "drop-sends", mode: "lost" });
    await world.passUntil(
      "one failed",
      () => leader.failures.length === 1,
      HEARTBEAT_S + 6 * POLL_S,
      POLL_S / 2,
    );
    expect(leader.failures).toEqual(["not-mined"]);
    expect(inShort(leader)).toEqual(["pushes-failing own"]);
    await jeju.setFault(null);
    await world.passUntil("one landed", () => leader.landed.length === 1, 6 * POLL_S, POLL_S / 2);
    expect(inShort(leader)).toEqual([]);
  }, 60_000);

  test("because the oracle is paused are nobody's trouble", async () => {
    world = await SteppedWorld.start({ oracle: "pausable" });
    const leader = await world.agent();
    await world.net.owner.pauseOracle();
    await world.pass(2 * HEARTBEAT_S, POLL_S);
    expect(inShort(leader)).toEqual([]);
  }, 60_000);
});

for (const chain of ["base", "jeju"] as const) {
  test(`${chain} out of reach is a trouble of leader and follower with the first attempt that fails`, async () => {
    world = await SteppedWorld.start({ bots: 2 });
    const proxy = await world.proxy(chain);
    const env = { [`${chain.toUpperCase()}_RPC_URLS`]: proxy.url };
    const agents = [await world.agent(env), await world.agent(env, { botIndex: 1, leadership: follower() })];
    await proxy.setFault({ kind: "refuse" });
    await world.pass(POLL_S + 1, 1);
    for (const agent of agents) {
      expect(inShort(agent)).toEqual([`${chain}-unreachable own`]);
      expect(troublesOf(agent)[0]?.forMs).toBeLessThanOrEqual(POLL_S * 1000);
      expect(agent.updater.snapshot().healthy).toBe(true);
    }
    await proxy.setFault(null);
    await world.pass(2 * POLL_S, POLL_S);
    for (const agent of agents) expect(inShort(agent)).toEqual([]);
  }, 60_000);
}

test("a follower that lost Base knows that the price is fresh, because Jeju still tells it", async () => {
  world = await SteppedWorld.start({ bots: 2 });
  const base = await world.proxy("base");
  const leader = await world.agent({}, { botIndex: 0 });
  const standby = await world.agent({ BASE_RPC_URLS: base.url }, { botIndex: 1, leadership: follower() });
  await world.pass(POLL_S);
  await base.setFault({ kind: "refuse" });
  for (let passedS = 0; passedS < STALE_S + HEARTBEAT_S; passedS += HEARTBEAT_S) {
    await world.net.feed.setAnswer(world.net.settings.ethUsd8);
    await world.pass(HEARTBEAT_S, POLL_S);
  }
  expect(leader.landed.length).toBeGreaterThanOrEqual(10);
  const body = healthBody(standby.updater.snapshot(), 1, undefined);
  expect(body).toMatchObject({
    lastUpdate: healthBody(leader.updater.snapshot(), 1, undefined).lastUpdate,
    reasons: ["Base has been unreachable for over 60 s"],
    troubles: ["base-unreachable"],
    consecutiveFailures: 0,
  });
  expect(body.priceAgeS).toBeLessThanOrEqual(HEARTBEAT_S + 2 * POLL_S);
  expect(body.lastLookAgeS).toBeGreaterThanOrEqual(STALE_S);
  expect([...standby.alerts.keys()]).toEqual(["chain-unreachable"]);
  expect(await metric(standby, "oracle_last_update_timestamp")).toBe((body.lastUpdate ?? 0) / 1000);
  expect(standby.updater.snapshot().lastPeerTag).toBe(leader.updater.snapshot().tag);
}, 60_000);
