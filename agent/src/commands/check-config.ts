/** `oracle-agent check-config`: what the environment says, what is wrong with it, and what the chains say. Sends nothing. */
import {
  agentEnv,
  createAgentContext,
  type Env,
  formatProblem,
  parseEnv,
  scrubSecrets,
} from "@jeju-oracle/kit";
import { loadProcessConfig, processEnv } from "../agent-config.ts";
import { loadCharacter } from "../character.ts";
import { choosePlugins } from "../choose-plugins.ts";
import { collectProblems } from "../config-problems.ts";
import { type ConfigRow, configRows, formatRows, likelyTypos } from "../config-table.ts";
import { EXIT_CONFIG, EXIT_OK } from "../exit-codes.ts";
import { loadModelConfig, modelEnv } from "../model/model-env.ts";
import { checkNetwork } from "../network-check.ts";
import { type CataloguedPlugin, type NetworkReport, pluginCatalogue } from "../plugin-catalogue.ts";

export interface ConfigCheck {
  readonly ok: boolean;
  readonly variables: readonly ConfigRow[];
  readonly network: NetworkReport | undefined;
  readonly typos: readonly string[];
}

/** Checks and prints. @returns 0 when an agent would start, 78 otherwise. */
export async function checkConfig(env: Env, options: { readonly json: boolean }): Promise<number> {
  const check = await inspectConfig(env, pluginCatalogue);
  const text = options.json ? `${JSON.stringify(check, null, 2)}\n` : formatCheck(check);
  process.stdout.write(scrubSecrets(text));
  return check.ok ? EXIT_OK : EXIT_CONFIG;
}

/** Every variable with its problems, then the chains if the variables are right. */
export async function inspectConfig(env: Env, catalogue: readonly CataloguedPlugin[]): Promise<ConfigCheck> {
  const problems = collectProblems([
    () => parseEnv(agentEnv, env),
    () => choosePlugins(loadCharacter(loadProcessConfig(env).characterFile), catalogue),
    () => loadModelConfig(env),
    ...catalogue.map(
      ({ checkEnv }) =>
        () =>
          checkEnv(env),
    ),
  ]);
  const specs = [agentEnv, processEnv, ...catalogue.map((entry) => entry.env), modelEnv];
  const variables = configRows(specs, env, problems);
  const typos = likelyTypos(specs, env);
  if (problems.length > 0) return { ok: false, variables, network: undefined, typos };
  const context = createAgentContext({ ...env, LOG_LEVEL: "error" });
  const network = await checkNetwork(catalogue, context);
  return { ok: network.problems.length === 0, variables, network, typos };
}

function formatCheck({ ok, variables, network, typos }: ConfigCheck): string {
  const lines = [formatRows(variables), ""];
  for (const { problems } of variables) lines.push(...problems.map((problem) => `PROBLEM  ${problem}`));
  lines.push(...typos.map((typo) => `NOTE     ${typo}`));
  if (network === undefined) lines.push("The chains were not asked: correct the variables first.");
  else {
    lines.push(...network.problems.map((problem) => `PROBLEM  ${formatProblem(problem)}`));
    lines.push(...network.unreachable.map((what) => `UNKNOWN  ${what}`));
    lines.push(...network.notes.map((note) => `NOTE     ${note}`));
  }
  lines.push(verdict(ok, network));
  return `${lines.join("\n")}\n`;
}

/** What could not be asked is not called right: the agent starts and keeps asking. */
function verdict(ok: boolean, network: NetworkReport | undefined): string {
  if (!ok) return "NOT OK: an agent would not start.";
  return network !== undefined && network.unreachable.length > 0
    ? "INCOMPLETE: an agent would start, but what is UNKNOWN above could not be checked."
    : "OK: an agent would start with this configuration.";
}
