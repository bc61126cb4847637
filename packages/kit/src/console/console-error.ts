import { BaseError } from "../errors.ts";

/** No agent answers at a console's socket. */
export class ConsoleUnavailableError extends BaseError {
  constructor(path: string, why: string, nextStep: string, cause?: unknown) {
    super(`no agent answers at ${path}: ${why}`, {
      code: "console-unavailable",
      retryable: true,
      nextStep,
      details: { path },
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
