import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { spawnCli } from "./support/spawned-agent.ts";

const CASE_DEADLINE_MS = 60_000;

const directory = mkdtempSync(join(tmpdir(), "agent-localnet-"));
let localnet: Localnet;

beforeAll(async () => {
  localnet = await startLocalnet({});
});

afterAll(async () => {
  await localnet.stop();
  rmSync(directory, { recursive: true });
});

/** An agent that finds every look due: a heartbeat of one second. */
function agentEnv(): Record<string, string> {
  return {
    ...localnet.env(0),
    STATE_DIR: join(directory, crypto.randomUUID()),
    HEALTH_CHECK_PORT: "0",
    HEALTH_CHECK_HOST: "127.0.0.1",
    LOG_FORMAT: "json",
    UPDATE_INTERVAL_MS: "1000",
    MIN_UPDATE_INTERVAL_S: "1",
    PRICE_POLL_INTERVAL_MS: "200",
  };
}

describe("one agent, from environment variables alone", () => {
  test("updates the oracle, is healthy, and its key appears nowhere", async () => {
    const env = agentEnv();
    await using agent = spawnCli(["run"], env);
    const url = await agent.url();
    await agent.line("Oracle updated successfully");
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: "healthy", healthy: true, consecutiveFailures: 0 });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/oracle_total_updates\{[^}]*\} [1-9]/);
    agent.signal("SIGTERM");
    expect(await agent.exitCode()).toBe(0);
    const key = (env.PRICE_UPDATER_PRIVATE_KEY ?? "").replace(/^0x/, "");
    expect(key).toHaveLength(64);
    expect(agent.output()).not.toContain(key);
  });

  test(
    "is elected before it acts, shows itself in the lock file, and lets the lead go when it ends",
    async () => {
      const lockFile = () => JSON.parse(readFileSync(localnet.lockFile, "utf8"));
      await using agent = spawnCli(["run"], agentEnv());
      await agent.line("Oracle updated successfully");
      const said = agent.output();
      expect(said.indexOf("Bot bot-1 became leader")).toBeLessThan(
        said.indexOf("Oracle updated successfully"),
      );
      expect(lockFile()).toMatchObject({ botId: "bot-1", pid: agent.pid });
      const { term } = JSON.parse(await agent.line("Bot bot-1 became leader")) as { term: number };
      expect(term).toBeGreaterThan(0);
      agent.signal("SIGTERM");
      expect(await agent.exitCode()).toBe(0);

      await using successor = spawnCli(["run"], { ...agentEnv(), BOT_ID: "bot-2" });
      const elected = JSON.parse(await successor.line("Bot bot-2 became leader")) as { term: number };
      expect(elected.term).toBe(term + 1);
      expect(successor.output()).not.toContain("is dead");
      await successor.line("Oracle updated successfully");
      expect(lockFile()).toMatchObject({ botId: "bot-2", pid: successor.pid });
      successor.signal("SIGTERM");
      expect(await successor.exitCode()).toBe(0);
    },
    CASE_DEADLINE_MS,
  );

  test("exits with 78 when an endpoint is on another chain", async () => {
    await using agent = spawnCli(["run"], { ...agentEnv(), JEJU_CHAIN_ID: "420691" });
    expect(await agent.exitCode()).toBe(78);
    expect(agent.output()).toContain("JEJU_RPC_URLS: endpoint 0 is on chain 1337, expected is 420691");
  });

  test("exits with 78 when the oracle does not accept the key", async () => {
    await using agent = spawnCli(["run"], { ...agentEnv(), PRICE_UPDATER_PRIVATE_KEY: "7c".repeat(32) });
    expect(await agent.exitCode()).toBe(78);
    expect(agent.output()).toContain("PRICE_UPDATER_PRIVATE_KEY: the oracle accepts updates from");
  });
});
