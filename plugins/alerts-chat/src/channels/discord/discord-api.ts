/**
 * discord.js's REST client, which knows the rate limits of each route, with a deadline for every request and typed errors. It never
 * waits for a rate limit longer than {@link LONGEST_OWN_WAIT_MS}: whoever keeps the messages decides what comes first then.
 */
import { type Clock, type Secret, sleep, withDeadline } from "@jeju-oracle/kit";
import { REST, RequestMethod } from "discord.js";
import { DiscordRequestError } from "./discord-error.ts";

export interface DiscordRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly route: `/${string}`;
  readonly body?: unknown;
  readonly files?: readonly { readonly name: string; readonly data: Buffer }[];
  /** False for the routes of interactions, which have tokens of their own. */
  readonly withToken?: boolean;
  /** Time in ms until the request counts as lost. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

const REQUEST_DEADLINE_MS = 10_000;
/** The rate limit of a channel is some messages in five seconds: https://docs.discord.com/developers/topics/rate-limits */
const LONGEST_OWN_WAIT_MS = 5_000;
const METHOD = {
  GET: RequestMethod.Get,
  POST: RequestMethod.Post,
  PUT: RequestMethod.Put,
  PATCH: RequestMethod.Patch,
  DELETE: RequestMethod.Delete,
} as const;
/** Only ends what our own deadline has already given up. */
const BACKSTOP_MS = 30_000;

export interface DiscordApiOptions {
  readonly token: Secret;
  readonly apiRoot: string;
  readonly clock: Clock;
}

export class DiscordApi {
  readonly rest: REST;
  readonly #clock: Clock;

  constructor({ token, apiRoot, clock }: DiscordApiOptions) {
    this.#clock = clock;
    this.rest = new REST({
      api: apiRoot.replace(/\/+$/, ""),
      version: "10",
      retries: 0,
      timeout: BACKSTOP_MS,
      rejectOnRateLimit: () => true,
    }).setToken(token.reveal());
  }

  /** One request, repeated once a short rate limit is over. @throws {DiscordRequestError} */
  async request(what: string, request: DiscordRequest): Promise<unknown> {
    const { deadlineMs = REQUEST_DEADLINE_MS, signal } = request;
    const withToken = request.withToken ?? true;
    const endMs = this.#clock.monotonicMs() + deadlineMs;
    for (;;) {
      try {
        const leftMs = endMs - this.#clock.monotonicMs();
        return await withDeadline(this.#clock, what, leftMs, (either) => this.#once(request, either), signal);
      } catch (cause) {
        const error = DiscordRequestError.from(what, cause, withToken);
        const { retryAfterMs } = error;
        const leftMs = endMs - this.#clock.monotonicMs();
        if (retryAfterMs === undefined || retryAfterMs > Math.min(LONGEST_OWN_WAIT_MS, leftMs)) throw error;
        await sleep(this.#clock, retryAfterMs, signal);
        if (signal?.aborted) throw error;
      }
    }
  }

  /** Ends the client's own timers. */
  close(): void {
    this.rest.clearHashSweeper();
    this.rest.clearHandlerSweeper();
  }

  #once({ method, route, body, files, withToken = true }: DiscordRequest, signal: AbortSignal) {
    return this.rest.request({
      method: METHOD[method],
      fullRoute: route,
      auth: withToken,
      signal,
      ...(body === undefined ? {} : { body }),
      ...(files === undefined || files.length === 0 ? {} : { files: [...files] }),
    });
  }
}
