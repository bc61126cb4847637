/** A failed request to Discord. Never holds the request's URL: that of an interaction or a webhook contains a token. */
import { describeError, scrubSecrets } from "@jeju-oracle/kit";
import { DiscordAPIError, HTTPError, RateLimitError } from "discord.js";
import { ChannelError } from "../../conversation/channel-error.ts";

interface Failure {
  /** HTTP status; undefined when no answer came. */
  readonly status?: number;
  /** Discord's own code of the error. */
  readonly code?: number;
  readonly retryAfterMs?: number;
  readonly isTokenRefused?: boolean;
}

export class DiscordRequestError extends ChannelError {
  readonly status: number | undefined;
  readonly discordCode: number | undefined;
  /** The bot's token is wrong or revoked: no request can succeed before somebody sets another one. */
  readonly isTokenRefused: boolean;

  constructor(what: string, problem: string, failure: Failure = {}) {
    const { status, retryAfterMs, isTokenRefused = false } = failure;
    const clean = scrubSecrets(problem).replaceAll(/\s+/g, " ").slice(0, 300);
    super("discord", `${what} failed: ${status === undefined ? "" : `${status} `}${clean}`, {
      retryable: !isTokenRefused && isRetryable(status),
      nextStep: nextStepFor(isTokenRefused ? 401 : status),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    this.status = status;
    this.discordCode = failure.code;
    this.isTokenRefused = isTokenRefused;
  }

  /** @param withToken whether the request carried the bot's token. */
  static from(what: string, error: unknown, withToken: boolean): DiscordRequestError {
    if (error instanceof DiscordRequestError) return error;
    if (error instanceof RateLimitError)
      return new DiscordRequestError(what, error.global ? "too many requests of all kinds" : "too many", {
        status: 429,
        retryAfterMs: Math.max(error.retryAfter, error.sublimitTimeout, 0),
      });
    if (error instanceof DiscordAPIError)
      return new DiscordRequestError(what, error.message, {
        status: error.status,
        code: Number(error.code),
        isTokenRefused: withToken && error.status === 401,
      });
    if (error instanceof HTTPError)
      return new DiscordRequestError(what, "no answer", { status: error.status });
    return new DiscordRequestError(what, problemOf(error));
  }

  /** Whether the service itself works, judged by this failure. */
  get wasReached(): boolean {
    return this.status !== undefined && this.status < 500 && !this.isTokenRefused;
  }
}

/** fetch's own errors may carry the URL, so only their code goes on. */
function problemOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return describeError(error);
}

function isRetryable(status: number | undefined): boolean {
  return status === undefined || status === 429 || status >= 500;
}

function nextStepFor(status: number | undefined): string {
  switch (status) {
    case 400:
      return "This is a defect: report the message that Discord refused, with this line of the log.";
    case 401:
      return "Copy the bot's token from Discord's developer portal, set DISCORD_BOT_TOKEN and restart the agent.";
    case 403:
      return "Give the bot View Channel, Send Messages and Attach Files in the channel DISCORD_CHANNEL_ID.";
    case 404:
      return "Check DISCORD_CHANNEL_ID, and that the bot is a member of that channel's server.";
    case 429:
      return "None: the agent waits as long as Discord asks and tries again.";
    default:
      return "Check that this host reaches DISCORD_API_ROOT; the agent keeps trying by itself.";
  }
}
