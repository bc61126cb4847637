/** Seed: Manual Failover, Procedure 2. The lease is revoked in the store, so that there is still one leader at a time. */
import { oneLeader, priceFresh, someoneLeads, standbyReady, storeAnswers } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { forceLead, manual } from "./steps.ts";

export const forceLeadership = defineRunbook({
  id: "force-leadership",
  title: "Force leadership change",
  kind: "procedure",
  severity: "HIGH",
  responseTimeMin: 5,
  seedSection: "Procedure 2: Force Leadership Change",
  symptoms: ["A failover was asked for and nothing changed", "The leader hangs but its lease is renewed"],
  steps: [
    storeAnswers,
    someoneLeads,
    standbyReady,
    forceLead,
    manual(
      "By hand on the leader's host: the lock file shows who leads, and removing it asks for another leader",
      "ssh bot-1.example.com sudo rm /tmp/oracle-bot-leader.lock",
      "ssh bot-2.example.com sudo journalctl -u jeju-oracle -f",
    ),
    manual(
      "Stop the old leader, so that it cannot come back in the middle",
      "ssh bot-1.example.com sudo systemctl stop jeju-oracle",
    ),
    manual(
      "Find out why it did not step down",
      "ssh bot-1.example.com sudo journalctl -u jeju-oracle -n 100",
    ),
  ],
  verify: [oneLeader, priceFresh],
});
