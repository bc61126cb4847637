/** From words to a command's input. Pure. Strict: what is not understood is refused, never ignored. */
import { parseArgs } from "node:util";
import { nearest } from "../nearest.ts";
import type { Command, CommandInput } from "./command.ts";
import { UsageError } from "./usage-error.ts";

export type Parsed = { readonly kind: "help" } | { readonly kind: "run"; readonly input: CommandInput };

/**
 * Reads the words after the command's name.
 * @throws {UsageError} naming the word that is wrong or missing.
 */
export function parseWords(name: string, command: Command, words: readonly string[]): Parsed {
  const { arguments: specs = [], options = {} } = command;
  const { tokens } = parseArgs({
    args: [...words],
    options: { ...parserOptions(command), help: { type: "boolean", short: "h" } },
    strict: false,
    tokens: true,
  });
  if (tokens.some((token) => token.kind === "option" && token.name === "help")) return { kind: "help" };
  const values = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (!Object.hasOwn(options, token.name)) throw unknownOption(name, token.rawName, Object.keys(options));
    if (values.has(token.name)) throw usage(name, `${token.rawName} is given twice`);
    values.set(token.name, textOf(name, options[token.name]?.value, token));
  }
  const surplus = positionals[specs.length];
  if (surplus !== undefined) throw usage(name, `${name} takes no argument ${surplus}`);
  const missing = specs.slice(positionals.length).find(({ required }) => required);
  if (missing !== undefined) throw usage(name, `${missing.name} is missing: ${missing.about}`);
  for (const [option, { required, about, value }] of Object.entries(options)) {
    if (required === true && !values.has(option)) {
      throw usage(name, `--${option} ${value ?? ""} is missing: ${about}`);
    }
  }
  return {
    kind: "run",
    input: {
      arguments: positionals,
      has: (option) => values.has(option),
      value: (option) => values.get(option),
    },
  };
}

function parserOptions({ options = {} }: Command) {
  return Object.fromEntries(
    Object.entries(options).map(([option, { value }]) => [
      option,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** The text of an option; a switch has none. `--to --yes` most likely lacks a word. */
function textOf(
  command: string,
  valueName: string | undefined,
  { rawName, value, inlineValue }: OptionToken,
): string {
  if (valueName === undefined) {
    if (value !== undefined) throw usage(command, `${rawName} takes no value`);
    return "";
  }
  if (value === undefined || value === "" || (inlineValue !== true && value.startsWith("--"))) {
    throw usage(command, `${rawName} needs a value: ${rawName} ${valueName}`);
  }
  return value;
}

function unknownOption(command: string, rawName: string, known: readonly string[]): UsageError {
  const meant = nearest(rawName.replace(/^-+/, ""), known);
  const problem = `${command} has no option ${rawName}`;
  return meant === undefined ? usage(command, problem) : new UsageError(problem, `Did you mean ${meant}?`);
}

function usage(command: string, problem: string): UsageError {
  return new UsageError(
    problem.replaceAll(/ +:/g, ":"),
    `oracle-agent ${command} --help shows how it is used.`,
  );
}
