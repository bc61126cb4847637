/** Puts our messages into channels: in parts when they are long, buttons and a file with the last. Nothing in them pings anybody. */
import { randomBytes } from "node:crypto";
import { MessageFlags, Routes } from "discord.js";
import { z } from "zod";
import type { OutboundMessage, SentReference } from "../../conversation/outbound.ts";
import type { DiscordApi } from "./discord-api.ts";
import { DiscordRequestError } from "./discord-error.ts";
import { NOT_ITS_AUTHOR, UNKNOWN_MESSAGE } from "./limits.ts";
import { type Part, renderParts } from "./render.ts";

const messageSchema = z.object({ id: z.string(), channel_id: z.string() });

export class Delivery {
  readonly #api: DiscordApi;

  constructor(api: DiscordApi) {
    this.#api = api;
  }

  /**
   * Sends all of `message`. When a later part fails the whole message counts as failed, and a repeat sends every part again.
   * @returns what carries the buttons: the last part. @throws {ChannelError}
   */
  async send(channelId: string, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    const [first, ...others] = renderParts(message);
    const sent = await this.#post(channelId, first, message, signal);
    return await this.#sendMore(sent, others, message, signal);
  }

  /**
   * Replaces what stands at `reference`; of a long text the first part, and the others follow as messages of their own. What is gone
   * is sent again. @throws {ChannelError}
   */
  async edit(
    reference: SentReference,
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<SentReference> {
    const [first, ...others] = renderParts(message);
    try {
      await this.#api.request("edit a message", {
        method: "PATCH",
        route: Routes.channelMessage(reference.chatId, reference.messageId),
        body: { ...bodyOf(first), flags: MessageFlags.SuppressEmbeds, attachments: attachmentsOf(first) },
        files: first.files,
        signal,
      });
    } catch (error) {
      if (!(error instanceof DiscordRequestError) || !isGone(error)) throw error;
      return await this.send(reference.chatId, message, signal);
    }
    return await this.#sendMore(reference, others, message, signal);
  }

  async #sendMore(
    sent: SentReference,
    parts: readonly Part[],
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<SentReference> {
    let last = sent;
    for (const part of parts) last = await this.#post(sent.chatId, part, message, signal);
    return last;
  }

  /** Tries twice when the outcome is unknown: Discord takes one message per nonce within some minutes. */
  async #post(
    channelId: string,
    part: Part,
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<SentReference> {
    const quiet = message.severity === "info" ? MessageFlags.SuppressNotifications : 0;
    const body = {
      ...bodyOf(part),
      flags: MessageFlags.SuppressEmbeds | quiet,
      nonce: randomBytes(12).toString("base64url"),
      enforce_nonce: true,
    };
    const post = () =>
      this.#api.request("send a message", {
        method: "POST",
        route: Routes.channelMessages(channelId),
        body,
        files: part.files,
        signal,
      });
    try {
      return referenceTo(await post());
    } catch (error) {
      const isUnknown = error instanceof DiscordRequestError && error.retryable && error.status !== 429;
      if (!isUnknown) throw error;
      return referenceTo(await post());
    }
  }
}

/** What every message of ours has in common, wherever it goes. */
export function bodyOf(part: Part) {
  return { content: part.content, components: part.components, allowed_mentions: { parse: [] } };
}

/** @throws {DiscordRequestError} when `result` is no message */
export function referenceTo(result: unknown): SentReference {
  const message = messageSchema.safeParse(result);
  if (!message.success) throw new DiscordRequestError("send a message", "an answer of another form");
  return { platform: "discord", chatId: message.data.channel_id, messageId: message.data.id };
}

/** Without it an edited message keeps its old files. */
function attachmentsOf(part: Part) {
  return part.files.map(({ name }, id) => ({ id, filename: name }));
}

function isGone({ discordCode }: DiscordRequestError): boolean {
  return discordCode === UNKNOWN_MESSAGE || discordCode === NOT_ITS_AUTHOR;
}
