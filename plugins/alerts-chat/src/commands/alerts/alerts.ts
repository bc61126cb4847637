/** `/alerts`: what is wrong now, what is silenced, what ended lately. */
import { type Alert, codeOf, isActive } from "../../alerts/alert.ts";
import { ruleOf } from "../../alerts/rules/rules.ts";
import { isSilencedBy, type Silence } from "../../alerts/silence.ts";
import { type Line, line, plainLine } from "../../conversation/outbound.ts";
import { ago, span } from "../../words/format.ts";
import type { Command } from "../command.ts";

const SIGN = { critical: "🔴", warning: "🟠", info: "🔵" } as const;
const SHOWN_ACTIVE = 15;
const SHOWN_ENDED = 5;
const LONGEST_SUMMARY = 160;

export const alerts: Command = {
  name: "alerts",
  role: "viewer",
  about: "What is wrong now",
  usage: "/alerts",
  example: "/alerts",
  changes: false,
  async run({ alerts: desk, view }) {
    const all = await desk.list();
    const silences = await desk.silences();
    const nowMs = view.clock.wallMs();
    const active = all.filter(isActive);
    const ended = all.filter((alert) => !isActive(alert) && ruleOf(alert.rule).kind === "condition");
    const lines: Line[] = active.slice(0, SHOWN_ACTIVE).flatMap((alert) => linesOf(alert, silences, nowMs));
    if (active.length === 0) lines.push(plainLine("✅ No alert holds."));
    if (active.length > SHOWN_ACTIVE) lines.push(plainLine(`… and ${active.length - SHOWN_ACTIVE} more`));
    for (const alert of ended.slice(0, SHOWN_ENDED))
      lines.push(
        plainLine(`✅ ${ruleOf(alert.rule).name}, over ${ago(nowMs - (alert.resolvedAtMs ?? nowMs))}`),
      );
    for (const { id, matches, untilMs, by } of silences)
      lines.push(line(`🔕 ${matches}: ${span(untilMs - nowMs)} left, by ${by} \`${id}\``));
    return { lines };
  },
};

function linesOf(alert: Alert, silences: readonly Silence[], nowMs: number): Line[] {
  const silenced = silences.some((silence) => isSilencedBy(alert, silence)) ? " 🔕" : "";
  const care = alert.acknowledged === undefined ? "" : ` ✔ ${alert.acknowledged.by}`;
  const head = `${SIGN[alert.severity]} **${ruleOf(alert.rule).name}** \`${codeOf(alert.fingerprint)}\`, ${ago(nowMs - alert.startedAtMs)}${care}${silenced}`;
  const summary =
    alert.summary.length <= LONGEST_SUMMARY ? alert.summary : `${alert.summary.slice(0, LONGEST_SUMMARY)}…`;
  return [line(head), plainLine(`  ${summary}`)];
}
