/** An owner's call for whoever holds the key: lines to copy, and a file for the Safe's transaction builder. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { BaseError, describeError } from "@jeju-oracle/kit";
import type { Plan } from "@jeju-oracle/plugin-alerts-chat/operator";

export type HandOut = NonNullable<Plan["handOut"]>;

class SafeFileError extends BaseError {
  constructor(path: string, cause: unknown) {
    super(`the Safe file ${path} cannot be written: ${describeError(cause)}`, {
      code: "safe-file-unwritable",
      retryable: false,
      nextStep: "Name a file that does not exist with --safe-file. Nothing was changed.",
      cause,
    });
  }
}

/** @returns where it is. @throws {SafeFileError} also when there is a file already: it may be another price. */
export function writeSafeFile(path: string, { safeJson }: HandOut): string {
  try {
    writeFileSync(path, `${safeJson}\n`, { flag: "wx" });
    return resolve(path);
  } catch (error) {
    throw new SafeFileError(path, error);
  }
}

export function handOutLines(
  { calldata, castCommand }: HandOut,
  to: string,
  safeFile: string,
): readonly string[] {
  return [
    "No owner key here. Whoever holds it sends this, in one of three ways:",
    `  to        ${to}`,
    `  calldata  ${calldata}`,
    `  cast      ${castCommand}`,
    `  Safe      ${safeFile} (Transaction Builder, load)`,
  ];
}
