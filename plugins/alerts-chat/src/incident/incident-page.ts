/** An incident report as a Markdown page. Pure. Foreign text is kept from being read as markup, and no registered secret is in it. */
import { scrubSecrets } from "@jeju-oracle/kit";
import { codeOf } from "../alerts/alert.ts";
import { span } from "../words/format.ts";
import { type Incident, sourcesOf } from "./incident.ts";
import { alertsWithin, longestGap, timelineOf } from "./timeline.ts";

/** A cell that is longer hides the table. */
const LONGEST_CELL = 400;

export function incidentPage(incident: Incident): string {
  const { sinceMs, untilMs, madeAtMs } = incident;
  const lines = [
    `# Incident report, ${time(sinceMs)} to ${time(untilMs)}`,
    "",
    `Made at ${time(madeAtMs)} over ${span(untilMs - sinceMs)}. All times are UTC, by the clock of whoever wrote them down; those of prices are chain time.`,
    "",
    ...missing(incident),
    ...atAGlance(incident),
    "## Timeline",
    "",
    ...table(
      ["time", "kind", "who", "what"],
      timelineOf(incident).map(({ atMs, kind, who, what }) => [time(atMs), kind, who, what]),
      "Nothing was recorded.",
    ),
    "## Alerts",
    "",
    ...table(
      ["alert", "severity", "began", "ended", "acknowledged", "runbook", "summary"],
      alertsWithin(incident).map((alert) => [
        codeOf(alert.fingerprint),
        alert.severity,
        time(alert.startedAtMs),
        alert.resolvedAtMs === undefined ? "still holds" : time(alert.resolvedAtMs),
        alert.acknowledged === undefined
          ? "by nobody"
          : `${time(alert.acknowledged.atMs)} by ${alert.acknowledged.by}`,
        alert.runbook ?? "",
        alert.summary,
      ]),
      "None held.",
    ),
    "## Sources",
    "",
    ...sourcesOf(incident).map(
      ({ name, problem }) => `- ${plain(name)}${problem === undefined ? "" : `: **${plain(problem)}**`}`,
    ),
    "",
  ];
  return scrubSecrets(lines.join("\n"));
}

/** First, so that nobody takes a part for the whole. */
function missing(incident: Incident): readonly string[] {
  const problems = sourcesOf(incident).filter(({ problem }) => problem !== undefined);
  if (problems.length === 0) return [];
  return [
    "## Not complete",
    "",
    ...problems.map(({ name, problem }) => `- ${plain(name)}: ${plain(problem ?? "")}`),
    "",
  ];
}

function atAGlance(incident: Incident): readonly string[] {
  const entries = timelineOf(incident);
  const count = (kind: string) => entries.filter((entry) => entry.kind === kind).length;
  const held = alertsWithin(incident);
  const critical = held.filter(({ severity }) => severity === "critical").length;
  const gap = longestGap(incident);
  return [
    "## At a glance",
    "",
    `- Alerts: ${held.length}, of them critical ${critical}`,
    `- Changes of leader: ${count("leader")}`,
    `- Lines of audits: ${count("action")}`,
    `- Prices that landed: ${count("price")}`,
    gap === undefined
      ? "- Longest time without a price: not known"
      : `- Longest time without a price: ${span(gap.toMs - gap.fromMs)}, ${time(gap.fromMs)} to ${time(gap.toMs)}`,
    "",
  ];
}

function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  ifEmpty: string,
): readonly string[] {
  if (rows.length === 0) return [ifEmpty, ""];
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [row(titles), row(titles.map(() => "---")), ...rows.map((cells) => row(cells.map(plain))), ""];
}

function time(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** On one line, and nothing in it is markup. */
function plain(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  const short = clean.length <= LONGEST_CELL ? clean : `${clean.slice(0, LONGEST_CELL - 1)}…`;
  return short.replaceAll(/[\\`*_[\]<>|#~]/g, (character) => `\\${character}`);
}
