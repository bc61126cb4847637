/**
 * Errors that teach. Every failure of this system is an instance of a class derived from {@link BaseError}: a
 * stable `code` for machines, whether trying again can help, and what the reader should do next.
 */

/** Values an error may carry. Flat primitives only, so that a log line can hold them without walking objects. */
export type ErrorDetail = string | number | bigint | boolean;

export interface BaseErrorOptions {
  /** Stable identifier, kebab-case. Metrics and tests rely on it; prose may change. */
  readonly code: string;
  /** True when the same call may succeed later without anyone changing anything. */
  readonly retryable: boolean;
  /** One sentence for the person who reads this at 3 a.m.: what to do now. */
  readonly nextStep: string;
  readonly details?: Readonly<Record<string, ErrorDetail>>;
  /** Page in this repository that explains the failure. */
  readonly docsPath?: string;
  readonly cause?: unknown;
}

/** Root of all typed failures. */
export class BaseError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly nextStep: string;
  readonly details: Readonly<Record<string, ErrorDetail>>;
  readonly docsPath: string | undefined;

  constructor(message: string, options: BaseErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable;
    this.nextStep = options.nextStep;
    this.details = options.details ?? {};
    this.docsPath = options.docsPath;
  }

  /** The first error in the cause chain (this one included) that `matches` accepts. */
  walk(matches: (error: unknown) => boolean): unknown {
    let current: unknown = this;
    for (let depth = 0; depth < 16 && current !== undefined && current !== null; depth++) {
      if (matches(current)) return current;
      current = current instanceof Error ? current.cause : undefined;
    }
    return undefined;
  }
}

/** An awaited operation did not finish before its deadline. Its outcome is unknown, not failed. */
export class DeadlineError extends BaseError {
  constructor(what: string, deadlineMs: number) {
    super(`${what} did not finish within ${deadlineMs} ms`, {
      code: "deadline-passed",
      retryable: true,
      nextStep:
        "Check whether the other side is overloaded or unreachable; the operation may still take effect.",
      details: { deadlineMs },
    });
  }
}

/** An invariant of this program was broken: a defect in the code, never in the input. */
export class InvariantError extends BaseError {
  constructor(message: string, details: Readonly<Record<string, ErrorDetail>> = {}) {
    super(message, {
      code: "invariant-broken",
      retryable: false,
      nextStep: "This is a defect. Keep the log of this host and report it with the details.",
      details,
    });
  }
}

/** A short, single-line description of any thrown value, its cause included. Never throws. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 4 && current !== undefined && current !== null; depth++) {
    const text =
      current instanceof BaseError
        ? `${current.code}: ${current.message}`
        : current instanceof Error
          ? current.message || current.name
          : String(current);
    parts.push(text.replaceAll(/\s+/g, " ").slice(0, 300));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(" <- ");
}
