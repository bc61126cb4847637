/** The pages of `oracle-agent --help` and `oracle-agent <command> --help`. Pure. */
import type { Command, OptionSpec } from "./command.ts";
import { wrap } from "./wrap.ts";

const WIDTH = 100;

export function overview(commands: Readonly<Record<string, Command>>): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return [
    "Usage: oracle-agent <command> [options]",
    "",
    ...Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`),
    "",
    "oracle-agent <command> --help shows a command's options and an example. Configuration comes from environment",
    "variables; check-config lists them. Commands for the fleet need LEADER_LOCK_URL (or LEADER_LOCK_FILE) alone.",
    "",
  ].join("\n");
}

export function helpOf(name: string, command: Command): string {
  const { about, notes = [], example } = command;
  const rows = [
    ...(command.arguments ?? []).map((argument) => [argument.name, argument.about] as const),
    ...Object.entries(command.options ?? {}).map(
      ([option, spec]) => [optionWords(option, spec), spec.about] as const,
    ),
  ];
  const width = Math.max(0, ...rows.map(([words]) => words.length));
  const paragraphs = [
    usageLine(name, command),
    about,
    rows.map(([words, what]) => hanging(`  ${words.padEnd(width)}  `, what)).join("\n"),
    ...notes.map((note) => wrap(note, WIDTH).join("\n")),
    example === undefined ? "" : `Example: oracle-agent ${example}`,
  ];
  return `${paragraphs.filter((text) => text !== "").join("\n\n")}\n`;
}

/** What must be given stands outside brackets; switches that every command has are in the list below. */
function usageLine(name: string, { arguments: specs = [], options = {} }: Command): string {
  const words = [
    ...specs.map((spec) => (spec.required ? spec.name : `[${spec.name}]`)),
    ...Object.entries(options).map(([option, spec]) =>
      spec.required === true ? optionWords(option, spec) : `[${optionWords(option, spec)}]`,
    ),
  ];
  return hanging("Usage: ", ["oracle-agent", name, ...words].join(" "));
}

function optionWords(option: string, { value }: OptionSpec): string {
  return value === undefined ? `--${option}` : `--${option} ${value}`;
}

function hanging(lead: string, text: string): string {
  const lines = wrap(text, WIDTH - lead.length);
  return lines.map((line, index) => `${index === 0 ? lead : " ".repeat(lead.length)}${line}`).join("\n");
}
