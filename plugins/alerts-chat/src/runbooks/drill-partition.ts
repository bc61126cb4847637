/** Seed: Testing Failover, Test 2. */
import { allAlive, everyoneFit, oneLeader, priceFresh, someoneLeads, standbyReady } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { manual } from "./steps.ts";

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
    manual(
      "Cut the leader off from Jeju: it uses its other endpoints",
      "ssh bot-1.example.com sudo iptables -A OUTPUT -d rpc.jeju.network -j DROP",
      "ssh bot-1.example.com sudo journalctl -u jeju-oracle -f",
    ),
    manual(
      "With every endpoint cut off it is unhealthy, and the other one takes over",
      "ssh bot-1.example.com curl http://localhost:3000/health",
      "ssh bot-2.example.com sudo journalctl -u jeju-oracle -f",
    ),
    manual(
      "Restore the network: it is well again, as a follower",
      "ssh bot-1.example.com sudo iptables -D OUTPUT -d rpc.jeju.network -j DROP",
    ),
  ],
  verify: [allAlive, everyoneFit, oneLeader, priceFresh],
});
