// The page of all alerts, from the rules by which they are sent. Written with the runbooks; see runbook-pages.ts.
import { RULES, type Rule, runbookNamed } from "@jeju-oracle/plugin-alerts-chat/operator";

export const ALERTS_PAGE = "alerts.md";

/** The most urgent first. */
export function alertsPage(): string {
  const rows = (["critical", "warning", "info"] as const)
    .flatMap((severity) => RULES.filter((rule) => rule.severity === severity))
    .map(rowOf);
  return `# Alerts

Every alert that the agents send themselves, with what it means. \`/alerts\` lists those that hold, \`/ack\` takes care of one, \`/silence\`
holds one back for a while; the same buttons stand under each message. Whoever has not acknowledged one within its response time is
followed by the next on call. A condition may begin milder than its severity here. While an alert of the last column holds, this one
is listed and not sent.

This page is written by \`npm run runbooks\`; a test checks that it is current.

| alert | severity | respond within | whose | it means | runbook | explained by |
|---|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

function rowOf(rule: Rule): string {
  const { name, severity, responseTimeMin, scope, kind, meaning, runbook, inhibitedBy } = rule;
  const page = runbook === undefined ? undefined : runbookNamed(runbook);
  const cells = [
    `\`${name}\``,
    kind === "event" ? `${severity}, told once` : severity,
    responseTimeMin === undefined ? "" : `${responseTimeMin} min`,
    scope === "fleet" ? "the fleet" : "each agent",
    meaning,
    page === undefined ? "" : `[${page.title}](${page.id}.md)`,
    RULES.filter(({ id }) => inhibitedBy.includes(id))
      .map((other) => `\`${other.name}\``)
      .join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}
