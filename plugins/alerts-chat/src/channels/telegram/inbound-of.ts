/** What an update of the Bot API means: https://core.telegram.org/bots/api#update. Pure. */
import type { CallbackQuery, Message, Update, User } from "telegraf/types";
import type { Caller, Inbound, InboundMessage, InboundPress } from "../../conversation/inbound.ts";
import { GROUP_ANONYMOUS_BOT_ID } from "./limits.ts";

/** The kinds of update that we ask for. */
export const ALLOWED_UPDATES = ["message", "edited_message", "callback_query"] as const;

/**
 * @param botName the bot's user name: a command may carry it (`/status@botName`), as groups with several bots need.
 * @returns undefined for what nobody said to us: a photo, somebody joining, a command for another bot.
 */
export function inboundOf(update: Update, botName: string): Inbound | undefined {
  const eventId = String(update.update_id);
  if ("callback_query" in update) return pressOf(eventId, update.callback_query);
  if ("message" in update) return messageOf(eventId, update.message, false, botName);
  if ("edited_message" in update) return messageOf(eventId, update.edited_message, true, botName);
  return undefined;
}

/** Where updates are handled in order: the chat. */
export function chatOf(update: Update): string {
  if ("callback_query" in update) return String(update.callback_query.message?.chat.id ?? "");
  if ("message" in update) return String(update.message.chat.id);
  return "edited_message" in update ? String(update.edited_message.chat.id) : "";
}

function messageOf(
  eventId: string,
  message: Message,
  isEdit: boolean,
  botName: string,
): InboundMessage | undefined {
  if (!("text" in message) || message.from === undefined) return undefined;
  const text = forThisBot(message.text, botName);
  if (text === undefined) return undefined;
  return {
    kind: "message",
    eventId,
    caller: callerOf(message.from, message.sender_chat !== undefined),
    place: { platform: "telegram", chatId: String(message.chat.id) },
    messageId: String(message.message_id),
    text,
    sentAtMs: message.date * 1_000,
    isEdit,
    isForwarded: isOthersText(message),
    ...(isAddressed(message, text, botName) ? {} : { isAddressed: false }),
  };
}

function pressOf(eventId: string, query: CallbackQuery): InboundPress | undefined {
  if (query.message === undefined || !("data" in query)) return undefined;
  return {
    kind: "press",
    eventId,
    caller: callerOf(query.from, false),
    place: { platform: "telegram", chatId: String(query.message.chat.id) },
    messageId: String(query.message.message_id),
    data: query.data,
  };
}

function callerOf(from: User, speaksAsChat: boolean): Caller {
  const name = [from.first_name, from.last_name].filter(Boolean).join(" ");
  return {
    platform: "telegram",
    userId: String(from.id),
    displayName: from.username === undefined ? name : `${name} (@${from.username})`,
    isBot: from.is_bot,
    isAnonymous: speaksAsChat || from.id === GROUP_ANONYMOUS_BOT_ID,
  };
}

/** Forwarded, or put together by another bot that its sender picked: not the sender's own words. */
function isOthersText(message: Message): boolean {
  // Servers before Bot API 7.0 send forward_date instead of forward_origin.
  return "forward_origin" in message || "forward_date" in message || "via_bot" in message;
}

/** People also speak with each other in a group: said to us is a command, an answer to us, or what names us. */
function isAddressed(message: Message.TextMessage, text: string, botName: string): boolean {
  if (message.chat.type === "private" || text.startsWith("/")) return true;
  const isOurs = (name: string | undefined) => name?.toLowerCase() === botName.toLowerCase();
  if (message.reply_to_message?.from?.is_bot === true && isOurs(message.reply_to_message.from.username))
    return true;
  return (message.entities ?? []).some(
    ({ type, offset, length }) => type === "mention" && isOurs(text.slice(offset + 1, offset + length)),
  );
}

/** `/status@our_bot x` is `/status x`; a command for another bot is none of ours. */
function forThisBot(text: string, botName: string): string | undefined {
  const [, command, addressee] = /^(\/\w+)@(\w+)/.exec(text) ?? [];
  if (command === undefined || addressee === undefined) return text;
  if (addressee.toLowerCase() !== botName.toLowerCase()) return undefined;
  return command + text.slice(command.length + 1 + addressee.length);
}
