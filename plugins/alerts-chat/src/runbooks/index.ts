/** Every runbook, the urgent ones first: they are looked for in a hurry. */
import { allBotsDown } from "./all-bots-down.ts";
import { botCrashed } from "./bot-crashed.ts";
import { drillCrash } from "./drill-crash.ts";
import { drillMaintenance } from "./drill-maintenance.ts";
import { drillPartition } from "./drill-partition.ts";
import { emergencyPriceUpdate } from "./emergency-price-update.ts";
import { forceLeadership } from "./force-leadership.ts";
import { gracefulFailover } from "./graceful-failover.ts";
import { networkPartition } from "./network-partition.ts";
import { oracleContractIssue } from "./oracle-contract-issue.ts";
import { priceStale } from "./price-stale.ts";
import { regionOutage } from "./region-outage.ts";
import type { Runbook } from "./runbook.ts";
import { splitBrain } from "./split-brain.ts";

export const RUNBOOKS: readonly Runbook[] = [
  allBotsDown,
  priceStale,
  splitBrain,
  emergencyPriceUpdate,
  forceLeadership,
  gracefulFailover,
  botCrashed,
  networkPartition,
  regionOutage,
  oracleContractIssue,
  drillCrash,
  drillPartition,
  drillMaintenance,
];

/** By its id; underscores count as hyphens, as Telegram makes commands of words. */
export function runbookNamed(name: string): Runbook | undefined {
  const id = name.trim().toLowerCase().replaceAll("_", "-");
  return RUNBOOKS.find((runbook) => runbook.id === id);
}
