/** The Alertmanager configuration that is shipped as an example: valid, and each alert goes where the page says. */
import { describe, expect, test } from "bun:test";
import { needing, runTool } from "./support/debian-tool.ts";
import { opsPath, prometheusRules } from "./support/ops-files.ts";

const CONFIG = opsPath("alertmanager/alertmanager.yml");
const rules = prometheusRules();

/** Fails when an alert with these labels goes elsewhere. */
async function expectReceiver(receiver: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const { exitCode, output } = await runTool([
    ...["amtool", "config", "routes", "test", `--config.file=${CONFIG}`, `--verify.receivers=${receiver}`],
    ...matchers,
  ]);
  expect({ labels, output, exitCode }).toMatchObject({ exitCode: 0 });
}

const amtool = needing("amtool", "Alertmanager's example configuration");
describe.skipIf(amtool.isMissing)(amtool.title, () => {
  test("is valid", async () => {
    const { exitCode, output } = await runTool(["amtool", "check-config", CONFIG]);
    expect(output).toContain("SUCCESS");
    expect(exitCode).toBe(0);
  });

  test("sends what other systems report to the agents, whatever its severity", async () => {
    for (const severity of ["critical", "page", "warning", "info"])
      await expectReceiver("agents", { alertname: "DiskFull", severity });
    await expectReceiver("agents", { alertname: "DiskFull" });
  });

  test("sends past the agents what they cannot tell when they are gone", async () => {
    const rule = rules.find(({ alert }) => alert === "AllOracleBotsDown");
    await expectReceiver("past-the-agents", { alertname: "AllOracleBotsDown", ...rule?.labels });
  });

  test("tells what the agents tell a second time only when it is critical", async () => {
    const price = rules.find(({ alert }) => alert === "OraclePriceStale");
    await expectReceiver("past-the-agents", { alertname: "OraclePriceStale", ...price?.labels });
    const wallet = rules.find(({ alert }) => alert === "OracleLowWalletBalance");
    await expectReceiver("told-by-agents", { alertname: "OracleLowWalletBalance", ...wallet?.labels });
  });

  test("inhibits only by and of alerts that exist", async () => {
    const config = await Bun.file(CONFIG).text();
    const inhibiting = config.slice(config.indexOf("inhibit_rules"));
    const patterns = [...inhibiting.matchAll(/alertname=(~?)"([^"]+)"/g)];
    expect(patterns.length).toBeGreaterThan(2);
    const names = patterns.flatMap(([, isPattern, pattern = ""]) => {
      const [, prefix = "", choice = ""] = /^(\w*)\(([\w|]+)\)$/.exec(pattern) ?? [];
      return isPattern === "~" ? choice.split("|").map((end) => prefix + end) : [pattern];
    });
    for (const name of names) expect(rules.map(({ alert }) => alert)).toContain(name);
  });
});
