/**
 * `oracle-agent drill [NAME]`: guides a drill of the runbooks, measures the failover, verifies at the end and writes down that it was
 * done. Crashes and partitions are a person's work.
 */
import { InvariantError } from "@jeju-oracle/kit";
import { DRILLS, type Drill, runbookNamed } from "@jeju-oracle/plugin-alerts-chat/operator";
import type { CommandInput } from "../command-line/command.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { nearest } from "../nearest.ts";
import { lastDrills } from "./support/drill-log.ts";
import { DrillRun } from "./support/drill-run.ts";
import { describeAgeMs, durationOptionS } from "./support/duration.ts";
import { requesterOf } from "./support/requester.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";
import { formatTable } from "./support/table.ts";

/** For each thing that is waited for: a person walks to a host meanwhile. */
const DEFAULT_WITHIN_S = 900;
const LONGEST_WITHIN_S = 86_400;

export async function drill(input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const [name] = input.arguments;
  if (name === undefined) return allDrills(session);
  const which = drillNamed(name);
  const runbook = runbookNamed(`drill-${which}`);
  if (runbook === undefined) throw new InvariantError(`the drill ${which} has no runbook`);
  const asked = requesterOf(input, session.env, `drill ${which}`);
  const within = input.value("within");
  const withinS =
    within === undefined ? DEFAULT_WITHIN_S : durationOptionS("within", within, 1, LONGEST_WITHIN_S);
  return new DrillRun(input, session, { which, runbook, asked, withinMs: withinS * 1_000 }).run();
}

async function allDrills(session: FleetSession): Promise<CommandResult> {
  const last = await lastDrills(session);
  const nowMs = session.clock.wallMs();
  const rows = DRILLS.map((which) => {
    const record = last.get(which);
    const when = record === undefined ? "never" : describeAgeMs(nowMs - record.atMs);
    const how = record === undefined ? "" : `${record.passed ? "passed" : "failed"}, by ${record.by}`;
    return [which, when, how, runbookNamed(`drill-${which}`)?.title ?? ""].map((text) => ({ text }));
  });
  const columns = ["NAME", "LAST", "RESULT", "TITLE"].map((title) => ({ title }));
  return {
    exitCode: EXIT_OK,
    failed: false,
    lines: [
      ...formatTable(columns, rows, session.terminal.colours),
      "",
      "oracle-agent drill NAME guides one.",
    ],
    data: { drills: DRILLS.map((which) => ({ drill: which, last: last.get(which) ?? null })) },
  };
}

function drillNamed(name: string): Drill {
  const id = name.toLowerCase().replace(/^drill-/, "");
  const found = DRILLS.find((which) => which === id);
  if (found !== undefined) return found;
  const meant = nearest(id, DRILLS);
  throw new UsageError(
    `there is no drill ${name}`,
    meant === undefined ? `Drills are ${DRILLS.join(", ")}.` : `Did you mean ${meant}?`,
  );
}
