/** The Telegram channel: the team's chat as a place to alert and to take commands. */
import {
  type AlertCondition,
  type ChatLeasePort,
  type Clock,
  describeError,
  type Logger,
  registerUrlSecrets,
  type Secret,
  type SharedRecords,
  type Supervised,
  supervise,
} from "@jeju-oracle/kit";
import type { Telegraf } from "telegraf";
import type { BotCommand, Update, UserFromGetMe } from "telegraf/types";
import type { Channel, InboundHandler } from "../../conversation/channel.ts";
import type { Inbound, InboundMessage } from "../../conversation/inbound.ts";
import type { OutboundMessage, SentReference } from "../../conversation/outbound.ts";
import { TokenRefusal } from "../token-refusal.ts";
import { createBot } from "./bot.ts";
import { BotApi } from "./bot-api.ts";
import { Delivery } from "./delivery.ts";
import { type MenuCommand, menuOf } from "./menu.ts";
import { OffsetRecord } from "./offset-record.ts";
import { PollLoop } from "./poll-loop.ts";
import { TelegramRequestError } from "./telegram-error.ts";

export interface TelegramChannelOptions {
  readonly token: Secret;
  /** The team's chat. */
  readonly chatId: string;
  readonly apiRoot: string;
  readonly chatLease: ChatLeasePort;
  readonly records: SharedRecords;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of what a person must put right. */
  readonly raise: (condition: AlertCondition) => void;
  /** In [0, 1), for the jitter of waits. */
  readonly random?: () => number;
}

export interface TelegramChannel extends Channel {
  /** Shows `commands` while somebody types. Call it before {@link Channel.start}. @throws {InvariantError} */
  registerMenu(commands: readonly MenuCommand[]): void;
}

/** Sends at once; listens after `start`, while this agent holds the chat lease. */
export function createTelegramChannel(options: TelegramChannelOptions): TelegramChannel {
  return new BotChannel(options);
}

class BotChannel implements TelegramChannel {
  readonly id = "telegram";
  readonly interactive = true;
  readonly #options: TelegramChannelOptions;
  readonly #api: BotApi;
  readonly #delivery: Delivery;
  readonly #token: TokenRefusal;
  #menu: readonly BotCommand[] | undefined;
  #polling: Supervised | undefined;
  readonly #stopping = new AbortController();

  constructor(options: TelegramChannelOptions) {
    this.#options = options;
    registerUrlSecrets(options.apiRoot);
    this.#token = new TokenRefusal({
      ...options,
      channel: this.id,
      service: "Telegram",
      isRefusal: (error): error is TelegramRequestError =>
        error instanceof TelegramRequestError && error.isTokenRefused,
    });
    this.#api = new BotApi(options);
    this.#delivery = new Delivery(this.#api, options.logger);
  }

  registerMenu(commands: readonly MenuCommand[]): void {
    this.#menu = menuOf(commands);
  }

  send(message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    return this.#token.unlessRefused(() =>
      this.#delivery.send({ chatId: this.#options.chatId }, message, signal),
    );
  }

  edit(reference: SentReference, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    return this.#token.unlessRefused(() => this.#delivery.edit(reference, message, signal));
  }

  answer(inbound: Inbound, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    const to = { chatId: inbound.place.chatId, replyTo: inbound.messageId };
    return this.#token.unlessRefused(() => this.#delivery.send(to, message, signal));
  }

  remove(message: InboundMessage, signal: AbortSignal): Promise<void> {
    return this.#token.unlessRefused(() => this.#delivery.remove(message, signal));
  }

  start(handler: InboundHandler): void {
    if (this.#polling !== undefined) return;
    const { chatLease, clock, logger, random, records } = this.#options;
    const bot = createBot(this.#api, handler, clock);
    const loop = new PollLoop({
      api: this.#api,
      offsets: new OffsetRecord(records, logger),
      chatLease,
      clock,
      logger,
      random: random ?? Math.random,
      prepare: (me, signal) => this.#prepare(bot, me, signal),
      notice: (update) => void this.#acknowledge(update),
      handle: (update) => bot.handleUpdate(update),
      onTokenRefused: (error) => this.#token.refused(error),
    });
    chatLease.start();
    this.#polling = supervise(clock, logger, "Polling of Telegram", (signal) => loop.run(signal));
  }

  async stop(): Promise<void> {
    await this.#polling?.stop();
    this.#stopping.abort();
  }

  async #prepare(bot: Telegraf, me: UserFromGetMe, signal: AbortSignal): Promise<void> {
    bot.botInfo = me;
    if (this.#menu === undefined) return;
    try {
      await this.#api.call("setMyCommands", { commands: this.#menu }, { signal });
    } catch (error) {
      if (!(error instanceof TelegramRequestError) || error.retryable || error.isTokenRefused) throw error;
      // Commands work without a menu.
      this.#options.logger.warn("Telegram does not take the menu of commands", {
        error: describeError(error),
      });
    }
  }

  /** Ends the button's spinner. Never rejects: the press counts whether or not this arrives. */
  async #acknowledge(update: Update): Promise<void> {
    if (!("callback_query" in update)) return;
    try {
      const query = { callback_query_id: update.callback_query.id };
      await this.#api.call("answerCallbackQuery", query, { signal: this.#stopping.signal });
    } catch (error) {
      this.#options.logger.debug("A Telegram button keeps spinning", { error: describeError(error) });
    }
  }
}
