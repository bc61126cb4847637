/** Which plugins a character asks for. A model's is no part of the catalogue: it is loaded later, if it is there (model/). */
import type { Character } from "@elizaos/core";
import { ConfigError, type ConfigProblem } from "@jeju-oracle/kit";
import { MODEL_PROVIDERS } from "./model/providers.ts";
import { nearest } from "./nearest.ts";
import type { CataloguedPlugin } from "./plugin-catalogue.ts";

/**
 * The catalogued plugins that `character` names, in the catalogue's order.
 * @throws {ConfigError} when a name is unknown or an essential plugin is missing.
 */
export function choosePlugins(
  character: Character,
  catalogue: readonly CataloguedPlugin[],
): readonly CataloguedPlugin[] {
  const wanted = new Set(character.plugins ?? []);
  const known = [...catalogue, ...MODEL_PROVIDERS].map(({ packageName }) => packageName);
  const problem = (text: string): ConfigProblem => ({
    variable: "CHARACTER_FILE",
    problem: text,
    example: "/etc/jeju-oracle/character.json",
  });
  const problems: ConfigProblem[] = [];
  for (const name of wanted) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    const hint = meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`;
    problems.push(problem(`plugins names an unknown plugin ${name}; ${hint}`));
  }
  for (const { packageName, essential } of catalogue) {
    if (essential && !wanted.has(packageName)) problems.push(problem(`plugins must include ${packageName}`));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return catalogue.filter(({ packageName }) => wanted.has(packageName));
}
