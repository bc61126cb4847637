import { BaseError } from "@jeju-oracle/kit";

/** What was typed cannot be understood. Answers with the usage and an example. */
export class UsageError extends BaseError {
  constructor(problem: string, { usage, example }: { readonly usage: string; readonly example: string }) {
    super(problem, {
      code: "usage",
      retryable: false,
      nextStep: `Usage: ${usage}. Example: ${example}`,
    });
  }
}
