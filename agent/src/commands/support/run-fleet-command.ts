/** Runs one command for the fleet over the store that the environment names, and prints its result. */
import { silentLogger, systemClock, withDeadline } from "@jeju-oracle/kit";
import { type FleetOffice, openFleetOffice } from "@jeju-oracle/plugin-leader-lock";
import type { CommandInput } from "../../command-line/command.ts";
import { processTerminal } from "../../command-line/terminal.ts";
import { onStopSignal } from "../../signals.ts";
import { type OperatorCommand, openOperatorSession } from "./operator-session.ts";
import type { CommandResult, FleetCommand, FleetSession } from "./session.ts";

const CLOSE_DEADLINE_MS = 2_000;

/** @returns the exit code. @throws what opening the store and the command throw. */
export function runFleetCommand(input: CommandInput, command: FleetCommand): Promise<number> {
  return runOverStore(input, (session) => command(input, session));
}

/** As {@link runFleetCommand}, for a command that goes on without the store. */
export function runOperatorCommand(input: CommandInput, command: OperatorCommand): Promise<number> {
  return runOverStore(input, async (session) => command(input, await openOperatorSession(session)));
}

async function runOverStore(
  input: CommandInput,
  work: (session: FleetSession) => Promise<CommandResult>,
): Promise<number> {
  const env = { ...process.env };
  const terminal = processTerminal();
  const office = await openFleetOffice(env, systemClock, silentLogger);
  const interrupt = new AbortController();
  const stopListening = onStopSignal(
    silentLogger,
    () => interrupt.abort(),
    (code) => process.exit(code),
  );
  try {
    const session = { office, clock: systemClock, env, terminal, interrupted: interrupt.signal };
    const { exitCode, failed, lines, data } = await work(session);
    if (input.has("json")) await terminal.out(`${JSON.stringify(data, null, 2)}\n`);
    else if (failed) await terminal.note(lines.join("\n"));
    else await terminal.out(`${lines.join("\n")}\n`);
    return exitCode;
  } finally {
    terminal.status("");
    stopListening();
    await close(office);
  }
}

/** The result is known by then: a store that does not let go must not hide it. */
async function close(office: FleetOffice): Promise<void> {
  await Promise.allSettled([
    withDeadline(systemClock, "closing the store", CLOSE_DEADLINE_MS, () => office.close()),
  ]);
}
