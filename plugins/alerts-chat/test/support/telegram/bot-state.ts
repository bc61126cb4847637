/** What the service knows of one bot: chats, messages, presses. Its methods are those of the Bot API. */
import { type Entity, formattedText } from "./formatted-text.ts";
import { type InlineKeyboard, keyboardOf } from "./keyboard.ts";
import { integer, nested, type Parameters, text as textOf } from "./parameters.ts";
import { badRequest, Refusal } from "./refusal.ts";
import { UpdateQueue } from "./update-queue.ts";

export interface Chat {
  readonly id: number;
  readonly type: "private" | "group" | "supergroup";
}

export interface BotMessage {
  readonly message_id: number;
  readonly chat: Chat;
  readonly date: number;
  readonly from: unknown;
  text?: string;
  entities?: readonly Entity[];
  reply_markup?: InlineKeyboard;
  readonly reply_to_message_id?: number;
  readonly document?: { readonly file_name: string; readonly text: string };
  readonly silent: boolean;
}

export type ChatTrouble = { readonly kind: "kicked" } | { readonly kind: "moved"; readonly newId: number };

export class BotState {
  readonly updates = new UpdateQueue();
  readonly chats = new Map<number, Chat>();
  readonly troubles = new Map<number, ChatTrouble>();
  /** What the bot has sent, as it stands. */
  readonly sent = new Map<number, BotMessage>();
  /** What people have written and nobody has deleted. */
  readonly said = new Set<number>();
  /** Whether the bot is an administrator who may delete what others wrote. */
  mayDelete = true;
  readonly locked = new Set<number>();
  readonly unansweredPresses = new Set<string>();
  commands: readonly unknown[] = [];
  nextMessageId = 1;
  readonly #me: unknown;

  constructor(me: unknown) {
    this.#me = me;
  }

  sendMessage(parameters: Parameters): BotMessage {
    const chat = this.#chat(parameters);
    const { text, entities } = formattedText(parameters);
    return this.#keep(parameters, chat, { text, ...(entities.length === 0 ? {} : { entities }) });
  }

  async sendDocument(parameters: Parameters): Promise<BotMessage> {
    const chat = this.#chat(parameters);
    const file = parameters.document;
    if (!(file instanceof File)) throw badRequest("there is no document in the request");
    if (file.size === 0) throw badRequest("file must be non-empty");
    return this.#keep(parameters, chat, { document: { file_name: file.name, text: await file.text() } });
  }

  editMessageText(parameters: Parameters): BotMessage {
    const message = this.#editable(parameters);
    const { text, entities } = formattedText(parameters);
    this.#change(message, text, entities, keyboardOf(parameters));
    return message;
  }

  editMessageReplyMarkup(parameters: Parameters): BotMessage {
    const message = this.#editable(parameters);
    this.#change(message, message.text ?? "", message.entities ?? [], keyboardOf(parameters));
    return message;
  }

  deleteMessage(parameters: Parameters): true {
    const chat = this.#chat(parameters);
    const id = integer(parameters, "message_id");
    if (id === undefined) throw badRequest("message identifier is not specified");
    if (this.sent.get(id)?.chat.id === chat.id) this.sent.delete(id);
    else if (!this.said.has(id)) throw badRequest("message to delete not found");
    // Of others: only with the administrator right to delete.
    else if (chat.type !== "private" && !this.mayDelete) throw badRequest("message can't be deleted");
    else this.said.delete(id);
    return true;
  }

  answerCallbackQuery(parameters: Parameters): true {
    if (!this.unansweredPresses.delete(textOf(parameters, "callback_query_id")))
      throw badRequest("query is too old and response timeout expired or query ID is invalid");
    return true;
  }

  setMyCommands(parameters: Parameters): true {
    const commands = nested(parameters, "commands");
    if (!Array.isArray(commands)) throw badRequest('parameter "commands" is required');
    if (commands.length > 100) throw badRequest("BOT_COMMANDS_TOO_MUCH");
    for (const { command, description } of commands) {
      if (!/^\/?[a-z0-9_]{1,32}$/.test(command)) throw badRequest("BOT_COMMAND_INVALID");
      if (typeof description !== "string" || description.length < 1 || description.length > 256)
        throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
    }
    this.commands = commands;
    return true;
  }

  #keep(parameters: Parameters, chat: Chat, content: Partial<BotMessage>): BotMessage {
    const keyboard = keyboardOf(parameters);
    const reply = nested(parameters, "reply_parameters") as
      | { message_id: number; allow_sending_without_reply?: boolean }
      | undefined;
    const isKnown = reply === undefined || reply.message_id < this.nextMessageId;
    if (!isKnown && reply.allow_sending_without_reply !== true)
      throw badRequest("message to be replied not found");
    const message: BotMessage = {
      message_id: this.nextMessageId++,
      chat,
      date: Math.floor(Date.now() / 1_000),
      from: this.#me,
      silent: String(parameters.disable_notification) === "true",
      ...content,
      ...(keyboard === undefined ? {} : { reply_markup: keyboard }),
      ...(reply !== undefined && isKnown ? { reply_to_message_id: reply.message_id } : {}),
    };
    this.sent.set(message.message_id, message);
    return message;
  }

  #change(
    message: BotMessage,
    text: string,
    entities: readonly Entity[],
    keyboard: InlineKeyboard | undefined,
  ): void {
    const before = JSON.stringify([message.text, message.entities ?? [], message.reply_markup ?? null]);
    if (before === JSON.stringify([text, entities, keyboard ?? null]))
      throw badRequest(
        "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
      );
    message.text = text;
    message.entities = entities;
    if (keyboard === undefined) delete message.reply_markup;
    else message.reply_markup = keyboard;
  }

  #editable(parameters: Parameters): BotMessage {
    const chat = this.#chat(parameters);
    const message = this.sent.get(integer(parameters, "message_id") ?? 0);
    if (message === undefined || message.chat.id !== chat.id) throw badRequest("message to edit not found");
    if (this.locked.has(message.message_id)) throw badRequest("message can't be edited");
    return message;
  }

  #chat(parameters: Parameters): Chat {
    const id = integer(parameters, "chat_id");
    if (id === undefined) throw badRequest("chat_id is empty");
    const trouble = this.troubles.get(id);
    if (trouble?.kind === "kicked")
      throw new Refusal(403, "Forbidden: bot was kicked from the supergroup chat");
    if (trouble?.kind === "moved")
      throw badRequest("group chat was upgraded to a supergroup chat", { migrate_to_chat_id: trouble.newId });
    const chat = this.chats.get(id);
    if (chat === undefined) throw badRequest("chat not found");
    return chat;
  }
}
