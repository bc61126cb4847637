/** Two agents that go on reporting to a fleet in memory, and obey what they read there. */
import type { FullReport } from "../../../../plugins/leader-lock/src/fleet/member-record.ts";
import { encodeReport } from "../../../../plugins/leader-lock/src/fleet/member-record.ts";
import { DIRECTIVE } from "../../../../plugins/leader-lock/src/fleet/names.ts";
import { decodeDirective } from "../../../../plugins/leader-lock/src/intents/intent-records.ts";
import {
  identityOf,
  type RecordedFleet,
  reportWith,
} from "../../../../plugins/leader-lock/test/intents/support/fleet-records.ts";

const EVERY_MS = 30;

export interface ReportingAgents extends Disposable {
  /** bot-1 leads term 6, until it is told otherwise. */
  lead(leader: "bot-1" | "bot-2", term: number): void;
  /** Of bot-1. */
  change(report: Partial<FullReport>): void;
}

export function reportingAgents(fleet: RecordedFleet): ReportingAgents {
  let leader = "bot-1";
  let term = 6;
  let changes: Partial<FullReport> = {};
  let beats = 0;
  const timer = setInterval(() => {
    const directive = decodeDirective(fleet.value(DIRECTIVE) ?? "{}");
    const report = reportWith({ directiveId: directive?.id, pausedBy: directive?.by });
    beats++;
    const timestamp = 2_000 + beats;
    for (const bot of ["bot-1", "bot-2"]) {
      const own = bot === "bot-1" ? { ...report, ...changes } : report;
      if (bot === leader) fleet.lease(identityOf(bot), { term, report: encodeReport(own), timestamp });
      else fleet.member(identityOf(bot), { report: own, timestamp });
    }
  }, EVERY_MS);
  return {
    lead(bot, next) {
      [leader, term] = [bot, next];
    },
    change(report) {
      changes = report;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
