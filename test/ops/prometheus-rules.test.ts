/** The Prometheus rules that are shipped, against the metrics, runbooks and alerts that exist. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnCli } from "../../agent/test/support/spawned-agent.ts";
import { RULES } from "../../plugins/alerts-chat/src/alerts/rules/rules.ts";
import { RUNBOOKS } from "../../plugins/alerts-chat/src/runbooks/index.ts";
import { needing, runTool } from "./support/debian-tool.ts";
import { opsPath, prometheusRules } from "./support/ops-files.ts";

const START_DEADLINE_MS = 30_000;
const directory = mkdtempSync(join(tmpdir(), "prometheus-rules-"));
afterAll(() => rmSync(directory, { recursive: true }));

const rules = prometheusRules();

/** Seed: Monitoring Alerts. */
const SEED = {
  OracleBotDown: "critical",
  AllOracleBotsDown: "critical",
  OraclePriceStale: "critical",
  OracleHighFailureRate: "warning",
  OracleSingleBotRunning: "warning",
  OracleLowWalletBalance: "warning",
} as const;

test("the user's six alerts are there with the user's severities", () => {
  const severities = Object.fromEntries(rules.map(({ alert, labels }) => [alert, labels.severity]));
  expect(severities).toMatchObject(SEED);
});

test("no two rules have one name", () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

describe("each rule", () => {
  for (const { alert, labels, annotations } of rules) {
    test(`${alert} says how bad it is, who tells it, what it is, what it means, and which of our runbooks helps`, () => {
      expect(["critical", "warning", "info"]).toContain(labels.severity ?? "none");
      expect(["agents", "prometheus"]).toContain(labels.told_by ?? "none");
      expect(RUNBOOKS.map(({ id }) => id)).toContain(labels.runbook ?? "none");
      expect(existsSync(opsPath(`../docs/runbooks/${labels.runbook}.md`))).toBe(true);
      expect(annotations.summary?.length).toBeGreaterThan(10);
      expect(annotations.description?.length).toBeGreaterThan(10);
    });
  }

  test("leads to the runbook to which the agents' alert of that name leads", () => {
    const named = rules.flatMap(({ alert, labels }) => {
      const own = RULES.find(({ name }) => name === alert);
      return own?.runbook === undefined ? [] : [[alert, labels.runbook, own.runbook]];
    });
    expect(named.length).toBeGreaterThan(10);
    for (const [, theirs, ours] of named) expect(theirs).toBe(ours);
  });
});

/** `name` and what it is, from the text that Prometheus reads. */
function typesIn(metrics: string): ReadonlyMap<string, string> {
  return new Map(
    [...metrics.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = "", type = ""]) => [name, type]),
  );
}

test(
  "every metric that a rule asks for is one of a running agent",
  async () => {
    await using agent = spawnCli(["run"], {
      BOT_ID: "bot-under-test",
      STATE_DIR: join(directory, "state"),
      LEADER_LOCK_FILE: join(directory, "leader.lock"),
      HEALTH_CHECK_PORT: "0",
      HEALTH_CHECK_HOST: "127.0.0.1",
      LOG_FORMAT: "json",
      // Nobody listens there; the metrics are there all the same.
      BASE_RPC_URLS: "http://127.0.0.1:9",
      JEJU_RPC_URLS: "http://127.0.0.1:9",
      ORACLE_ADDRESS: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
      ELIZAOS_TOKEN_BASE: "0xea17Df5Cf6D172224892B5477A16ACb111182478",
      PRICE_UPDATER_PRIVATE_KEY: "7c".repeat(32),
    });
    const url = await agent.url();
    await agent.line("Agent is ready");
    const types = typesIn(await (await fetch(`${url}/metrics`)).text());
    const asked = new Set(rules.flatMap(({ expr }) => expr.match(/\boracle_\w+/g) ?? []));
    expect(asked.size).toBeGreaterThan(15);
    const unknown = [...asked].filter((name) => {
      const histogram = name.replace(/_(count|sum|bucket)$/, "");
      return !types.has(name) && types.get(histogram) !== "histogram";
    });
    expect(unknown).toEqual([]);
  },
  START_DEADLINE_MS,
);

const promtool = needing("promtool", "promtool");
describe.skipIf(promtool.isMissing)(promtool.title, () => {
  test("finds nothing wrong with the rules and the example configuration", async () => {
    const { exitCode, output } = await runTool([
      "promtool",
      "check",
      "config",
      opsPath("prometheus/prometheus.yml"),
    ]);
    expect(output).toContain(`${rules.length} rules found`);
    expect(exitCode).toBe(0);
  });

  test(
    "fires each rule when it should and none when it should not, as the rules' own test says",
    async () => {
      const { exitCode, output } = await runTool([
        ...["promtool", "test", "rules"],
        opsPath("prometheus/tests/oracle-alerts.test.yml"),
      ]);
      expect(output).toContain("SUCCESS");
      expect(exitCode).toBe(0);
    },
    START_DEADLINE_MS,
  );
});
