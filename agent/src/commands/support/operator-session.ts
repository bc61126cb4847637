/** What a command works with that must also work when the store is gone, and with no agent alive. */
import { describeError, StoreUnavailableError, StoreUnusableError } from "@jeju-oracle/kit";
import type { CommandInput } from "../../command-line/command.ts";
import type { CommandResult, FleetSession } from "./session.ts";

export interface OperatorSession extends Omit<FleetSession, "office"> {
  /** The same with the fleet's store; undefined when that does not answer. */
  readonly fleet: FleetSession | undefined;
  /** Why the store is left out; undefined when it answers. */
  readonly storeProblem: string | undefined;
}

export type OperatorCommand = (input: CommandInput, session: OperatorSession) => Promise<CommandResult>;

/** Asks the store once. */
export async function openOperatorSession(fleet: FleetSession): Promise<OperatorSession> {
  const { office, ...rest } = fleet;
  try {
    await office.report();
    return { ...rest, fleet, storeProblem: undefined };
  } catch (error) {
    if (!(error instanceof StoreUnavailableError || error instanceof StoreUnusableError)) throw error;
    return { ...rest, fleet: undefined, storeProblem: describeError(error) };
  }
}
