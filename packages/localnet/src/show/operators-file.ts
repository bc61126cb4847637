/** The people of a fleet that is shown: whoever sits at this terminal may do everything. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const YOU = "you";

/**
 * Writes an operators file into `directory`, for its owner alone.
 * @returns the variables that make each agent take its console's clients for that person.
 */
export function operatorsEnv(directory: string): Readonly<Record<string, string>> {
  const path = join(directory, "operators.yaml");
  writeFileSync(path, `operators:\n  - id: ${YOU}\n    role: approver\noncall: [${YOU}]\n`, {
    mode: 0o600,
    flag: "wx",
  });
  return { OPERATORS_FILE: path, CONSOLE_OPERATOR: YOU };
}
