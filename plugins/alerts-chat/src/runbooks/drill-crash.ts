/** Seed: Testing Failover, Test 1. */
import { allAlive, oneLeader, priceFresh, someoneLeads, standbyReady } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { manualUntil, pointer } from "./steps.ts";

export const drillCrash = defineRunbook({
  id: "drill-crash",
  title: "Drill: simulated bot crash",
  kind: "drill",
  severity: "INFO",
  responseTimeMin: undefined,
  seedSection: "Test 1: Simulated Bot Crash",
  symptoms: ["Monthly, to see that failover works"],
  steps: [
    someoneLeads,
    standbyReady,
    priceFresh,
    pointer(
      "Start the stop-watch: it names the leader, waits and writes down the time",
      "npm run oracle-agent -- drill crash",
    ),
    manualUntil(
      "another-leads",
      "Crash the leader",
      "ssh bot-1.example.com sudo systemctl kill -s KILL jeju-oracle",
      "# Its supervisor would start it again: to see the other one keep the lead, stop it instead.",
      "ssh bot-1.example.com sudo systemctl stop jeju-oracle",
      "ssh bot-2.example.com sudo journalctl -u jeju-oracle -f",
    ),
    manualUntil(
      "price-moves-on",
      "Updates go on",
      `watch -n 10 'cast call $ORACLE_ADDRESS "getPrices()(uint256,uint256,uint256,bool)" --rpc-url $JEJU_RPC_URL'`,
    ),
    manualUntil(
      "old-leader-follows",
      "Start the old leader: it becomes a follower",
      "ssh bot-1.example.com sudo systemctl start jeju-oracle",
    ),
  ],
  verify: [allAlive, oneLeader, priceFresh],
});
