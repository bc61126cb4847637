/** A failed request to the Bot API. Never holds the request's URL: that contains the bot's token. */
import { scrubSecrets } from "@jeju-oracle/kit";
import { ChannelError } from "../../conversation/channel-error.ts";

/** What the Bot API says about a failure: https://core.telegram.org/bots/api#making-requests */
export interface ApiFailure {
  readonly errorCode: number;
  readonly description: string;
  readonly retryAfterMs?: number;
  /** The group became a supergroup, which has another id: https://core.telegram.org/bots/api#responseparameters */
  readonly migrateToChatId?: string;
}

export class TelegramRequestError extends ChannelError {
  readonly method: string;
  /** The API's error code; undefined when no valid answer came. */
  readonly errorCode: number | undefined;
  readonly description: string;
  readonly migrateToChatId: string | undefined;

  private constructor(method: string, description: string, failure: Partial<ApiFailure>, cause?: unknown) {
    const { errorCode, retryAfterMs, migrateToChatId } = failure;
    const clean = scrubSecrets(description).slice(0, 300);
    super("telegram", `${method} failed: ${errorCode === undefined ? "" : `${errorCode} `}${clean}`, {
      retryable: isRetryable(errorCode),
      nextStep: nextStepFor(errorCode),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.method = method;
    this.errorCode = errorCode;
    this.description = clean;
    this.migrateToChatId = migrateToChatId;
  }

  /** The API answered and refused. */
  static refused(method: string, failure: ApiFailure): TelegramRequestError {
    return new TelegramRequestError(method, failure.description, failure);
  }

  /** No valid answer: whether the request took effect is unknown. */
  static unanswered(method: string, problem: string, cause?: unknown): TelegramRequestError {
    return new TelegramRequestError(method, problem, {}, cause);
  }

  /** The bot's token is wrong or revoked: no request can succeed before somebody sets another one. */
  get isTokenRefused(): boolean {
    return this.errorCode === 401;
  }

  /** Whether the service itself works, judged by this failure. */
  get wasReached(): boolean {
    return this.errorCode !== undefined && this.errorCode < 500 && !this.isTokenRefused;
  }
}

function isRetryable(errorCode: number | undefined): boolean {
  return errorCode === undefined || errorCode === 409 || errorCode === 429 || errorCode >= 500;
}

function nextStepFor(errorCode: number | undefined): string {
  switch (errorCode) {
    case 401:
      return "Ask BotFather for the bot's token, set TELEGRAM_BOT_TOKEN and restart the agent.";
    case 400:
    case 403:
      return "Check that the bot is a member of the chat TELEGRAM_CHAT_ID and may write there.";
    case 404:
      return "Check TELEGRAM_API_ROOT and TELEGRAM_BOT_TOKEN: no such bot or method is known there.";
    case 409:
      return "Let only this fleet use the bot's token: another program polls for it, or a webhook is set.";
    case 429:
      return "None: the agent waits as long as Telegram asks and tries again.";
    default:
      return "Check that this host reaches TELEGRAM_API_ROOT; the agent keeps trying by itself.";
  }
}
