/**
 * Due updates that cannot land: a typed reason, an alert that is raised and cleared, attempts that are spaced and
 * doubling instead of a storm, and recovery by itself. On real chains, with the production configuration.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { fencedPriceUpdaterAbi } from "@jeju-oracle/contracts/FencedPriceUpdater";
import type { LocalnetOptions, RpcProxy } from "@jeju-oracle/localnet";
import { healthBody } from "../../src/health-route.ts";
import type { TestAgent } from "./support/agents.ts";
import { metric } from "./support/metric.ts";
import { BLOCK_S, SteppedWorld } from "./support/stepped-world.ts";

const HEARTBEAT_S = 300;
const POLL_S = 10;
const UNHEALTHY_ABOVE_FAILURES = 5;
/** RETRY_DELAY_MS by default, doubled at once because retrying alone cures none of these; at most a minute. */
const LEAST_GAPS_S = [10, 20, 40, 60, 60, 60];
const GWEI = 10n ** 9n;

let world: SteppedWorld;

afterEach(() => world.stop());

/** An agent whose every call to Jeju is counted. */
async function watchedAgent(options: LocalnetOptions = {}): Promise<{ agent: TestAgent; jeju: RpcProxy }> {
  world = await SteppedWorld.start(options);
  const jeju = await world.proxy("jeju");
  const agent = await world.agent({ JEJU_RPC_URLS: jeju.url });
  return { agent, jeju };
}

const sends = (jeju: RpcProxy) => jeju.calls.get("eth_sendRawTransaction") ?? 0;
const attempts = (jeju: RpcProxy) => jeju.calls.get("eth_estimateGas") ?? 0;

/** Chain times at which the agent tried to push, from now until it has failed `count` times. */
async function timesOfFailures(agent: TestAgent, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let passedS = 0; times.length < count; passedS += BLOCK_S) {
    if (passedS > 2 * HEARTBEAT_S + 60 * count)
      throw new Error(`only ${times.length} attempts in ${passedS} s`);
    await world.pass(BLOCK_S);
    while (times.length < agent.failures.length) times.push(world.nowS);
  }
  return times;
}

interface Failure {
  readonly code: string;
  readonly what: string;
  readonly options?: LocalnetOptions;
  /** Alerts that hold beside the failure's own. */
  readonly alsoAlerts: readonly string[];
  cause(): Promise<void>;
  cure(): Promise<void>;
}

const setBalance = (value: bigint) =>
  world.net.jeju.client.setBalance({ address: world.net.keys.updater.address, value });

const allowBot = (allowed: boolean) =>
  world.send("jeju", world.net.addresses.fencedUpdater ?? "0x", fencedPriceUpdaterAbi, "setBot", [
    world.net.keys.bots[0]?.address,
    allowed,
  ]);

const failures: Failure[] = [
  {
    code: "wallet-empty",
    what: "the wallet is empty",
    alsoAlerts: ["wallet-low"],
    cause: () => setBalance(0n),
    cure: () => setBalance(10n ** 18n),
  },
  {
    code: "not-authorized",
    what: "the owner sets another updater while the agent runs",
    alsoAlerts: [],
    cause: () => world.net.owner.setPriceUpdater(world.net.keys.trader.address),
    cure: () => world.net.owner.setPriceUpdater(world.net.keys.updater.address),
  },
  {
    code: "not-authorized",
    what: "with the contract fence the owner revokes the bot's key while it runs",
    options: { fence: "contract" },
    alsoAlerts: [],
    cause: () => allowBot(false),
    cure: () => allowBot(true),
  },
];

describe("an update that cannot land", () => {
  for (const { code, what, options, alsoAlerts, cause, cure } of failures) {
    test(`${code}: ${what}: tried again at doubling distance, unhealthy after more than 5, recovers`, async () => {
      const { agent, jeju } = await watchedAgent(options);
      await cause();
      const triedAtS = await timesOfFailures(agent, UNHEALTHY_ABOVE_FAILURES);
      expect(agent.updater.snapshot()).toMatchObject({ healthy: true, consecutiveFailures: 5 });
      triedAtS.push(...(await timesOfFailures(agent, UNHEALTHY_ABOVE_FAILURES + 1)).slice(-1));

      const gapsS = triedAtS.slice(1).map((atS, index) => atS - (triedAtS[index] ?? 0));
      for (const [index, gapS] of gapsS.entries()) {
        const leastS = LEAST_GAPS_S[index] ?? 0;
        expect(gapS).toBeGreaterThanOrEqual(leastS);
        expect(gapS).toBeLessThanOrEqual(leastS + POLL_S);
      }
      expect(new Set(agent.failures)).toEqual(new Set([code]));
      expect(attempts(jeju)).toBe(agent.failures.length);
      expect(sends(jeju)).toBe(0);
      expect(await world.net.updates()).toEqual([]);
      expect(await metric(agent, "oracle_update_failures_total", { code })).toBe(6);
      expect(await metric(agent, "oracle_consecutive_failures")).toBe(6);
      expect(agent.log.matching("Oracle update failed")).toHaveLength(6);
      const sick = agent.updater.snapshot();
      expect(healthBody(sick, 0, undefined)).toMatchObject({
        healthy: false,
        consecutiveFailures: 6,
        reasons: ["6 consecutive failures"],
      });
      expect(agent.alerts.get(`update-failed:${code}`)?.severity).toBe("critical");
      for (const key of alsoAlerts) expect(agent.alerts.has(key)).toBe(true);

      await cure();
      await world.passUntil("an update landed", () => agent.landed.length === 1, 60 + 2 * POLL_S);
      expect(agent.updater.snapshot()).toMatchObject({ healthy: true, consecutiveFailures: 0 });
      await world.pass(2 * POLL_S);
      expect([...agent.alerts.keys()]).toEqual([]);
    }, 60_000);
  }
});

describe("an update that must wait is no failure", () => {
  /** Gas prices fall by an eighth with each empty block: this takes some 50 blocks to come down to the cap. */
  const FIRST_BASE_FEE_WEI = 100_000n * GWEI;

  test("gas-too-high: nothing is sent or estimated above MAX_GAS_PRICE_GWEI, and the first affordable look pushes", async () => {
    const { agent, jeju } = await watchedAgent();
    await world.pass(HEARTBEAT_S - POLL_S, POLL_S);
    await world.net.jeju.client.setNextBlockBaseFeePerGas({ baseFeePerGas: FIRST_BASE_FEE_WEI });
    await world.pass(6 * POLL_S, POLL_S);
    expect(agent.looks.at(-1)?.decision).toMatchObject({ reason: "gas-too-high", wouldPush: "heartbeat" });
    expect(agent.alerts.get("gas-too-high")?.severity).toBe("warning");
    expect(await metric(agent, "oracle_gas_price_gwei")).toBeGreaterThan(100);

    await world.passUntil("an update landed", () => agent.landed.length === 1, 900, POLL_S);
    const dear = agent.looks.filter(({ state }) => (state.gasPriceWei * 120n) / 100n > 100n * GWEI);
    expect(dear.length).toBeGreaterThan(20);
    for (const { decision } of dear.slice(2)) expect(decision.reason).toBe("gas-too-high");
    expect({ attempts: attempts(jeju), sends: sends(jeju) }).toEqual({ attempts: 1, sends: 1 });
    await world.pass(2 * POLL_S);
    expect(agent.failures).toEqual([]);
    expect(agent.alerts.has("gas-too-high")).toBe(false);
  }, 60_000);

  test("paused: while the oracle contract is paused nothing is tried, a human is paged, and it goes on by itself", async () => {
    const { agent, jeju } = await watchedAgent({ oracle: "pausable" });
    await world.net.owner.pauseOracle();
    await world.pass(2 * HEARTBEAT_S, POLL_S);
    expect(agent.looks.at(-1)?.decision).toMatchObject({
      reason: "paused",
      detail: "the oracle contract is paused",
      wouldPush: "heartbeat",
    });
    expect(agent.alerts.get("oracle-paused")?.severity).toBe("critical");
    expect({ attempts: attempts(jeju), sends: sends(jeju) }).toEqual({ attempts: 0, sends: 0 });
    expect(agent.updater.snapshot()).toMatchObject({ healthy: true, consecutiveFailures: 0 });

    await world.net.owner.unpauseOracle();
    await world.passUntil("an update landed", () => agent.landed.length === 1, 3 * POLL_S);
    await world.pass(POLL_S);
    expect(agent.alerts.has("oracle-paused")).toBe(false);
  }, 60_000);
});
