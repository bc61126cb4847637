/** Which drill is due, and how the team is told. Pure. A drill is due when nobody has passed it for a month. */

import { line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { encodeRunbookButton } from "../runbooks/runbook-button.ts";
import { ago } from "../words/format.ts";
import type { DrillHistory } from "./digest/facts.ts";

/** Seed, Best Practices: monthly failover drills. */
const DUE_AFTER_MS = 30 * 86_400_000;

/** The drill whose last pass is longest ago, or undefined when none is due. */
export function dueDrill(drills: readonly DrillHistory[], nowMs: number): DrillHistory | undefined {
  return drills
    .filter(({ lastPass }) => lastPass === undefined || nowMs - lastPass.atMs > DUE_AFTER_MS)
    .sort((a, b) => (a.lastPass?.atMs ?? 0) - (b.lastPass?.atMs ?? 0))[0];
}

/** @param firstOnCall undefined when nobody is on call. */
export function reminderMessage(
  { drill, last, lastPass }: DrillHistory,
  nowMs: number,
  firstOnCall: string | undefined,
): OutboundMessage {
  const passed =
    lastPass === undefined ? "Nobody has passed it yet" : `Last passed ${ago(nowMs - lastPass.atMs)}`;
  const failed =
    last !== undefined && !last.passed ? [plainLine(`The last try failed, ${ago(nowMs - last.atMs)}`)] : [];
  return {
    lines: [
      line(`🧯 **Drill due: ${drill}**`),
      plainLine(passed),
      ...failed,
      line(`Steps: \`/runbook drill_${drill}\``),
      line(`Stop-watch: \`oracle-agent drill ${drill}\``),
      plainLine(firstOnCall === undefined ? "Nobody is on call" : `📟 ${firstOnCall} is first on call`),
    ],
    buttons: [
      [
        {
          label: "Open the runbook",
          data: encodeRunbookButton({ kind: "open", id: `drill-${drill}` }),
          style: "primary",
        },
      ],
    ],
    severity: "info",
  };
}
