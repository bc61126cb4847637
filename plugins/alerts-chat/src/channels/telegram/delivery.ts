/** Puts our messages into chats: in parts when they are long, buttons on the last, a file after the text. */
import type { Logger } from "@jeju-oracle/kit";
import { Input } from "telegraf";
import type { FmtString } from "telegraf/format";
import type { InlineKeyboardMarkup } from "telegraf/types";
import { z } from "zod";
import type { InboundMessage } from "../../conversation/inbound.ts";
import type { OutboundMessage, SentReference } from "../../conversation/outbound.ts";
import type { BotApi } from "./bot-api.ts";
import { renderKeyboard, renderParts } from "./render.ts";
import { TelegramRequestError } from "./telegram-error.ts";

export interface Destination {
  readonly chatId: string;
  /** The message that ours answers. */
  readonly replyTo?: string;
}

/** The API has no code of its own for these (https://github.com/tdlib/telegram-bot-api, Client.cpp), so its words have to do. */
const NOT_MODIFIED = /message is not modified/i;
const NOT_EDITABLE = /message (can't be edited|to edit not found)|MESSAGE_ID_INVALID/i;

const sentSchema = z.object({ message_id: z.int(), chat: z.object({ id: z.int() }) });

export class Delivery {
  readonly #api: BotApi;
  readonly #logger: Logger;
  /** Groups that became supergroups while this agent ran. */
  readonly #movedTo = new Map<string, string>();

  constructor(api: BotApi, logger: Logger) {
    this.#api = api;
    this.#logger = logger;
  }

  /**
   * Sends all of `message`. When a later part fails the whole message counts as failed, and a repeat sends every part again.
   * @returns what carries the buttons: the last part. @throws {ChannelError}
   */
  async send(to: Destination, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    const keyboard = renderKeyboard(message);
    return await this.#sendParts(to, renderParts(message), keyboard, message, signal);
  }

  /**
   * Replaces what stands at `reference`; of a long text the first part, and the others follow as messages of their own. What cannot
   * be edited any more is sent again. @throws {ChannelError}
   */
  async edit(
    reference: SentReference,
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<SentReference> {
    const keyboard = renderKeyboard(message);
    const [first, ...others] = renderParts(message);
    if (first === undefined) return reference;
    const to = { chatId: reference.chatId };
    try {
      await this.#editText(reference, first, others.length === 0 ? keyboard : undefined, signal);
    } catch (error) {
      if (!(error instanceof TelegramRequestError) || !NOT_EDITABLE.test(error.description)) throw error;
      return await this.#sendParts(to, [first, ...others], keyboard, message, signal);
    }
    if (others.length > 0) return await this.#sendParts(to, others, keyboard, message, signal);
    await this.#attach(reference, message, signal);
    return reference;
  }

  /** Deletes what a person wrote: the bot needs the right to, and two days at most have passed. @throws {ChannelError} */
  async remove({ place, messageId }: InboundMessage, signal: AbortSignal): Promise<void> {
    await this.#api.call(
      "deleteMessage",
      { chat_id: place.chatId, message_id: Number(messageId) },
      { signal },
    );
  }

  async #sendParts(
    to: Destination,
    parts: readonly FmtString[],
    keyboard: InlineKeyboardMarkup | undefined,
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<SentReference> {
    let sent: SentReference = { platform: "telegram", chatId: to.chatId, messageId: "" };
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      sent = await this.#inChat(to.chatId, async (chatId) =>
        referenceTo(
          "sendMessage",
          await this.#api.call(
            "sendMessage",
            {
              chat_id: chatId,
              text: part.text,
              link_preview_options: { is_disabled: true },
              disable_notification: message.severity === "info",
              ...(part.entities === undefined ? {} : { entities: part.entities }),
              ...(isLast && keyboard !== undefined ? { reply_markup: keyboard } : {}),
              ...(index === 0 ? replyTo(to.replyTo) : {}),
            },
            { signal },
          ),
        ),
      );
    }
    await this.#attach(sent, message, signal);
    return sent;
  }

  async #editText(
    { chatId, messageId }: SentReference,
    part: FmtString,
    keyboard: InlineKeyboardMarkup | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#api.call(
        "editMessageText",
        {
          chat_id: chatId,
          message_id: Number(messageId),
          text: part.text,
          link_preview_options: { is_disabled: true },
          ...(part.entities === undefined ? {} : { entities: part.entities }),
          ...(keyboard === undefined ? {} : { reply_markup: keyboard }),
        },
        { signal },
      );
    } catch (error) {
      if (error instanceof TelegramRequestError && NOT_MODIFIED.test(error.description)) return;
      throw error;
    }
  }

  async #attach(below: SentReference, message: OutboundMessage, signal: AbortSignal): Promise<void> {
    const { attachment } = message;
    if (attachment === undefined || attachment.text === "") return;
    await this.#api.call(
      "sendDocument",
      {
        chat_id: below.chatId,
        document: Input.fromBuffer(Buffer.from(attachment.text), attachment.name),
        disable_notification: true,
        ...replyTo(below.messageId),
      },
      { signal },
    );
  }

  /** Follows a group that became a supergroup, so that no alert is lost over it. */
  async #inChat<Result>(chatId: string, work: (chatId: string) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#movedTo.get(chatId) ?? chatId);
    } catch (error) {
      const newId = error instanceof TelegramRequestError ? error.migrateToChatId : undefined;
      if (newId === undefined) throw error;
      this.#movedTo.set(chatId, newId);
      this.#logger.warn("The Telegram group became a supergroup: set TELEGRAM_CHAT_ID to its new id", {
        chatId,
        newId,
      });
      return await work(newId);
    }
  }
}

function replyTo(messageId: string | undefined) {
  if (messageId === undefined) return {};
  return { reply_parameters: { message_id: Number(messageId), allow_sending_without_reply: true } };
}

function referenceTo(method: string, result: unknown): SentReference {
  const sent = sentSchema.safeParse(result);
  if (!sent.success) throw TelegramRequestError.unanswered(method, "a result of another form");
  const { chat, message_id } = sent.data;
  return { platform: "telegram", chatId: String(chat.id), messageId: String(message_id) };
}
