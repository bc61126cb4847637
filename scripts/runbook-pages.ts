// Writes docs/runbooks/ from the definitions that chat and command line run. `--write` replaces the pages; without it they
// go to standard output.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { RUNBOOKS, type Runbook, type Step, urgencyOf } from "@jeju-oracle/plugin-alerts-chat/operator";
import { ALERTS_PAGE, alertsPage } from "./alerts-page.ts";

const FOLDER = "docs/runbooks";

/** Every page by its file name. */
export function runbookPages(): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ["README.md", overview()],
    [ALERTS_PAGE, alertsPage()],
    ...RUNBOOKS.map((runbook): [string, string] => [`${runbook.id}.md`, pageOf(runbook)]),
  ]);
}

function overview(): string {
  const rows = RUNBOOKS.map(
    (runbook) =>
      `| [${runbook.title}](${runbook.id}.md) | ${runbook.kind} | ${urgencyOf(runbook)} | ${runbook.symptoms.join("; ")} |`,
  );
  return `# Runbooks

The same definitions run in the chat (\`/runbook NAME\`: checks run by themselves, a button per change, a card to confirm) and on
any host, also with no agent alive (\`npm run oracle-agent -- runbook NAME\`). Hosts and service are named as in the
procedures they come from; put in your own.

Which alert calls for which: [alerts](alerts.md).

These pages are written by \`npm run runbooks\`; a test checks that they are current.

| runbook | kind | urgency | symptoms |
|---|---|---|---|
${rows.join("\n")}
`;
}

function pageOf(runbook: Runbook): string {
  const { id, title, severity, responseTimeMin, seedSection, symptoms, steps, verify } = runbook;
  const within = responseTimeMin === undefined ? "none given" : `${responseTimeMin} minutes`;
  return `# ${title}

**Severity**: ${severity} · **Expected response time**: ${within} · **From**: ${seedSection}

In the chat: \`/runbook ${id}\`. From a terminal: \`npm run oracle-agent -- runbook ${id}\`.

## Symptoms

${symptoms.map((symptom) => `- ${symptom}`).join("\n")}

## Steps

${steps.map((step, index) => `${index + 1}. ${stepText(step)}`).join("\n")}

## Verify

${verify.map((step) => `- ${stepText(step)}`).join("\n")}

All must be well; the chat's Verify button tells how long it took.
`;
}

function stepText(step: Step): string {
  switch (step.kind) {
    case "check":
      return `**Check: ${step.title}.**${step.byHand === undefined ? "" : ` By hand:${block([step.byHand])}`}`;
    case "propose":
      return `**Propose: ${step.title}.** ${step.when} Typed: \`${step.typed}\``;
    case "manual":
      return `**On the hosts: ${step.title}.**${block(step.commands)}`;
    default:
      return step satisfies never;
  }
}

/** Indented, so that it belongs to its list entry. */
function block(commands: readonly string[]): string {
  return `\n\n${["```bash", ...commands, "```"].map((line) => `   ${line}`).join("\n")}\n`;
}

if (import.meta.main) {
  const pages = runbookPages();
  if (process.argv.includes("--write")) {
    const folder = join(resolve(import.meta.dir, ".."), FOLDER);
    mkdirSync(folder, { recursive: true });
    for (const stale of readdirSync(folder)) if (!Object.hasOwn(pages, stale)) rmSync(join(folder, stale));
    for (const [name, page] of Object.entries(pages)) writeFileSync(join(folder, name), page);
  } else process.stdout.write(Object.values(pages).join("\n"));
}
