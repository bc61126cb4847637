/** Messages and interactions as Discord keeps them. */
import { notFound, Refusal, unknownMessage, unknownWebhook } from "./refusal.ts";
import {
  ANSWER,
  CHANNEL_MESSAGE,
  checkForm,
  checkMessage,
  EDIT,
  type FormField,
  type Json,
  type MessageRules,
  WEBHOOK_MESSAGE,
} from "./validate.ts";

interface DiscordButton {
  readonly label: string;
  readonly custom_id: string;
  readonly style: number;
}

export interface DiscordMessage {
  readonly id: string;
  readonly channel_id: string;
  readonly author: Json;
  readonly content: string;
  readonly components: readonly { readonly components: readonly DiscordButton[] }[];
  readonly embeds: readonly Json[];
  readonly flags: number;
  readonly files: readonly UploadedFile[];
  /** Whether it notified everybody. */
  readonly mention_everyone: boolean;
  readonly isEdited: boolean;
  /** Only this person sees it. */
  readonly seenOnlyBy?: string;
  readonly webhookId?: string;
}

export interface UploadedFile {
  readonly name: string;
  readonly text: string;
}

export interface Incoming {
  readonly body: Json;
  readonly files: readonly UploadedFile[];
}

/** What a person did, and what came of it. */
export interface DiscordInteraction {
  readonly id: string;
  readonly token: string;
  readonly type: number;
  readonly userId: string;
  readonly channelId: string;
  readonly messageId?: string;
  readonly createdAtMs: number;
  /** Kind of the callback that was accepted: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback */
  callback?: number;
  /** From its creation to that callback. */
  claimedAfterMs?: number;
  /** Callbacks that came too late or second. */
  refusedCallbacks: number;
  form?: { readonly customId: string; readonly title: string; readonly fields: readonly FormField[] };
  originalId?: string;
  /** "Thinking" is shown. */
  isThinking: boolean;
}

const CLAIM_WITHIN_MS = 3_000;
const EPHEMERAL = 64;
const EPOCH_MS = 1_420_070_400_000;
const CALLBACK = { message: 4, deferredMessage: 5, deferredUpdate: 6, update: 7, modal: 9 };
export const TYPE = { command: 2, component: 3, modalSubmit: 5 };

export class DiscordState {
  readonly messages = new Map<string, DiscordMessage>();
  readonly interactions = new Map<string, DiscordInteraction>();
  readonly #byNonce = new Map<string, string>();
  readonly me: Json;
  #sequence = 0n;

  constructor(me: Json) {
    this.me = me;
  }

  /** https://docs.discord.com/developers/reference#snowflakes */
  snowflake(atMs = Date.now()): string {
    return String((BigInt(atMs - EPOCH_MS) << 22n) | (this.#sequence++ & 0xfffn));
  }

  create(channelId: string, { body, files }: Incoming): DiscordMessage {
    checkMessage(body, files.length, CHANNEL_MESSAGE);
    const nonce = body.enforce_nonce === true ? String(body.nonce) : undefined;
    const known = nonce === undefined ? undefined : this.messages.get(this.#byNonce.get(nonce) ?? "");
    if (known !== undefined) return known;
    const message = this.#add({ channel_id: channelId, author: this.me }, body, files);
    if (nonce !== undefined) this.#byNonce.set(nonce, message.id);
    return message;
  }

  edit(channelId: string, id: string, incoming: Incoming): DiscordMessage {
    const message = this.messages.get(id);
    if (message?.channel_id !== channelId || message.seenOnlyBy !== undefined) throw unknownMessage();
    if (message.author !== this.me)
      throw new Refusal(403, 50_005, "Cannot edit a message authored by another user");
    return this.#change(message, incoming, EDIT);
  }

  executeWebhook(channelId: string, webhookId: string, { body, files }: Incoming): DiscordMessage {
    checkMessage(body, files.length, WEBHOOK_MESSAGE);
    const author = { id: webhookId, username: "webhook", bot: true };
    return this.#add({ channel_id: channelId, author, webhookId }, body, files);
  }

  editWebhookMessage(webhookId: string, id: string, incoming: Incoming): DiscordMessage {
    const message = this.messages.get(id);
    if (message?.webhookId !== webhookId) throw unknownMessage();
    return this.#change(message, incoming, { ...EDIT, mayHaveButtons: false });
  }

  callback(id: string, token: string, body: Json): void {
    const interaction = this.interactions.get(token);
    const elapsedMs = Date.now() - (interaction?.createdAtMs ?? 0);
    if (interaction === undefined || interaction.id !== id || elapsedMs > CLAIM_WITHIN_MS) {
      if (interaction !== undefined) interaction.refusedCallbacks++;
      throw new Refusal(404, 10_062, "Unknown interaction");
    }
    if (interaction.callback !== undefined) {
      interaction.refusedCallbacks++;
      throw new Refusal(400, 40_060, "Interaction has already been acknowledged.");
    }
    this.#accept(interaction, Number(body.type), (body.data ?? {}) as Json);
    interaction.callback = Number(body.type);
    interaction.claimedAfterMs = elapsedMs;
  }

  #accept(interaction: DiscordInteraction, type: number, data: Json): void {
    switch (type) {
      case CALLBACK.deferredMessage: {
        if ((Number(data.flags ?? 0) & ~EPHEMERAL) !== 0) throw new Refusal(400, 50_035, "flags");
        interaction.isThinking = true;
        const content = { content: "" };
        interaction.originalId = this.#addAnswer(interaction, { ...content, ...data }, []).id;
        return;
      }
      case CALLBACK.deferredUpdate:
        if (interaction.messageId === undefined) throw new Refusal(400, 50_035, "no message to update");
        interaction.originalId = interaction.messageId;
        return;
      case CALLBACK.modal: {
        if (interaction.type === TYPE.modalSubmit) throw new Refusal(400, 50_035, "a form after a form");
        const fields = checkForm(data);
        interaction.form = { customId: String(data.custom_id), title: String(data.title), fields };
        return;
      }
      default:
        throw new Refusal(400, 50_035, `callback type ${type}`);
    }
  }

  /** A further message of an interaction. */
  followUp(token: string, { body, files }: Incoming): DiscordMessage {
    const interaction = this.#claimed(token);
    checkMessage(body, files.length, ANSWER);
    return this.#addAnswer(interaction, body, files);
  }

  editOriginal(token: string, incoming: Incoming): DiscordMessage {
    const interaction = this.#claimed(token);
    const message = this.messages.get(interaction.originalId ?? "");
    if (message === undefined) throw unknownMessage();
    // The flag that hides it was set by the callback; here it is ignored.
    const changed = this.#change(message, incoming, ANSWER);
    interaction.isThinking = false;
    return changed;
  }

  deleteOriginal(token: string): void {
    const interaction = this.#claimed(token);
    if (!this.messages.delete(interaction.originalId ?? "")) throw unknownMessage();
    interaction.isThinking = false;
  }

  #claimed(token: string): DiscordInteraction {
    const interaction = this.interactions.get(token);
    if (interaction?.callback === undefined) throw unknownWebhook();
    if (interaction.callback === CALLBACK.modal) throw notFound();
    return interaction;
  }

  #addAnswer(interaction: DiscordInteraction, body: Json, files: readonly UploadedFile[]): DiscordMessage {
    const isEphemeral = (Number(body.flags ?? 0) & EPHEMERAL) !== 0;
    return this.#add(
      {
        channel_id: interaction.channelId,
        author: this.me,
        ...(isEphemeral ? { seenOnlyBy: interaction.userId } : {}),
      },
      body,
      files,
    );
  }

  #add(
    base: Pick<DiscordMessage, "channel_id" | "author" | "seenOnlyBy" | "webhookId">,
    body: Json,
    files: readonly UploadedFile[],
  ): DiscordMessage {
    const message: DiscordMessage = {
      id: this.snowflake(),
      ...base,
      content: "",
      components: [],
      embeds: [],
      flags: 0,
      ...(body as Partial<DiscordMessage>),
      files,
      mention_everyone: mentionsEveryone(body),
      isEdited: false,
    };
    this.messages.set(message.id, message);
    return message;
  }

  #change(message: DiscordMessage, { body, files }: Incoming, rules: MessageRules): DiscordMessage {
    checkMessage(body, files.length, rules, true);
    const kept = Array.isArray(body.attachments) ? [] : message.files;
    const changed: DiscordMessage = {
      ...message,
      ...(body as Partial<DiscordMessage>),
      id: message.id,
      files: [...kept, ...files],
      isEdited: true,
    };
    this.messages.set(message.id, changed);
    return changed;
  }
}

/** https://docs.discord.com/developers/resources/message#allowed-mentions-object: without that object everything pings. */
function mentionsEveryone(body: Json): boolean {
  const allowed = body.allowed_mentions as { readonly parse?: readonly string[] } | undefined;
  return (
    /@(everyone|here)/.test(String(body.content ?? "")) &&
    (allowed === undefined || (allowed.parse ?? []).includes("everyone"))
  );
}
