/** What the command line uses of this plugin without an agent: no chat, no elizaOS. */
export type { ControlAction, Plan } from "./actions/control-action.ts";
export { emergencyPrice } from "./actions/emergency-price.ts";
export type { SystemView } from "./actions/system-view.ts";
export { parsePrice8 } from "./actions/typed-price.ts";
export { type AuditEntry, brokenLines, readAudit } from "./audit/audit-log.ts";
export { createOwnerOffice } from "./owner/chain-owner-office.ts";
export type { OwnerOffice } from "./owner/owner-office.ts";
export { RUNBOOKS, runbookNamed } from "./runbooks/index.ts";
export { allWell, runChecks, signOf } from "./runbooks/run-checks.ts";
export { urgencyOf } from "./runbooks/run-runbook.ts";
export type { CheckStep, Runbook, Step } from "./runbooks/runbook.ts";
