#!/usr/bin/env bun
/** `oracle-agent <command>`: the operator's command line. */
import { helpOf, overview } from "./command-line/help.ts";
import { parseWords } from "./command-line/parse.ts";
import { reportFailure } from "./command-line/report-failure.ts";
import { processTerminal, type Terminal } from "./command-line/terminal.ts";
import { UsageError } from "./command-line/usage-error.ts";
import { COMMANDS } from "./commands/catalogue.ts";
import { EXIT_OK, EXIT_USAGE } from "./exit-codes.ts";
import { nearest } from "./nearest.ts";

/** @returns the exit code. */
async function main(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await runWords(words, terminal);
  } catch (error) {
    return reportFailure(error, words.includes("--json"), terminal);
  }
}

async function runWords([name, ...words]: readonly string[], terminal: Terminal): Promise<number> {
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    await terminal.out(overview(COMMANDS));
    return name === undefined ? EXIT_USAGE : EXIT_OK;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const meant = nearest(name, Object.keys(COMMANDS));
    const nextStep =
      meant === undefined ? "oracle-agent --help lists the commands." : `Did you mean ${meant}?`;
    throw new UsageError(`unknown command ${name}`, nextStep);
  }
  const parsed = parseWords(name, command, words);
  if (parsed.kind === "run") return command.run(parsed.input);
  await terminal.out(helpOf(name, command));
  return EXIT_OK;
}

process.exit(await main(process.argv.slice(2), processTerminal()));
