/** The table of variables that `check-config` shows: name, value, where it comes from, what is wrong with it. */
import { type ConfigProblem, type Env, type EnvSpec, formatProblem } from "@jeju-oracle/kit";
import { nearest } from "./nearest.ts";

export interface ConfigRow {
  readonly variable: string;
  /** What is in force; a secret is `set` or `unset`. */
  readonly value: string;
  readonly origin: "environment" | "file" | "default" | "unset";
  /** Where the default or the name comes from. */
  readonly source: string;
  readonly about: string;
  readonly problems: readonly string[];
}

/** One row per variable of `specs`. Values of secrets are never read. */
export function configRows(
  specs: readonly EnvSpec[],
  env: Env,
  problems: readonly ConfigProblem[],
): readonly ConfigRow[] {
  return specs.flatMap((spec) =>
    Object.entries(spec).map(([variable, field]): ConfigRow => {
      const own = problems.filter(({ variable: name }) => name === variable || name === `${variable}_FILE`);
      const origin = originOf(variable, field.secret === true, field.default, env);
      const plain = isSet(env[variable]) ? env[variable] : field.default;
      return {
        variable,
        value: field.secret === true ? (origin === "unset" ? "unset" : "set") : (plain?.trim() ?? "unset"),
        origin,
        source: field.source ?? "",
        about: field.about,
        problems: own.map(formatProblem),
      };
    }),
  );
}

/** Variables that are set, unknown, and one slip away from a known one that is not set. */
export function likelyTypos(specs: readonly EnvSpec[], env: Env): readonly string[] {
  const known = specs.flatMap((spec) => Object.keys(spec));
  const unset = known.filter((variable) => !isSet(env[variable]) && !isSet(env[`${variable}_FILE`]));
  return Object.keys(env).flatMap((variable) => {
    if (!isSet(env[variable]) || known.includes(variable.replace(/_FILE$/, ""))) return [];
    const meant = nearest(variable, unset, MAX_TYPO_EDITS);
    return meant === undefined ? [] : [`${variable} is set but unknown: did you mean ${meant}?`];
  });
}

const MAX_TYPO_EDITS = 2;

/** Columns aligned for a terminal. */
export function formatRows(rows: readonly ConfigRow[]): string {
  const table = [
    ["VARIABLE", "VALUE", "FROM", "SOURCE"],
    ...rows.map(({ variable, value, origin, source, problems }) => [
      `${problems.length > 0 ? "! " : "  "}${variable}`,
      value,
      origin,
      source,
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  return table
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function originOf(
  variable: string,
  secret: boolean,
  defaultValue: string | undefined,
  env: Env,
): ConfigRow["origin"] {
  if (isSet(env[variable])) return "environment";
  if (secret && isSet(env[`${variable}_FILE`])) return "file";
  return defaultValue === undefined ? "unset" : "default";
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "";
}
