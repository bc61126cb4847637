import { describe, expect, test } from "bun:test";
import { CONTROL_ACTIONS } from "../../src/actions/index.ts";
import { RUNBOOKS, runbookNamed } from "../../src/runbooks/index.ts";
import { FakeSystem } from "../support/fake-view.ts";

/** Headings of the seed's procedures that tell people what to do, with what it says of urgency. */
const SEED_SECTIONS = [
  ["Procedure 1: Graceful Failover", "graceful-failover"],
  ["Procedure 2: Force Leadership Change", "force-leadership"],
  ["Procedure 3: Emergency Manual Price Update", "emergency-price-update"],
  ["Bot Crashed", "bot-crashed"],
  ["Network Partition", "network-partition"],
  ["Cloud Region Outage", "region-outage"],
  ["Oracle Contract Issue", "oracle-contract-issue"],
  ["Test 1: Simulated Bot Crash", "drill-crash"],
  ["Test 2: Network Partition Simulation", "drill-partition"],
  ["Test 3: Planned Maintenance", "drill-maintenance"],
  ["Runbook: All Bots Down", "all-bots-down"],
  ["Runbook: Oracle Price Stale", "price-stale"],
  ["Runbook: Leader Election Split Brain", "split-brain"],
] as const;

/** Words of every command in that section of the seed; the runbook reflects each, by hand or as a check. */
const COMMANDS_BY_ID: Readonly<Record<string, readonly string[]>> = {
  "graceful-failover": ["systemctl stop", "journalctl", "/health", "getPrices", "systemctl start"],
  "force-leadership": [
    "rm /tmp/oracle-bot-leader.lock",
    "systemctl stop",
    "journalctl -u jeju-oracle -n 100",
  ],
  "emergency-price-update": ["latestRoundData", "emergencyPriceUpdate", "getPrices", "systemctl start"],
  "bot-crashed": ["systemctl status", "journalctl -u jeju-oracle -n 200", "systemctl restart"],
  "network-partition": ["ping -c 5", "curl https://rpc", "eth_blockNumber", ".env", "systemctl restart"],
  "region-outage": ["/health", "isPriceFresh", "systemctl start"],
  "oracle-contract-issue": ['"paused()', '"unpause()"', "forge script", '"pause()"'],
  "drill-crash": ["systemctl stop", "journalctl", "getPrices", "systemctl start"],
  "drill-partition": ["iptables -A", "iptables -D", "localhost:3000/health", "journalctl"],
  "drill-maintenance": ["git pull", "bun install", "systemctl restart", "/health"],
  "all-bots-down": ["/health", "systemctl status", "systemctl start", "journalctl", "emergency-price"],
  "price-stale": ["getPrices", "/health", "journalctl -u jeju-oracle -n 50"],
  "split-brain": [
    "oracle_is_leader",
    "cat /tmp/oracle-bot-leader.lock",
    "systemctl stop",
    "rm /tmp/oracle-bot-leader.lock",
    "systemctl start",
    "sleep 30",
  ],
};

test("every section of the procedures has its runbook, and there are no others", () => {
  expect(RUNBOOKS.map(({ seedSection, id }) => [seedSection, id]).toSorted()).toEqual(
    SEED_SECTIONS.map((pair) => [...pair]).toSorted(),
  );
});

test("severity and expected response time are those of the procedures", () => {
  const urgency = (id: string) => {
    const { severity, responseTimeMin } = runbookNamed(id) ?? {};
    return [severity, responseTimeMin];
  };
  expect(urgency("all-bots-down")).toEqual(["CRITICAL", 5]);
  expect(urgency("price-stale")).toEqual(["CRITICAL", 10]);
  expect(urgency("split-brain")).toEqual(["HIGH", 5]);
});

for (const { id, steps, verify, symptoms } of RUNBOOKS) {
  describe(id, () => {
    test("reflects every command of its section", () => {
      const byHand = [...steps, ...verify].flatMap((step) =>
        step.kind === "check" ? [step.byHand ?? ""] : step.kind === "manual" ? step.commands : [],
      );
      const missing = (COMMANDS_BY_ID[id] ?? ["no list"]).filter(
        (words) => !byHand.some((command) => command.includes(words)),
      );
      expect(missing).toEqual([]);
    });

    test("has symptoms, begins with a look, and ends with a verification of the price", () => {
      expect([symptoms.length > 0, steps[0]?.kind, verify.length > 0]).toEqual([true, "check", true]);
      expect(verify.map(({ title }) => title)).toContain("Price on chain is fresh");
    });

    test("proposes only actions that exist, with arguments that they understand", () => {
      const view = new FakeSystem().view();
      for (const step of steps) {
        if (step.kind !== "propose") continue;
        const action = CONTROL_ACTIONS.find((known) => known.id === step.action);
        const args = step.args(view);
        expect([step.title, action?.id, step.typed.startsWith(`/${step.action}`)]).toEqual([
          step.title,
          step.action,
          true,
        ]);
        if (args !== undefined) expect(action?.params.safeParse(action.parse(args)).success).toBe(true);
      }
    });
  });
}

test("a stale price can be remedied by a higher gas cap and by another endpoint, each for a time", () => {
  const remedies = (runbookNamed("price-stale")?.steps ?? []).flatMap((step) =>
    step.kind === "propose" && step.action === "set" ? [step] : [],
  );
  expect(remedies.map(({ typed }) => typed.split(" ")[1])).toEqual([
    "max-gas-price-gwei",
    "extra-jeju-rpc",
    "extra-base-rpc",
  ]);
  // Twice 1.2 gwei, rounded up.
  expect(remedies[0]?.args(new FakeSystem().view())).toEqual(["max-gas-price-gwei", "3", "2h"]);
});

test("names are found with underscores and capitals as well", () => {
  expect(runbookNamed("All_Bots_Down")?.id).toBe("all-bots-down");
  expect(runbookNamed("down")).toBeUndefined();
});
