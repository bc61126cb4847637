#!/usr/bin/env bun
/** `oracle-agent <command>`: the operator's command line. Commands are imported on demand, so that each starts lean. */
import { parseArgs } from "node:util";
import { EXIT_OK, EXIT_USAGE } from "./exit-codes.ts";
import { nearest } from "./nearest.ts";

interface Command {
  readonly about: string;
  readonly options: Readonly<Record<string, { readonly type: "boolean"; readonly about: string }>>;
  /** @returns the exit code. */
  readonly run: (flags: ReadonlySet<string>) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  run: {
    about: "Run one agent from the environment until a signal ends it.",
    options: {},
    run: async () => (await import("./commands/run.ts")).run({ ...process.env }),
  },
  "check-config": {
    about: "Show every variable, what is wrong with it, and what the chains say. Sends nothing.",
    options: { json: { type: "boolean", about: "Machine-readable output." } },
    run: async (flags) =>
      (await import("./commands/check-config.ts")).checkConfig(
        { ...process.env },
        { json: flags.has("json") },
      ),
  },
  localnet: {
    about: "Run local chains with contracts and moving prices, for development.",
    options: {},
    run: async () => (await import("./commands/localnet.ts")).localnet([]),
  },
};

/** Runs the command line. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(overview());
    return name === undefined ? EXIT_USAGE : EXIT_OK;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return usageError(`unknown command ${name}`, name, Object.keys(COMMANDS));
  const options = Object.keys(command.options);
  const { values, positionals } = parseArgs({
    args: [...rest],
    options: { ...command.options, help: { type: "boolean", short: "h" } },
    strict: false,
  });
  if (values.help === true) {
    process.stdout.write(helpOf(name, command));
    return EXIT_OK;
  }
  const unknown = Object.keys(values).find((option) => !options.includes(option));
  if (unknown !== undefined) return usageError(`${name} has no option --${unknown}`, unknown, options);
  if (positionals.length > 0) return usageError(`${name} takes no argument ${positionals[0]}`, "", []);
  return command.run(new Set(Object.keys(values)));
}

function usageError(problem: string, word: string, candidates: readonly string[]): number {
  const meant = nearest(word, candidates);
  const hint = meant === undefined ? "oracle-agent --help lists the commands" : `did you mean ${meant}?`;
  process.stderr.write(`oracle-agent: ${problem}; ${hint}\n`);
  return EXIT_USAGE;
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const commands = Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
  return [
    "Usage: oracle-agent <command> [options]",
    "",
    ...commands,
    "",
    "oracle-agent <command> --help shows a command's options. Configuration comes from environment variables;",
    "check-config lists them.",
    "",
  ].join("\n");
}

function helpOf(name: string, { about, options }: Command): string {
  const lines = Object.entries(options).map(([option, { about: what }]) => `  --${option}  ${what}`);
  return [`Usage: oracle-agent ${name}${lines.length > 0 ? " [options]" : ""}`, "", about, ...lines, ""].join(
    "\n",
  );
}

process.exit(await main(process.argv.slice(2)));
