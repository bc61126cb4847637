/** `oracle-agent runbook [NAME]`: what a runbook's checks see now, what can be done, and whether it is over. Changes nothing. */
import {
  allWell,
  type CheckStep,
  RUNBOOKS,
  type Runbook,
  runbookNamed,
  runChecks,
  type SystemView,
  storeShared,
  suggestions,
  urgencyOf,
} from "@jeju-oracle/plugin-alerts-chat/operator";
import type { CommandInput } from "../command-line/command.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { EXIT_FAILURE, EXIT_OK } from "../exit-codes.ts";
import { checkData, checkLine } from "./support/check-lines.ts";
import { cliWords } from "./support/cli-words.ts";
import type { OperatorSession } from "./support/operator-session.ts";
import { operatorView } from "./support/operator-view.ts";
import { onlyMembersPush } from "./support/price-senders.ts";
import type { CommandResult } from "./support/session.ts";
import { type Cell, formatTable, paint } from "./support/table.ts";

export async function runbook(input: CommandInput, session: OperatorSession): Promise<CommandResult> {
  const [name] = input.arguments;
  if (name === undefined) {
    if (input.has("verify")) throw new UsageError("--verify needs the name of a runbook", "Name it.");
    return allRunbooks(session.terminal.colours);
  }
  const found = runbookNamed(name);
  if (found === undefined) throw unknownRunbook(name);
  const view = await viewFor(found, session);
  return input.has("verify") ? verify(found, view, session) : open(found, view, session);
}

function allRunbooks(colours: boolean): CommandResult {
  const rows = RUNBOOKS.map((one): readonly Cell[] => [
    { text: one.id, colour: "bold" },
    { text: urgencyOf(one) },
    { text: one.title },
  ]);
  const columns = [{ title: "NAME" }, { title: "URGENCY" }, { title: "TITLE" }];
  return {
    exitCode: EXIT_OK,
    failed: false,
    lines: [...formatTable(columns, rows, colours), "", "oracle-agent runbook NAME runs its checks."],
    data: {
      runbooks: RUNBOOKS.map(({ id, title, kind, severity, responseTimeMin, docsPath }) => ({
        name: id,
        title,
        kind,
        severity,
        responseTimeMin: responseTimeMin ?? null,
        docsPath,
      })),
    },
  };
}

/** Who updates the oracle is looked up on chain only where a check asks for it. */
function viewFor(found: Runbook, session: OperatorSession): Promise<SystemView> {
  const asks = [...found.steps, ...found.verify].includes(storeShared);
  return operatorView(session, asks ? (members) => onlyMembersPush(session, members) : undefined);
}

async function open(found: Runbook, view: SystemView, session: OperatorSession): Promise<CommandResult> {
  const { colours } = session.terminal;
  const checked = await runChecks(view, checksOf(found));
  const proposals = found.steps.flatMap((step) =>
    step.kind === "propose"
      ? [
          {
            title: step.title,
            when: step.when,
            command: cliWords(step, step.args(view), `runbook ${found.id}`),
          },
        ]
      : [],
  );
  const hosts = found.steps.flatMap((step) =>
    step.kind === "manual" ? [{ title: step.title, commands: step.commands }] : [],
  );
  const titled = (text: string) => paint({ text, colour: "bold" }, colours);
  return {
    exitCode: EXIT_OK,
    failed: false,
    lines: [
      titled(found.title),
      urgencyOf(found),
      ...storeNote(session),
      "",
      titled("Signs"),
      ...found.symptoms.map((symptom) => `  - ${symptom}`),
      "",
      titled("Checks"),
      ...checked.map(checkLine),
      ...(proposals.length === 0 ? [] : ["", titled("What can be done")]),
      ...proposals.flatMap(({ title, when, command }) => [`  ${title}: ${when}`, `    ${command}`]),
      ...(hosts.length === 0 ? [] : ["", titled("On the hosts")]),
      ...hosts.flatMap(({ title, commands }) => [`  ${title}`, ...commands.map((line) => `    ${line}`)]),
      "",
      `When it is done: oracle-agent runbook ${found.id} --verify`,
    ],
    data: {
      ...dataOf(found, session),
      symptoms: found.symptoms,
      checks: checked.map(checkData),
      proposals,
      hosts,
    },
  };
}

async function verify(found: Runbook, view: SystemView, session: OperatorSession): Promise<CommandResult> {
  const checked = await runChecks(view, found.verify);
  const ok = allWell(checked);
  return {
    exitCode: ok ? EXIT_OK : EXIT_FAILURE,
    failed: !ok,
    lines: [
      ...storeNote(session),
      ...checked.map(checkLine),
      `${found.title}: ${ok ? "verified" : "not over"}.`,
    ],
    data: { ok, ...dataOf(found, session), checks: checked.map(checkData) },
  };
}

function checksOf({ steps }: Runbook): readonly CheckStep[] {
  return steps.filter((step): step is CheckStep => step.kind === "check");
}

function dataOf({ id, title, severity, responseTimeMin }: Runbook, { storeProblem }: OperatorSession) {
  return {
    name: id,
    title,
    severity,
    responseTimeMin: responseTimeMin ?? null,
    storeProblem: storeProblem ?? null,
  };
}

function storeNote({ storeProblem }: OperatorSession): readonly string[] {
  return storeProblem === undefined ? [] : [`The store does not answer: ${storeProblem}`];
}

function unknownRunbook(name: string): UsageError {
  const ids = RUNBOOKS.map(({ id }) => id);
  const holding = ids.filter((id) => id.includes(name.toLowerCase()));
  const near = [...new Set([...holding, ...suggestions(name.toLowerCase(), ids)])].slice(0, 3);
  return new UsageError(
    `there is no runbook ${name}`,
    near.length === 0 ? "oracle-agent runbook lists them." : `Did you mean ${near.join(" or ")}?`,
  );
}
