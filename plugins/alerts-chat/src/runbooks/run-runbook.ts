/** A runbook in the chat: what its checks saw now, a button per proposal, and the verification at the end. */
import type { SystemView } from "../actions/system-view.ts";
import { type Button, type Line, line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { span } from "../words/format.ts";
import { allWell, type Checked, runChecks, signOf } from "./run-checks.ts";
import type { CheckStep, ProposeStep, Runbook } from "./runbook.ts";
import { encodeRunbookButton } from "./runbook-button.ts";

const BUTTONS_PER_ROW = 2;
const SEVERITY = { CRITICAL: "critical", HIGH: "critical", WARNING: "warning", INFO: "info" } as const;

/** `CRITICAL, respond within 5 min`. */
export function urgencyOf({ severity, responseTimeMin }: Runbook): string {
  return responseTimeMin === undefined ? severity : `${severity}, respond within ${responseTimeMin} min`;
}

/** Runs the checks and shows what can be done. Never throws. */
export async function openRunbook(runbook: Runbook, view: SystemView): Promise<OutboundMessage> {
  const checks = runbook.steps.filter((step): step is CheckStep => step.kind === "check");
  const checked = await runChecks(view, checks);
  const { steps } = runbook;
  const proposals = steps.flatMap((step, index) => (step.kind === "propose" ? [{ step, index }] : []));
  const manual = steps.filter(({ kind }) => kind === "manual");
  const buttons = proposals.flatMap(({ step, index }): Button[] =>
    step.args(view) === undefined
      ? []
      : [
          {
            label: step.title,
            data: encodeRunbookButton({ kind: "step", id: runbook.id, step: index }),
            style: "primary",
          },
        ],
  );
  const { id } = runbook;
  const openedAtS = Math.floor(view.clock.wallMs() / 1000);
  const ending: Button[] = [
    { label: "On the hosts", data: encodeRunbookButton({ kind: "hosts", id }), style: "secondary" },
    { label: "Verify", data: encodeRunbookButton({ kind: "verify", id, openedAtS }), style: "secondary" },
  ];
  return {
    lines: [
      line(`📕 **${runbook.title}**`),
      plainLine(urgencyOf(runbook)),
      ...checked.flatMap(checkedLines),
      ...proposals.flatMap(({ step }) => proposalLines(step, view)),
      ...manual.map(({ title }) => plainLine(`🛠 ${title}`)),
    ],
    buttons: [...rowsOf(buttons), ending],
    severity: SEVERITY[runbook.severity],
  };
}

/** What people do on hosts, to copy. */
export function hostsOf({ title, steps }: Runbook): OutboundMessage {
  const lines = steps.flatMap((step): Line[] =>
    step.kind !== "manual" ? [] : [line(`**${step.title}**`), ...step.commands.map(commandLine)],
  );
  return { lines: [line(`📕 **${title}** on the hosts`), ...lines] };
}

/** Looks whether it is over. @param openedAtS seconds since the epoch. */
export async function verifyRunbook(
  runbook: Runbook,
  view: SystemView,
  openedAtS: number,
): Promise<OutboundMessage> {
  const checked = await runChecks(view, runbook.verify);
  const well = allWell(checked);
  const after = span(view.clock.wallMs() - openedAtS * 1000);
  return {
    lines: [
      line(`${well ? "✅" : "❌"} **${runbook.title}: ${well ? "verified" : "not over"}**`),
      plainLine(`${after} after it was opened`),
      ...checked.flatMap(checkedLines),
    ],
    severity: well ? "resolved" : SEVERITY[runbook.severity],
    ...(well
      ? {}
      : {
          buttons: [
            [
              {
                label: "Verify again",
                data: encodeRunbookButton({ kind: "verify", id: runbook.id, openedAtS }),
                style: "secondary",
              },
            ],
          ],
        }),
  };
}

function checkedLines(checked: Checked): readonly Line[] {
  return [plainLine(`${signOf(checked)} ${checked.title}`), plainLine(`   ${checked.seen}`)];
}

/** What has no button is typed. */
function proposalLines({ title, when, typed, args }: ProposeStep, view: SystemView): readonly Line[] {
  const how = args(view) === undefined ? [line(`   type \`${typed}\``)] : [];
  return [plainLine(`👉 ${title}: ${when}`), ...how];
}

function commandLine(command: string): Line {
  return command.startsWith("#") ? plainLine(command.slice(2)) : [{ kind: "code", text: command }];
}

function rowsOf(buttons: readonly Button[]): readonly (readonly Button[])[] {
  return Array.from({ length: Math.ceil(buttons.length / BUTTONS_PER_ROW) }, (_, row) =>
    buttons.slice(row * BUTTONS_PER_ROW, (row + 1) * BUTTONS_PER_ROW),
  );
}
