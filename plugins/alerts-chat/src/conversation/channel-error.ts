import { BaseError } from "@jeju-oracle/kit";

/** A channel did not take a message. */
export class ChannelError extends BaseError {
  /** Time in ms that the service asks to be left alone; undefined when it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(
    channel: string,
    problem: string,
    options: {
      readonly retryable: boolean;
      readonly nextStep: string;
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    },
  ) {
    super(`${channel}: ${problem}`, {
      code: "channel-failed",
      retryable: options.retryable,
      nextStep: options.nextStep,
      details: { channel },
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    this.retryAfterMs = options.retryAfterMs;
  }
}
