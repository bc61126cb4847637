/** Seed: Recovery Procedures, Bot Crashed. */
import { allAlive, everyoneFit, priceFresh, someoneLeads } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { manual, restartTroubled } from "./steps.ts";

export const botCrashed = defineRunbook({
  id: "bot-crashed",
  title: "Bot crashed",
  kind: "recovery",
  severity: "WARNING",
  responseTimeMin: undefined,
  seedSection: "Bot Crashed",
  symptoms: ["OracleBotDown or OracleSingleBotRunning", "A member is silent in /fleet"],
  steps: [
    allAlive,
    someoneLeads,
    everyoneFit,
    manual(
      "State of the service and why it ended",
      "ssh bot-1.example.com sudo systemctl status jeju-oracle",
      "ssh bot-1.example.com sudo journalctl -u jeju-oracle -n 200 --no-pager",
      "# Out of memory: more RAM. Unhandled exception: a bug. Out of gas: top up the wallet. RPC: network-partition.",
    ),
    manual("Restart the service", "ssh bot-1.example.com sudo systemctl restart jeju-oracle"),
    restartTroubled,
    manual(
      "Watch it; if it crashes again, keep it stopped and investigate",
      "ssh bot-1.example.com sudo journalctl -u jeju-oracle -f",
      "ssh bot-1.example.com sudo systemctl stop jeju-oracle",
    ),
  ],
  verify: [allAlive, someoneLeads, priceFresh],
});
