/** What operators, dashboards and supervisors of the running deployment rely on, seen from outside the process. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@jeju-oracle/kit";
import { type Localnet, type RpcProxy, startLocalnet, startRpcProxy } from "@jeju-oracle/localnet";
import { deployedEnv, secretsOf } from "./support/deployed-env.ts";
import { type SpawnedAgent, spawnCli } from "./support/spawned-agent.ts";

/** Older than the heartbeat of 5 minutes: an update is due as soon as the agent looks. */
const PRICE_AGE_S = 600;
const CASE_DEADLINE_MS = 60_000;
/** PRICE_POLL_INTERVAL_MS is 10 s: an update is seen on chain at the next poll. */
const NEXT_POLL_DEADLINE_MS = 30_000;

/** Names and types that dashboards and alerts in use ask for. */
const METRICS_IN_USE: Readonly<Record<string, "gauge" | "counter" | "histogram">> = {
  oracle_last_update_timestamp: "gauge",
  oracle_consecutive_failures: "gauge",
  oracle_total_updates: "counter",
  oracle_update_failures_total: "counter",
  oracle_is_leader: "gauge",
  oracle_eth_usd_price: "gauge",
  oracle_eliza_usd_price: "gauge",
  oracle_wallet_balance_eth: "gauge",
  oracle_gas_price_gwei: "gauge",
  oracle_rpc_duration_seconds: "histogram",
  oracle_rpc_failover_total: "counter",
  oracle_leader_election_failures_total: "counter",
  oracle_uptime_seconds: "gauge",
};

const directory = mkdtempSync(join(tmpdir(), "agent-interface-"));
let net: Localnet;
let proxies: RpcProxy[];
let agent: SpawnedAgent;
let env: Record<string, string>;
let url: string;

beforeAll(async () => {
  net = await startLocalnet({ bots: 1, initialOracle: { ageS: PRICE_AGE_S } });
  const [base, jeju] = await Promise.all(
    [net.base, net.jeju].map(({ rpcUrl }) => startRpcProxy({ target: rpcUrl })),
  );
  proxies = [base!, jeju!];
  env = deployedEnv(net, join(directory, "state"), { base: base!.url, jeju: jeju!.url });
  agent = spawnCli(["run"], env);
  url = await agent.url();
  await agent.line("Agent is ready");
  await agent.line("Oracle updated successfully");
}, 60_000);

afterAll(async () => {
  await agent?.[Symbol.asyncDispose]();
  await Promise.all((proxies ?? []).map((proxy) => proxy.stop()));
  await net?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

async function metricsText(): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

/** The value of the only series of a metric. */
function valueIn(metrics: string, name: string): number {
  const series = metrics.split("\n").filter((line) => line.startsWith(`${name}{`));
  expect(series).toHaveLength(1);
  return Number(series[0]?.split(" ").at(-1));
}

/** /health as it is once the agent has looked at the chain after its update. */
async function settledHealth(): Promise<Record<string, unknown>> {
  const { lastUpdateS } = await net.oracleState();
  const deadlineMs = systemClock.monotonicMs() + NEXT_POLL_DEADLINE_MS;
  for (;;) {
    const response = await fetch(`${url}/health`);
    const health = (await response.json()) as Record<string, unknown>;
    if (health.lastUpdate === lastUpdateS * 1000) return { ...health, httpStatus: response.status };
    if (systemClock.monotonicMs() > deadlineMs) throw new Error(`never current: ${JSON.stringify(health)}`);
    await Bun.sleep(100);
  }
}

describe("an agent with the variables of the running deployment and nothing else", () => {
  test(
    "/health is the runbook's JSON; lastUpdate is the chain's, in ms",
    async () => {
      const health = await settledHealth();
      expect(Object.keys(health).slice(0, 7)).toEqual([
        "status",
        "botId",
        "healthy",
        "lastUpdate",
        "consecutiveFailures",
        "totalUpdates",
        "uptime",
      ]);
      expect(health).toMatchObject({
        httpStatus: 200,
        status: "healthy",
        botId: "bot-aws-1",
        healthy: true,
        lastUpdate: (await net.oracleState()).lastUpdateS * 1000,
        consecutiveFailures: 0,
        totalUpdates: 1,
      });
      expect(Number.isSafeInteger(health.uptime)).toBe(true);
      expect(health.uptime as number).toBeLessThan(120);
    },
    CASE_DEADLINE_MS,
  );

  test(
    "/livez and /readyz answer 200",
    async () => {
      for (const page of ["livez", "readyz"]) expect((await fetch(`${url}/${page}`)).status).toBe(200);
    },
    CASE_DEADLINE_MS,
  );

  test(
    "/metrics has every name in use, of its type, each series with the bot_id",
    async () => {
      const lines = (await metricsText()).split("\n");
      for (const [name, type] of Object.entries(METRICS_IN_USE)) {
        expect(lines).toContain(`# TYPE ${name} ${type}`);
      }
      const series = lines.filter((line) => line !== "" && !line.startsWith("#"));
      for (const line of series) expect(line).toContain('bot_id="bot-aws-1"');
    },
    CASE_DEADLINE_MS,
  );

  test(
    "/metrics tells the chain's values in the units of the dashboards",
    async () => {
      await settledHealth();
      const metrics = await metricsText();
      const chain = await net.oracleState();
      expect(valueIn(metrics, "oracle_last_update_timestamp")).toBe(chain.lastUpdateS);
      expect(valueIn(metrics, "oracle_eth_usd_price")).toBe(Number(chain.ethUsd8));
      expect(valueIn(metrics, "oracle_eliza_usd_price")).toBe(Number(chain.elizaUsd8));
      expect(valueIn(metrics, "oracle_total_updates")).toBe(1);
      expect(valueIn(metrics, "oracle_is_leader")).toBe(1);
      const balanceWei = await net.jeju.client.getBalance({ address: net.keys.updater.address });
      expect(valueIn(metrics, "oracle_wallet_balance_eth")).toBeCloseTo(Number(balanceWei) / 1e18, 6);
      for (const chainName of ["base", "jeju"]) {
        expect(metrics).toMatch(new RegExp(`oracle_rpc_duration_seconds_count\\{[^}]*chain="${chainName}"`));
      }
    },
    CASE_DEADLINE_MS,
  );

  test(
    "the log has the lines that operators search for",
    async () => {
      for (const text of ["Bot bot-aws-1 became leader", "Oracle updated successfully"]) {
        expect(agent.output()).toContain(text);
      }
      // LEADER_ELECTION_ENABLED=false, as it is set there.
      expect(await agent.line("became leader")).toContain('"role":"standalone"');
    },
    CASE_DEADLINE_MS,
  );

  test(
    "on SIGTERM it exits with 0 within 5 s, its port is closed, and no secret was ever printed",
    async () => {
      const pages = await Promise.all(
        ["health", "metrics", "livez", "readyz"].map(async (page) => (await fetch(`${url}/${page}`)).text()),
      );
      const askedAtMs = systemClock.monotonicMs();
      agent.signal("SIGTERM");
      expect(await agent.exitCode()).toBe(0);
      expect(systemClock.monotonicMs() - askedAtMs).toBeLessThan(5_000);
      expect(() => process.kill(agent.pid, 0)).toThrow("ESRCH");
      await expect(fetch(`${url}/livez`)).rejects.toThrow();
      for (const secret of secretsOf(env)) {
        for (const text of [agent.output(), ...pages]) expect(text).not.toContain(secret);
      }
    },
    CASE_DEADLINE_MS,
  );
});
