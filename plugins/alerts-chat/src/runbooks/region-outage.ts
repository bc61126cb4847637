/** Seed: Recovery Procedures, Cloud Region Outage. */
import { allAlive, oneLeader, priceFresh, someoneLeads, storeAnswers } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { manual } from "./steps.ts";

export const regionOutage = defineRunbook({
  id: "region-outage",
  title: "Cloud region outage",
  kind: "recovery",
  severity: "WARNING",
  responseTimeMin: undefined,
  seedSection: "Cloud Region Outage",
  symptoms: ["Every agent of one provider or region is silent", "Agents elsewhere take over by themselves"],
  steps: [
    someoneLeads,
    storeAnswers,
    priceFresh,
    manual(
      "See that the backup took over and the oracle is fresh",
      "curl http://bot-2.example.com:3000/health",
      'cast call $ORACLE_ADDRESS "isPriceFresh()(bool)" --rpc-url $JEJU_RPC_URL',
    ),
    manual(
      "When the region is back, start its agents: they become followers",
      "ssh bot-1.example.com sudo systemctl start jeju-oracle",
    ),
    allAlive,
  ],
  verify: [allAlive, oneLeader, priceFresh],
});
