/** Seed: Runbook: Oracle Price Stale. */
import {
  everyoneFit,
  fleetNotPaused,
  gasBelowCap,
  nothingHeld,
  oracleRunning,
  priceFresh,
  someoneAlive,
  someoneLeads,
} from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import {
  addBaseRpc,
  addJejuRpc,
  approveHeld,
  emergencyPrice,
  failOver,
  manual,
  raiseGasCap,
  resumeFleet,
} from "./steps.ts";

export const priceStale = defineRunbook({
  id: "price-stale",
  title: "Oracle price stale",
  kind: "incident",
  severity: "CRITICAL",
  responseTimeMin: 10,
  seedSection: "Runbook: Oracle Price Stale",
  symptoms: ["OraclePriceStale: no update for an hour", "Price ageing: three heartbeats without one"],
  steps: [
    priceFresh,
    someoneAlive,
    someoneLeads,
    fleetNotPaused,
    nothingHeld,
    gasBelowCap,
    everyoneFit,
    oracleRunning,
    resumeFleet,
    approveHeld,
    raiseGasCap,
    addJejuRpc,
    addBaseRpc,
    failOver,
    emergencyPrice,
    manual(
      "What the agents say",
      "curl http://bot-1.example.com:3000/health",
      "ssh bot-1.example.com sudo journalctl -u jeju-oracle -n 50",
    ),
    manual(
      "To keep a remedy: MAX_GAS_PRICE_GWEI, JEJU_RPC_URLS and BASE_RPC_URLS in the configuration of every host",
      "ssh bot-1.example.com sudo vim /opt/jeju-oracle/.env",
      "ssh bot-1.example.com sudo systemctl restart jeju-oracle",
    ),
  ],
  verify: [priceFresh, fleetNotPaused],
});
