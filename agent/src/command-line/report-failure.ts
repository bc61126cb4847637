/** How a command that threw ends: one way for all commands. */
import {
  BaseError,
  ConfigError,
  describeError,
  formatProblem,
  StoreUnavailableError,
  StoreUnusableError,
} from "@jeju-oracle/kit";
import { EXIT_CONFIG, EXIT_FAILURE, EXIT_UNAVAILABLE, EXIT_USAGE } from "../exit-codes.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** Says what went wrong and what to do: lines on stderr, or one JSON object on stdout. @returns the exit code. */
export async function reportFailure(error: unknown, json: boolean, terminal: Terminal): Promise<number> {
  if (json) await terminal.out(`${JSON.stringify({ ok: false, error: errorData(error) }, null, 2)}\n`);
  else for (const line of errorLines(error)) await terminal.note(line);
  return exitCodeOf(error);
}

function errorLines(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.problems.map(formatProblem);
  if (!(error instanceof BaseError)) return [`oracle-agent: ${describeError(error)}`];
  if (error instanceof UsageError)
    return [`oracle-agent: ${error.message}; ${uncapitalised(error.nextStep)}`];
  return [`oracle-agent: ${error.message}`, error.nextStep];
}

function uncapitalised(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

function errorData(error: unknown) {
  if (!(error instanceof BaseError)) return { code: "unexpected", message: describeError(error) };
  const { code, message, nextStep } = error;
  return { code, message, nextStep, ...(error instanceof ConfigError ? { problems: error.problems } : {}) };
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT_USAGE;
  if (error instanceof ConfigError) return EXIT_CONFIG;
  if (error instanceof StoreUnavailableError || error instanceof StoreUnusableError) return EXIT_UNAVAILABLE;
  return EXIT_FAILURE;
}
