import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@jeju-oracle/kit";
import { spawnCli, spawnScript } from "./support/spawned-agent.ts";

const directory = mkdtempSync(join(tmpdir(), "agent-process-"));
afterAll(() => rmSync(directory, { recursive: true }));

const BREAKABLE = fileURLToPath(new URL("./support/breakable-agent.ts", import.meta.url));
const KEY = "7c".repeat(32);
const URL_KEY = "path-key-0123456789abcdef";

/** Valid, with endpoints where nobody listens: port 9 is "discard" and closed on any test machine. */
const ENV = {
  BOT_ID: "bot-under-test",
  STATE_DIR: join(directory, "state"),
  LEADER_LOCK_FILE: join(directory, "leader.lock"),
  HEALTH_CHECK_PORT: "0",
  HEALTH_CHECK_HOST: "127.0.0.1",
  LOG_FORMAT: "json",
  BASE_RPC_URLS: `http://127.0.0.1:9/${URL_KEY}`,
  JEJU_RPC_URLS: `http://127.0.0.1:9/v2/${URL_KEY}`,
  ORACLE_ADDRESS: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  ELIZAOS_TOKEN_BASE: "0xea17Df5Cf6D172224892B5477A16ACb111182478",
  PRICE_UPDATER_PRIVATE_KEY: KEY,
} as const;

function without(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(ENV).filter(([name]) => !names.includes(name)));
}

describe("oracle-agent run", () => {
  test("starts although no chain answers: alive and ready at once, unhealthy, and ends with 0 on SIGTERM", async () => {
    await using agent = spawnCli(["run"], ENV);
    const url = await agent.url();
    await agent.line("Agent is ready");
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({
      status: "unhealthy",
      botId: "bot-under-test",
      healthy: false,
      lastUpdate: 0,
      consecutiveFailures: expect.any(Number),
      totalUpdates: 0,
      uptime: expect.any(Number),
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('oracle_is_leader{bot_id="bot-under-test"}');
    expect(metrics).toContain(
      'oracle_unhandled_errors_total{kind="unhandledRejection",bot_id="bot-under-test"} 0',
    );
    await agent.line("Bot bot-under-test became leader");
    const askedAtMs = systemClock.monotonicMs();
    agent.signal("SIGTERM");
    expect(await agent.exitCode()).toBe(0);
    expect(systemClock.monotonicMs() - askedAtMs).toBeLessThan(5_000);
  });

  test("says nothing secret, in log, pages or errors, even at debug", async () => {
    await using agent = spawnCli(["run"], { ...ENV, LOG_LEVEL: "debug" });
    const url = await agent.url();
    await agent.line("Agent is ready");
    const pages = await Promise.all(
      ["/health", "/metrics", "/readyz", `/${URL_KEY}`].map(async (path) => (await fetch(url + path)).text()),
    );
    agent.signal("SIGINT");
    expect(await agent.exitCode()).toBe(0);
    for (const text of [agent.output(), ...pages]) {
      expect(text).not.toContain(KEY);
      expect(text).not.toContain(URL_KEY);
    }
  });

  test("every line of its log is JSON: elizaOS prints none of its own", async () => {
    await using agent = spawnCli(["run"], { ...ENV, LOG_LEVEL: "debug" });
    await agent.line("Agent is ready");
    agent.signal("SIGTERM");
    await agent.exitCode();
    for (const line of agent.output().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  });

  test("exits with 78 and one line per problem when variables are missing or malformed", async () => {
    const malformedKey = "not-a-private-key-but-still-secret";
    await using agent = spawnCli(["run"], {
      ...without("BASE_RPC_URLS", "ORACLE_ADDRESS"),
      PRICE_UPDATER_PRIVATE_KEY: malformedKey,
      UPDATE_INTERVAL_MS: "soon",
      LEADER_ELECTION_ENABLED: "perhaps",
      HEALTH_CHECK_HOST: "somewhere",
    });
    expect(await agent.exitCode()).toBe(78);
    const lines = agent.output().split("\n");
    for (const variable of [
      "BASE_RPC_URLS: is required but not set",
      "ORACLE_ADDRESS: is required but not set",
      "PRICE_UPDATER_PRIVATE_KEY: must be a private key",
      "UPDATE_INTERVAL_MS: must be a whole number",
      "LEADER_ELECTION_ENABLED: must be true or false",
      "HEALTH_CHECK_HOST: must be an IP address or localhost",
    ]) {
      expect(lines.filter((line) => line.startsWith(variable))).toHaveLength(1);
    }
    expect(agent.output()).not.toContain(malformedKey);
  });

  test("exits with 78 when a secret's file is readable by others", async () => {
    const file = join(directory, "key");
    writeFileSync(file, KEY);
    chmodSync(file, 0o644);
    await using agent = spawnCli(["run"], {
      ...without("PRICE_UPDATER_PRIVATE_KEY"),
      PRICE_UPDATER_PRIVATE_KEY_FILE: file,
    });
    expect(await agent.exitCode()).toBe(78);
    expect(agent.output()).toContain(
      `PRICE_UPDATER_PRIVATE_KEY_FILE: names a file that others can read: run chmod 600`,
    );
    expect(agent.output()).not.toContain(KEY);
  });

  test("exits with 78 and names the variable when its port is taken", async () => {
    const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("mine") });
    try {
      await using agent = spawnCli(["run"], { ...ENV, HEALTH_CHECK_PORT: String(taken.port) });
      expect(await agent.exitCode()).toBe(78);
      expect(agent.output()).toContain(`HEALTH_CHECK_PORT: port ${taken.port} is in use`);
    } finally {
      await taken.stop(true);
    }
  });
});

describe("a process that meets errors nobody handled", () => {
  test("lives on, logs and counts them", async () => {
    await using agent = spawnScript(BREAKABLE, [], ENV);
    const url = await agent.url();
    await agent.line("Agent is ready");
    expect((await fetch(`${url}/oracle-updater/break`, { method: "POST" })).status).toBe(202);
    expect(await agent.line("nobody awaits this")).toContain("unhandledRejection");
    expect(await agent.line("nobody catches this")).toContain("uncaughtException");
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/oracle_unhandled_errors_total\{kind="unhandledRejection",[^}]*\} 1/);
    expect(metrics).toMatch(/oracle_unhandled_errors_total\{kind="uncaughtException",[^}]*\} 1/);
    agent.signal("SIGTERM");
    expect(await agent.exitCode()).toBe(0);
  });

  test("lives on when whoever reads its log goes away", async () => {
    await using agent = spawnScript(BREAKABLE, [], ENV);
    const url = await agent.url();
    await agent.line("Agent is ready");
    await agent.closeOutput();
    for (let request = 0; request < 5; request++)
      await fetch(`${url}/oracle-updater/break`, { method: "POST" });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    agent.signal("SIGTERM");
    expect(await agent.exitCode()).toBe(0);
  });
});

describe("a process with a service that never stops", () => {
  test("still ends with 0 within 5 s of the first signal", async () => {
    await using agent = spawnScript(BREAKABLE, [], { ...ENV, HANG_ON_STOP: "true" });
    await agent.line("Agent is ready");
    const askedAtMs = systemClock.monotonicMs();
    agent.signal("SIGTERM");
    expect(await agent.exitCode()).toBe(0);
    expect(systemClock.monotonicMs() - askedAtMs).toBeLessThan(5_000);
    expect(agent.output()).toContain("oracle-updater did not finish within 2000 ms");
  });

  test("ends at once on a second signal, and says so", async () => {
    await using agent = spawnScript(BREAKABLE, [], { ...ENV, HANG_ON_STOP: "true" });
    await agent.line("Agent is ready");
    agent.signal("SIGTERM");
    await agent.line("Shutting down");
    agent.signal("SIGINT");
    expect(await agent.exitCode()).toBe(130);
    expect(agent.output()).toContain("Second signal: leaving at once");
    expect(agent.output()).not.toContain("Shut down");
  });
});

describe("oracle-agent", () => {
  test("without a command, or with --help, lists the commands", async () => {
    await using bare = spawnCli([], {});
    await using help = spawnCli(["--help"], {});
    expect(await bare.exitCode()).toBe(64);
    expect(await help.exitCode()).toBe(0);
    for (const command of ["run", "check-config", "localnet"])
      expect(help.output()).toContain(`  ${command}`);
  });

  test("suggests the command that was meant", async () => {
    await using agent = spawnCli(["chek-config"], {});
    expect(await agent.exitCode()).toBe(64);
    expect(agent.output()).toContain("unknown command chek-config; did you mean check-config?");
  });

  test("refuses an option and an argument it does not know", async () => {
    await using option = spawnCli(["check-config", "--jsn"], {});
    await using argument = spawnCli(["run", "fast"], {});
    await using inherited = spawnCli(["constructor"], {});
    expect(await option.exitCode()).toBe(64);
    expect(option.output()).toContain("did you mean json?");
    expect(await argument.exitCode()).toBe(64);
    expect(await inherited.exitCode()).toBe(64);
  });
});

describe("oracle-agent check-config", () => {
  test("shows every variable with its origin, and no secret", async () => {
    await using agent = spawnCli(["check-config"], ENV);
    expect(await agent.exitCode()).toBe(0);
    expect(agent.output()).toMatch(/BOT_ID +bot-under-test +environment/);
    expect(agent.output()).toMatch(/PRICE_UPDATER_PRIVATE_KEY +set +environment/);
    expect(agent.output()).toMatch(/UPDATE_INTERVAL_MS +300000 +default +seed: How It Works/);
    expect(agent.output()).toContain("UNKNOWN  Base RPC 0");
    expect(agent.output()).toContain("INCOMPLETE: an agent would start");
    expect(agent.output()).not.toContain(KEY);
    expect(agent.output()).not.toContain(URL_KEY);
  });

  test("exits with 78 and names problems and likely typos", async () => {
    await using agent = spawnCli(["check-config"], { ...without("ORACLE_ADDRESS"), ORACLE_ADRESS: "0x00" });
    expect(await agent.exitCode()).toBe(78);
    expect(agent.output()).toContain("PROBLEM  ORACLE_ADDRESS: is required but not set");
    expect(agent.output()).toContain("ORACLE_ADRESS is set but unknown: did you mean ORACLE_ADDRESS?");
    expect(agent.output()).toContain("The chains were not asked");
  });

  test("--json gives the same to machines, without a secret", async () => {
    await using agent = spawnCli(["check-config", "--json"], ENV);
    expect(await agent.exitCode()).toBe(0);
    const check = JSON.parse(agent.output()) as {
      ok: boolean;
      variables: { variable: string; value: string }[];
    };
    expect(check.ok).toBe(true);
    expect(check.variables).toContainEqual(
      expect.objectContaining({ variable: "PRICE_UPDATER_PRIVATE_KEY", value: "set", origin: "environment" }),
    );
    expect(agent.output()).not.toContain(KEY);
  });
});
