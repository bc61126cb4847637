/**
 * Who listens at Discord's gateway: this agent while it holds the chat lease, and nobody within a second of losing it. A session that
 * discord.js cannot bring back is replaced. Nothing ends this loop but its signal, or a token that is refused.
 */
import { type ChatLeasePort, type Clock, describeError, type Logger, sleep } from "@jeju-oracle/kit";
import { Routes } from "discord.js";
import { backOffMs } from "../back-off.ts";
import type { DiscordApi } from "./discord-api.ts";
import { DiscordRequestError } from "./discord-error.ts";
import type { GatewaySession } from "./gateway-session.ts";

export interface ListenLoopOptions {
  readonly api: DiscordApi;
  readonly newSession: () => GatewaySession;
  readonly chatLease: ChatLeasePort;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1), for the jitter of waits. */
  readonly random: () => number;
  /** Called when a session is ready, with its application; ends soon after `signal`. Must not reject. */
  readonly whenReady: (applicationId: string, signal: AbortSignal) => Promise<void>;
  /** The token is refused: nothing will work before a restart with another one. */
  readonly onTokenRefused: (error: DiscordRequestError) => void;
}

const LEASE_LOOK_MS = 1_000;
const REPORT_EVERY_MS = 10_000;
const PROBE_EVERY_MS = 30_000;
/** discord.js resumes within seconds; what takes longer needs a session of its own. */
const LONGEST_DOWN_MS = 30_000;

export class ListenLoop {
  readonly #options: ListenLoopOptions;
  #failures = 0;

  constructor(options: ListenLoopOptions) {
    this.#options = options;
  }

  /** Returns soon after `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { api, chatLease, clock } = this.#options;
    let probedAtMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      try {
        if (chatLease.holds()) await this.#listen(signal);
        else if (clock.monotonicMs() - probedAtMs >= PROBE_EVERY_MS) {
          await api.request("look whether Discord answers", { method: "GET", route: Routes.user(), signal });
          probedAtMs = clock.monotonicMs();
          this.#answered();
        }
        await sleep(clock, LEASE_LOOK_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof DiscordRequestError)) throw error;
        if (error.isTokenRefused) return await this.#tokenRefused(error, signal);
        await this.#rest(error, signal);
      }
    }
  }

  /** Returns when the lease is lost. @throws {DiscordRequestError} when the session is of no use any more */
  async #listen(signal: AbortSignal): Promise<void> {
    const { chatLease, clock, newSession, whenReady } = this.#options;
    const session = newSession();
    const over = new AbortController();
    let prepared: Promise<void> | undefined;
    let reportedAtMs = Number.NEGATIVE_INFINITY;
    session.open();
    try {
      while (!signal.aborted && chatLease.holds()) {
        if (session.failure !== undefined) throw session.failure;
        if (session.downForMs > LONGEST_DOWN_MS)
          throw new DiscordRequestError("listen at the gateway", "no connection for 30 s");
        const { applicationId } = session;
        if (session.isReady && applicationId !== undefined) {
          prepared ??= whenReady(applicationId, over.signal);
          if (clock.monotonicMs() - reportedAtMs >= REPORT_EVERY_MS) {
            reportedAtMs = clock.monotonicMs();
            this.#answered();
          }
        }
        await sleep(clock, LEASE_LOOK_MS, signal);
      }
    } finally {
      over.abort();
      await Promise.all([session.close(), prepared]);
    }
  }

  #answered(): void {
    if (this.#failures > 0) this.#options.logger.info("Discord answers again");
    this.#failures = 0;
    this.#options.chatLease.reportReachable(true);
  }

  /** Waits after a failure. Says the first of a row. */
  async #rest(error: DiscordRequestError, signal: AbortSignal): Promise<void> {
    const { chatLease, clock, logger, random } = this.#options;
    const waitMs = error.retryAfterMs ?? backOffMs(this.#failures, random());
    const fields = { error: describeError(error), nextStep: error.nextStep, waitMs: Math.round(waitMs) };
    if (this.#failures === 0) logger.warn("Discord cannot be listened to", fields);
    else logger.debug("Discord cannot be listened to", fields);
    this.#failures++;
    chatLease.reportReachable(error.wasReached);
    await sleep(clock, waitMs, signal);
  }

  /** Listening is over, but the lease still has to learn that this agent is of no use to it. */
  async #tokenRefused(error: DiscordRequestError, signal: AbortSignal): Promise<void> {
    const { chatLease, clock, onTokenRefused } = this.#options;
    onTokenRefused(error);
    while (!signal.aborted) {
      chatLease.reportReachable(false);
      await sleep(clock, PROBE_EVERY_MS, signal);
    }
  }
}
