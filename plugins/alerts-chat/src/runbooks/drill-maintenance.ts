/** Seed: Testing Failover, Test 3. */
import { allAlive, oneLeader, priceFresh, someoneLeads, standbyReady } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { failOver, manual, pointer } from "./steps.ts";

export const drillMaintenance = defineRunbook({
  id: "drill-maintenance",
  title: "Drill: planned maintenance",
  kind: "drill",
  severity: "INFO",
  responseTimeMin: undefined,
  seedSection: "Test 3: Planned Maintenance",
  symptoms: ["Before an upgrade, to practise it without downtime"],
  steps: [
    someoneLeads,
    standbyReady,
    priceFresh,
    { ...failOver, until: "another-leads" },
    pointer(
      "Or from a terminal: hands over, measures it and writes it down",
      "npm run oracle-agent -- drill maintenance",
    ),
    manual(
      "Update the host that does not lead",
      "ssh bot-1.example.com",
      "cd /opt/jeju-oracle",
      "sudo -u jeju-oracle git pull",
      "sudo -u jeju-oracle bun install",
      "sudo systemctl restart jeju-oracle",
      "curl http://bot-1.example.com:3000/health",
    ),
    manual(
      "Repeat for the other one, one at a time",
      "# Prometheus: the oracle's uptime never falls below 100 %.",
    ),
  ],
  verify: [allAlive, oneLeader, priceFresh],
});
