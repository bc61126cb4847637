/** What a command for the fleet works with, and what it answers. */
import type { Clock, Env } from "@jeju-oracle/kit";
import type { FleetOffice } from "@jeju-oracle/plugin-leader-lock";
import type { CommandInput } from "../../command-line/command.ts";
import type { Terminal } from "../../command-line/terminal.ts";

export interface FleetSession {
  readonly office: FleetOffice;
  readonly clock: Clock;
  readonly env: Env;
  readonly terminal: Terminal;
  /** Aborts when a person has had enough of waiting. */
  readonly interrupted: AbortSignal;
}

export interface CommandResult {
  readonly exitCode: number;
  /** What was asked is not done: the lines go where errors go. */
  readonly failed: boolean;
  /** For people. */
  readonly lines: readonly string[];
  /** For scripts (`--json`): JSON values only. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** One command, e.g. `failover`. Throws typed errors for what was not done. */
export type FleetCommand = (input: CommandInput, session: FleetSession) => Promise<CommandResult>;
