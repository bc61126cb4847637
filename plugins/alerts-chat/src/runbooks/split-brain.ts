/**
 * Seed: Runbook: Leader Election Split Brain. A lease has a term and one holder, and the fence on chain lets one update of two
 * land. What can still happen is two stores, or an updater from outside.
 */
import { oneLeader, priceFresh, someoneLeads, storeAnswers, storeShared } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { forceLead, manual, pauseFleet, resumeFleet } from "./steps.ts";

export const splitBrain = defineRunbook({
  id: "split-brain",
  title: "Leader election split brain",
  kind: "incident",
  severity: "HIGH",
  responseTimeMin: 5,
  seedSection: "Runbook: Leader Election Split Brain",
  symptoms: [
    "Several bots think they lead (duplicate price updates)",
    "A foreign update, or two stores in use",
  ],
  steps: [
    oneLeader,
    storeShared,
    storeAnswers,
    someoneLeads,
    manual(
      "Who says that it leads, and with which store",
      "curl http://bot-1.example.com:3000/metrics | grep oracle_is_leader",
      "curl http://bot-2.example.com:3000/metrics | grep oracle_is_leader",
      "ssh bot-1.example.com cat /tmp/oracle-bot-leader.lock",
      "ssh bot-2.example.com cat /tmp/oracle-bot-leader.lock",
      "# Both must show the same botId and term. If not, correct LEADER_LOCK_URL on one of the hosts.",
    ),
    pauseFleet,
    manual(
      "Stop all agents",
      "ssh bot-1.example.com sudo systemctl stop jeju-oracle",
      "ssh bot-2.example.com sudo systemctl stop jeju-oracle",
    ),
    manual(
      "Clear the lock files: they only show who leads; agents write them again",
      "ssh bot-1.example.com sudo rm /tmp/oracle-bot-leader.lock",
      "ssh bot-2.example.com sudo rm /tmp/oracle-bot-leader.lock",
    ),
    manual(
      "Start one after the other, 30 s apart",
      "ssh bot-1.example.com sudo systemctl start jeju-oracle",
      "sleep 30",
      "ssh bot-2.example.com sudo systemctl start jeju-oracle",
    ),
    forceLead,
    resumeFleet,
  ],
  verify: [oneLeader, storeShared, priceFresh],
});
