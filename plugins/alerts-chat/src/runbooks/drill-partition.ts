/** Seed: Testing Failover, Test 2. */
import { allAlive, everyoneFit, oneLeader, priceFresh, someoneLeads, standbyReady } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { manual, manualUntil, pointer } from "./steps.ts";

export const drillPartition = defineRunbook({
  id: "drill-partition",
  title: "Drill: network partition",
  kind: "drill",
  severity: "INFO",
  responseTimeMin: undefined,
  seedSection: "Test 2: Network Partition Simulation",
  symptoms: ["Monthly, to see what an agent does that cannot reach the oracle"],
  steps: [
    someoneLeads,
    standbyReady,
    everyoneFit,
    pointer(
      "Start the stop-watch: it names the leader, waits and writes down the time",
      "npm run oracle-agent -- drill partition",
    ),
    manual(
      "Cut the leader off from Jeju: it uses its other endpoints",
      "ssh bot-1.example.com sudo iptables -A OUTPUT -d rpc.jeju.network -j DROP",
      "ssh bot-1.example.com sudo journalctl -u jeju-oracle -f",
    ),
    manualUntil(
      "another-leads",
      "With every endpoint cut off it is unhealthy, and the other one takes over",
      "ssh bot-1.example.com curl http://localhost:3000/health",
      "ssh bot-2.example.com sudo journalctl -u jeju-oracle -f",
    ),
    manualUntil(
      "old-leader-follows",
      "Restore the network: it is well again, as a follower",
      "ssh bot-1.example.com sudo iptables -D OUTPUT -d rpc.jeju.network -j DROP",
    ),
  ],
  verify: [allAlive, everyoneFit, oneLeader, priceFresh],
});
