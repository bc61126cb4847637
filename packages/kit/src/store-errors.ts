/** Failures of a coordination store. A lost race is a value, never an error. */
import { BaseError, type ErrorDetail } from "./errors.ts";

/**
 * The store did not answer, or not in time: the outcome of a write is unknown, not failed. The caller repeats the write
 * with the byte-identical value and is told whether the first one had landed.
 */
export class StoreUnavailableError extends BaseError {
  constructor(
    message: string,
    options: {
      readonly nextStep?: string;
      readonly details?: Readonly<Record<string, ErrorDetail>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, {
      code: "store-unavailable",
      retryable: true,
      nextStep:
        options.nextStep ??
        "Check that the coordination store runs and that this host reaches it; the agent keeps trying by itself.",
      ...(options.details === undefined ? {} : { details: options.details }),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
  }
}

/**
 * The store cannot be used as it is (permissions, a foreign owner, a symbolic link, a wrong password): asking again will
 * not help before somebody changes something. Nothing was written.
 */
export class StoreUnusableError extends BaseError {
  constructor(
    message: string,
    options: {
      readonly nextStep: string;
      readonly details?: Readonly<Record<string, ErrorDetail>>;
      readonly cause?: unknown;
    },
  ) {
    super(message, { code: "store-unusable", retryable: false, ...options });
  }
}
