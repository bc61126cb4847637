/**
 * A bot whose token is refused: nothing more is tried with it, because services lock out addresses that fail too often, and a person
 * is told once. Only a restart with another token ends it.
 */
import { type AlertCondition, describeError, type Logger } from "@jeju-oracle/kit";
import { ChannelError } from "../conversation/channel-error.ts";

export interface TokenRefusalOptions {
  /** Id of the channel. */
  readonly channel: string;
  /** The service's name, for people. */
  readonly service: string;
  /** Whether a failure says that the token is refused. */
  readonly isRefusal: (error: unknown) => error is ChannelError;
  readonly logger: Logger;
  readonly raise: (condition: AlertCondition) => void;
}

export class TokenRefusal {
  readonly #options: TokenRefusalOptions;
  #error: ChannelError | undefined;

  constructor(options: TokenRefusalOptions) {
    this.#options = options;
  }

  /** Does `work`, unless the token was refused before. @throws {ChannelError} */
  async unlessRefused<Result>(work: () => Promise<Result>): Promise<Result> {
    const { channel, isRefusal } = this.#options;
    if (this.#error !== undefined)
      throw new ChannelError(channel, "the bot's token is refused", {
        retryable: false,
        nextStep: this.#error.nextStep,
        cause: this.#error,
      });
    try {
      return await work();
    } catch (error) {
      if (isRefusal(error)) this.refused(error);
      throw error;
    }
  }

  /** The service refused the token. */
  refused(error: ChannelError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    const { channel, service, logger, raise } = this.#options;
    const { nextStep } = error;
    const summary = `${service} refuses the bot's token: no alerts and no commands there`;
    logger.error(summary, { error: describeError(error), nextStep });
    raise({ key: `${channel}-token-refused`, severity: "critical", summary, nextStep });
  }
}
