/** Seed: Manual Failover, Procedure 1. */
import { oneLeader, priceFresh, someoneLeads, standbyReady } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { failOver, manual } from "./steps.ts";

export const gracefulFailover = defineRunbook({
  id: "graceful-failover",
  title: "Graceful failover",
  kind: "procedure",
  severity: "INFO",
  responseTimeMin: undefined,
  seedSection: "Procedure 1: Graceful Failover",
  symptoms: ["Planned maintenance of the leader's host", "The leader is degraded, but works"],
  steps: [
    someoneLeads,
    standbyReady,
    failOver,
    manual(
      "Without the fleet's store: stop the leader, and the follower takes over",
      "ssh bot-1.example.com sudo systemctl stop jeju-oracle",
      "ssh bot-2.example.com sudo journalctl -u jeju-oracle -f",
      "curl http://bot-2.example.com:3000/health",
    ),
    manual(
      "When ready, start the old leader: it stays a follower",
      "ssh bot-1.example.com sudo systemctl start jeju-oracle",
    ),
  ],
  verify: [oneLeader, priceFresh],
});
