/** A person confirms before anything changes. */
import { BaseError } from "@jeju-oracle/kit";
import type { CommandInput } from "../../command-line/command.ts";
import { UsageError } from "../../command-line/usage-error.ts";
import type { FleetSession } from "./session.ts";

class DeclinedError extends BaseError {
  constructor() {
    super("not confirmed", { code: "declined", retryable: false, nextStep: "Nothing was changed." });
  }
}

/**
 * Shows what would happen and asks, unless `--yes` is given.
 * @throws {DeclinedError} for every answer but yes. {UsageError} when nobody can answer.
 */
export async function confirm(
  input: CommandInput,
  { terminal, interrupted }: Pick<FleetSession, "terminal" | "interrupted">,
  whatHappens: string,
): Promise<void> {
  if (input.has("yes")) return;
  if (!terminal.interactive) {
    throw new UsageError(
      "nobody can confirm this: there is no terminal",
      `Add --yes to do it all the same. ${whatHappens}`,
    );
  }
  const answer = await terminal.ask(`${whatHappens} Continue? [y/N] `, interrupted);
  if (!/^y(es)?$/i.test(answer?.trim() ?? "")) throw new DeclinedError();
}
