/**
 * Long polling that nothing ends but {@link PollLoop.run}'s signal: ask for updates, hand them over, write down how far, ask for
 * the next. Only the holder of the chat lease polls, and it stops within a second of losing it. An update counts as handled when its
 * handler is done or its deadline has passed; while one is open, polling goes on at a short pace from the first open one.
 */
import {
  type ChatLeasePort,
  type Clock,
  describeError,
  InvariantError,
  type Logger,
  sleep,
  withDeadline,
} from "@jeju-oracle/kit";
import type { Update, UserFromGetMe } from "telegraf/types";
import { z } from "zod";
import { backOffMs } from "../back-off.ts";
import type { BotApi } from "./bot-api.ts";
import { ChatQueues } from "./chat-queues.ts";
import { ALLOWED_UPDATES, chatOf } from "./inbound-of.ts";
import { Inbox } from "./inbox.ts";
import { MAX_UPDATES } from "./limits.ts";
import type { OffsetRecord } from "./offset-record.ts";
import { TelegramRequestError } from "./telegram-error.ts";

export interface PollLoopOptions {
  readonly api: BotApi;
  readonly offsets: OffsetRecord;
  readonly chatLease: ChatLeasePort;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1), for the jitter of waits. */
  readonly random: () => number;
  /** Called before the first update after this agent got the lease. May reject: it is called again. */
  readonly prepare: (me: UserFromGetMe, signal: AbortSignal) => Promise<void>;
  /** Called once for each update as it comes in, before its turn. Must not throw. */
  readonly notice: (update: Update) => void;
  readonly handle: (update: Update) => Promise<void>;
  /** The token is refused: nothing will work before a restart with another one. */
  readonly onTokenRefused: (error: TelegramRequestError) => void;
}

const LONG_POLL_S = 25;
/** The API answers a long poll at its end; what takes longer is lost. */
const LONG_POLL_DEADLINE_MS = (LONG_POLL_S + 10) * 1_000;
const PACE_WHILE_OPEN_MS = 500;
const LEASE_LOOK_MS = 1_000;
const PROBE_EVERY_MS = 30_000;
const FLUSH_DEADLINE_MS = 2_000;
/** Longer than any handler should take; what still runs then no longer holds up its chat. */
const HANDLER_DEADLINE_MS = 30_000;

const updatesSchema = z.array(z.looseObject({ update_id: z.int() }));

export class PollLoop {
  readonly #options: PollLoopOptions;
  readonly #inbox = new Inbox();
  readonly #queues = new ChatQueues();
  #me: UserFromGetMe | undefined;
  #failures = 0;

  constructor(options: PollLoopOptions) {
    this.#options = options;
  }

  /** Returns soon after `signal` aborts, or when the token is refused. */
  async run(signal: AbortSignal): Promise<void> {
    const { chatLease, clock } = this.#options;
    let polling = false;
    let probedAtMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      try {
        if (chatLease.holds()) {
          if (!polling) await this.#prepare(signal);
          polling = true;
          await this.#pollOnce(signal);
        } else {
          polling = false;
          if (clock.monotonicMs() - probedAtMs >= PROBE_EVERY_MS) {
            this.#me = await this.#options.api.call("getMe", {}, { signal });
            probedAtMs = clock.monotonicMs();
            this.#answered();
          }
          await sleep(clock, LEASE_LOOK_MS, signal);
        }
      } catch (error) {
        if (signal.aborted) break;
        if (!(error instanceof TelegramRequestError)) throw error;
        if (error.isTokenRefused) return await this.#tokenRefused(error, signal);
        await this.#rest(error, signal);
      }
    }
    await this.#flush();
  }

  async #prepare(signal: AbortSignal): Promise<void> {
    const { api, offsets, prepare } = this.#options;
    this.#me ??= await api.call("getMe", {}, { signal });
    await prepare(this.#me, signal);
    this.#inbox.resumeAt(await offsets.load(this.#me.id));
  }

  async #pollOnce(signal: AbortSignal): Promise<void> {
    const { chatLease, offsets, notice } = this.#options;
    const updates = await this.#getUpdates(this.#inbox.openCount > 0 ? 0 : LONG_POLL_S, signal);
    this.#answered();
    // Whoever holds the lease by now gets the same updates: they are not confirmed.
    if (!chatLease.holds()) return;
    for (const update of this.#inbox.take(updates)) {
      notice(update);
      this.#queues.add(chatOf(update), () => this.#handle(update, signal));
    }
    if (this.#inbox.openCount > 0) await this.#untilIdle(PACE_WHILE_OPEN_MS, signal);
    const { offset } = this.#inbox;
    if (offset !== undefined) await offsets.save(this.#botId, offset);
  }

  /** Ends early when the lease is lost: a poll of ours would end the next holder's. */
  async #getUpdates(timeoutS: number, signal: AbortSignal): Promise<readonly Update[]> {
    const { api, chatLease, clock } = this.#options;
    const lost = new AbortController();
    let cancelLook: () => void = () => undefined;
    const look = () => {
      if (!chatLease.holds()) lost.abort();
      else cancelLook = clock.setTimer(LEASE_LOOK_MS, look);
    };
    look();
    const { offset } = this.#inbox;
    try {
      const updates = await api.call(
        "getUpdates",
        {
          ...(offset === undefined ? {} : { offset }),
          timeout: timeoutS,
          limit: MAX_UPDATES,
          allowed_updates: ALLOWED_UPDATES,
        },
        { signal: AbortSignal.any([signal, lost.signal]), deadlineMs: LONG_POLL_DEADLINE_MS },
      );
      if (!updatesSchema.safeParse(updates).success)
        throw TelegramRequestError.unanswered("getUpdates", "a result of another form");
      return updates;
    } catch (error) {
      if (lost.signal.aborted) return [];
      throw error;
    } finally {
      cancelLook();
    }
  }

  async #handle(update: Update, signal: AbortSignal): Promise<void> {
    const { chatLease, clock, logger, handle } = this.#options;
    if (signal.aborted || !chatLease.holds()) {
      this.#inbox.putBack(update.update_id);
      return;
    }
    try {
      await withDeadline(clock, "the handler", HANDLER_DEADLINE_MS, () => handle(update));
    } catch (error) {
      // Coming again would not help it: one bad update must not stop the ones behind it.
      logger.error("A Telegram update was not handled", {
        updateId: update.update_id,
        error: describeError(error),
      });
    }
    this.#inbox.settle(update.update_id);
  }

  #answered(): void {
    if (this.#failures > 0) this.#options.logger.info("Telegram answers again");
    this.#failures = 0;
    this.#options.chatLease.reportReachable(true);
  }

  /** Waits after a failure. Says the first of a row. */
  async #rest(error: TelegramRequestError, signal: AbortSignal): Promise<void> {
    const { chatLease, clock, logger, random } = this.#options;
    const waitMs = error.retryAfterMs ?? backOffMs(this.#failures, random());
    const fields = { error: describeError(error), nextStep: error.nextStep, waitMs: Math.round(waitMs) };
    if (this.#failures === 0) logger.warn("Telegram cannot be polled", fields);
    else logger.debug("Telegram cannot be polled", fields);
    this.#failures++;
    chatLease.reportReachable(error.wasReached);
    await sleep(clock, waitMs, signal);
  }

  /** Polling is over, but the lease still has to learn that this agent is of no use to it. */
  async #tokenRefused(error: TelegramRequestError, signal: AbortSignal): Promise<void> {
    const { chatLease, clock, onTokenRefused } = this.#options;
    onTokenRefused(error);
    while (!signal.aborted) {
      chatLease.reportReachable(false);
      await sleep(clock, PROBE_EVERY_MS, signal);
    }
  }

  /** Confirms what is handled, so that the next run or another agent does not see it again. */
  async #flush(): Promise<void> {
    const { api, chatLease, logger, offsets } = this.#options;
    await this.#untilIdle(FLUSH_DEADLINE_MS);
    const { offset } = this.#inbox;
    if (offset === undefined || this.#me === undefined) return;
    await offsets.save(this.#botId, offset);
    if (!chatLease.holds()) return;
    try {
      await api.call("getUpdates", { offset, limit: 1, timeout: 0 }, { deadlineMs: FLUSH_DEADLINE_MS });
    } catch (error) {
      logger.debug("The last Telegram updates are not confirmed", { error: describeError(error) });
    }
  }

  /** Waits until nothing is in hand, at most `limitMs`. */
  async #untilIdle(limitMs: number, signal?: AbortSignal): Promise<void> {
    const idle = new AbortController();
    void this.#queues.idle().then(() => idle.abort());
    const either = signal === undefined ? idle.signal : AbortSignal.any([idle.signal, signal]);
    await sleep(this.#options.clock, limitMs, either);
  }

  get #botId(): number {
    if (this.#me === undefined) throw new InvariantError("polling began before the bot was known");
    return this.#me.id;
  }
}
