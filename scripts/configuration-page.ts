// Writes docs/configuration.md from the tables that the code parses. `--write` replaces the page; without it the
// page goes to standard output.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { agentEnv, type EnvSpec } from "@jeju-oracle/kit";
import { alertsChatEnv } from "@jeju-oracle/plugin-alerts-chat";
import { leaderLockEnv } from "@jeju-oracle/plugin-leader-lock";
import { oracleEnv } from "@jeju-oracle/plugin-oracle-updater";
import { processEnv } from "../agent/src/agent-config.ts";
import { modelEnv } from "../agent/src/model/model-env.ts";

const GROUPS: readonly (readonly [string, EnvSpec])[] = [
  ["The process", { ...agentEnv, ...processEnv }],
  ["The price loop", oracleEnv],
  ["Leadership", leaderLockEnv],
  ["Chat and alerts", alertsChatEnv],
  ["A model for free text (optional)", modelEnv],
];

/** The whole page. */
export function configurationPage(): string {
  return `# Configuration

Environment variables are the only configuration. An empty variable counts as unset. Wrong configuration ends the agent with
exit code 78 and one line per problem, before anything is sent; \`npm run oracle-agent -- check-config\` checks it, the chains
included, and sends nothing.

A secret (marked 🔒) can also be given as \`NAME_FILE\`, the path of a file that only the agent's user can read (mode 600). No
secret is ever printed.

This page is written by \`npm run configuration-page\`; a test checks that it is current.

${GROUPS.map(([title, spec]) => `## ${title}\n\n${table(spec)}`).join("\n\n")}
`;
}

function table(spec: EnvSpec): string {
  const rows = Object.entries(spec).map(([variable, field]) => {
    const required = !field.schema.safeParse(undefined).success;
    const standard = field.defaultText ?? (field.default === undefined ? undefined : `\`${field.default}\``);
    const fallback = standard ?? (required ? "required" : "unset");
    const source = field.source === undefined ? "" : ` Source: ${field.source}.`;
    const secret = field.secret === true ? " 🔒" : "";
    return `| \`${variable}\`${secret} | ${fallback} | ${field.about}${source} | \`${field.example}\` |`;
  });
  return ["| variable | default | meaning | example |", "|---|---|---|---|", ...rows].join("\n");
}

if (import.meta.main) {
  const page = configurationPage();
  if (process.argv.includes("--write"))
    writeFileSync(join(resolve(import.meta.dir, ".."), "docs/configuration.md"), page);
  else process.stdout.write(page);
}
