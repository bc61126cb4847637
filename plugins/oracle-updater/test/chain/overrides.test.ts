/** Settings that operators change for a while: on real chains, with the production configuration. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { OverrideName, RuntimeOverride } from "@jeju-oracle/kit";
import type { TestAgent } from "./support/agents.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const HEARTBEAT_S = 300;
const POLL_S = 10;
const DAY_MS = 86_400_000;
const ETH_USD8 = 3_000n * 10n ** 8n;

let world: SteppedWorld;

beforeEach(async () => {
  world = await SteppedWorld.start({ ethUsd8: ETH_USD8 });
});

afterEach(() => world.stop());

const percentUp = (percent: bigint) => (ETH_USD8 * (100n + percent)) / 100n;
const lastReason = (agent: TestAgent) => agent.looks.at(-1)?.decision.reason;

function override(name: OverrideName, value: string, forS: number): RuntimeOverride {
  return { name, value, untilChainTimeS: BigInt(world.nowS + forS), by: "ada", reason: "incident 7" };
}

test("max-gas-price-gwei raises the cap at once and ends by chain time, whatever the host's clock says", async () => {
  const agent = await world.agent({ MAX_GAS_PRICE_GWEI: "0.000000001" });
  await world.pass(HEARTBEAT_S + POLL_S, POLL_S);
  expect(lastReason(agent)).toBe("gas-too-high");
  const raised = override("max-gas-price-gwei", "200", 3 * HEARTBEAT_S);
  agent.updater.applyOverrides([raised]);
  await world.clock.atRest();
  expect(agent.log.matching('"msg":"Pushing"')).toHaveLength(1);
  await world.passUntil("an update landed", () => agent.landed.length === 1, 2 * POLL_S);
  world.clock.jumpWall(DAY_MS);
  await world.passUntil(
    "another one landed",
    () => agent.landed.length === 2,
    HEARTBEAT_S + 2 * POLL_S,
    POLL_S,
  );
  world.clock.jumpWall(-2 * DAY_MS);
  await world.pass(2 * HEARTBEAT_S + 2 * POLL_S, POLL_S);
  expect(lastReason(agent)).toBe("gas-too-high");
  for (const { timestampS } of await world.net.updates()) {
    expect(timestampS).toBeLessThanOrEqual(Number(raised.untilChainTimeS));
  }
  expect(agent.log.matching("Override in force")).toHaveLength(1);
  expect(agent.log.matching("Override ended")).toHaveLength(1);
}, 60_000);

test("max-price-deviation-pct widens the hold band, and the configured band holds again afterwards", async () => {
  const agent = await world.agent();
  await world.net.feed.setAnswer(percentUp(15n));
  await world.pass(2 * POLL_S);
  expect(lastReason(agent)).toBe("held");
  agent.updater.applyOverrides([override("max-price-deviation-pct", "20", 120)]);
  await world.clock.atRest();
  await world.passUntil("an update landed", () => agent.landed.length === 1, 60);
  expect(agent.landed[0]).toMatchObject({ reason: "deviation", ethUsd8: percentUp(15n) });
  await world.pass(120, POLL_S);
  await world.net.feed.setAnswer(ETH_USD8);
  await world.pass(2 * POLL_S);
  expect(lastReason(agent)).toBe("held");
}, 60_000);

for (const chain of ["jeju", "base"] as const) {
  const variable = `${chain.toUpperCase()}_RPC_URLS`;
  test(`extra-${chain}-rpc rescues an agent whose only endpoint is dead from the start, until its chain time`, async () => {
    const [dead, extra] = [await world.proxy(chain), await world.proxy(chain)];
    await dead.setFault({ kind: "refuse" });
    const agent = await world.agent({ [variable]: dead.url });
    await world.pass(HEARTBEAT_S, POLL_S);
    expect(agent.looks).toEqual([]);
    expect(agent.updater.snapshot().troubles.map(({ code }) => code)).toEqual([
      "not-ready",
      `${chain}-unreachable`,
    ]);

    const forS = 2 * HEARTBEAT_S;
    agent.updater.applyOverrides([override(`extra-${chain}-rpc`, extra.url, forS)]);
    await world.passUntil("an update landed", () => agent.landed.length === 1, 2 * POLL_S);
    expect(agent.updater.snapshot().troubles).toEqual([]);
    await world.pass(forS + POLL_S, POLL_S);
    const askedWhenItEnded = extra.requests;
    await world.pass(6 * POLL_S, POLL_S);
    expect(extra.requests).toBe(askedWhenItEnded);
    expect(agent.updater.snapshot().troubles.map(({ code }) => code)).toContain(`${chain}-unreachable`);
    expect(agent.log.matching("Override ended")).toHaveLength(1);
  }, 60_000);
}

test("error: a bad override is logged and ignored, and the agent goes on as configured", async () => {
  const agent = await world.agent();
  agent.updater.applyOverrides([
    override("max-price-deviation-pct", "60", 600),
    override("max-gas-price-gwei", "cheap", 600),
    override("extra-jeju-rpc", "not a url", 600),
  ]);
  expect(agent.log.matching("Override ignored")).toHaveLength(3);
  await world.passUntil(
    "the heartbeat landed",
    () => agent.landed.length === 1,
    HEARTBEAT_S + 3 * POLL_S,
    POLL_S,
  );
}, 60_000);
