/** What the command line uses of this plugin without an agent: no chat, no elizaOS. */
export type { ControlAction, Plan } from "./actions/control-action.ts";
export { emergencyPrice } from "./actions/emergency-price.ts";
export type { SystemView } from "./actions/system-view.ts";
export { parsePrice8 } from "./actions/typed-price.ts";
export type { Alert } from "./alerts/alert.ts";
export { decodeAlert } from "./alerts/ledger.ts";
export type { Rule } from "./alerts/rules/rule.ts";
export { RULES } from "./alerts/rules/rules.ts";
export { type AuditEntry, AuditLog, brokenLines, readAudit } from "./audit/audit-log.ts";
export {
  DRILL_PREFIX,
  DRILLS,
  type Drill,
  type DrillRecord,
  decodeDrillRecord,
  drillRecordName,
  encodeDrillRecord,
} from "./drills/drill-record.ts";
export type { Incident, Part, Source } from "./incident/incident.ts";
export { incidentPage } from "./incident/incident-page.ts";
export { mergeAlerts, readAudits, readLedgers } from "./incident/read-files.ts";
export { readPrices } from "./incident/read-prices.ts";
export { timelineOf } from "./incident/timeline.ts";
export { createOwnerOffice } from "./owner/chain-owner-office.ts";
export type { LiveSource, OwnerOffice } from "./owner/owner-office.ts";
export { sourceLine } from "./owner/source-line.ts";
export { updaterInFlight } from "./owner/updater-in-flight.ts";
export { storeShared } from "./runbooks/checks.ts";
export { RUNBOOKS, runbookNamed } from "./runbooks/index.ts";
export type { Checked } from "./runbooks/run-checks.ts";
export { allWell, runChecks, signOf } from "./runbooks/run-checks.ts";
export { urgencyOf } from "./runbooks/run-runbook.ts";
export type { CheckStep, ManualStep, Milestone, ProposeStep, Runbook, Step } from "./runbooks/runbook.ts";
export { suggestions } from "./words/suggestions.ts";
