/** Seed: Runbook: All Bots Down. */
import { oneLeader, priceFresh, someoneAlive, storeAnswers } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { emergencyPrice, manual, restartTroubled } from "./steps.ts";

export const allBotsDown = defineRunbook({
  id: "all-bots-down",
  title: "All bots down",
  kind: "incident",
  severity: "CRITICAL",
  responseTimeMin: 5,
  seedSection: "Runbook: All Bots Down",
  symptoms: ["AllOracleBotsDown, or the outside dead-man's switch", "Nobody leads and no member is alive"],
  steps: [
    someoneAlive,
    storeAnswers,
    priceFresh,
    manual(
      "Are they really down?",
      "curl http://bot-1.example.com:3000/health",
      "curl http://bot-2.example.com:3000/health",
      "ssh bot-1.example.com sudo systemctl status jeju-oracle",
      "ssh bot-2.example.com sudo systemctl status jeju-oracle",
    ),
    manual(
      "Stopped: start them",
      "ssh bot-1.example.com sudo systemctl start jeju-oracle",
      "ssh bot-2.example.com sudo systemctl start jeju-oracle",
    ),
    manual(
      "Crashed: see why",
      "ssh bot-1.example.com sudo journalctl -u jeju-oracle -n 100",
      "npm run oracle-agent -- incident --since 2h",
    ),
    restartTroubled,
    emergencyPrice,
    manual(
      "Stale and no agent comes up: the emergency price from any host",
      'npm run oracle-agent -- emergency-price 3245.67 0.0842 --reason "all bots down"',
      "# Once one agent is up and updating, investigate the others.",
    ),
  ],
  verify: [someoneAlive, oneLeader, priceFresh],
});
