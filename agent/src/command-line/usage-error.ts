import { BaseError } from "@jeju-oracle/kit";

/** The command line is wrong: exit code 64. Nothing was done. */
export class UsageError extends BaseError {
  constructor(message: string, nextStep: string) {
    super(message, { code: "wrong-command-line", retryable: false, nextStep });
  }
}
