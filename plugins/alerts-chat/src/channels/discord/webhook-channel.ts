/** A Discord webhook: alerts go out, nothing comes in. https://docs.discord.com/developers/resources/webhook#execute-webhook */
import { type Clock, registerUrlSecrets, type Secret, scrubSecrets } from "@jeju-oracle/kit";
import { MessageFlags } from "discord.js";
import { z } from "zod";
import type { Channel } from "../../conversation/channel.ts";
import { ChannelError } from "../../conversation/channel-error.ts";
import type { Inbound } from "../../conversation/inbound.ts";
import type { Line, OutboundMessage, SentReference } from "../../conversation/outbound.ts";
import { exchangeJson, type JsonReply, retryAfterMsOf } from "../json-exchange.ts";
import { UNKNOWN_MESSAGE } from "./limits.ts";
import { splitLines } from "./split.ts";

export interface DiscordWebhookOptions {
  readonly url: Secret;
  readonly clock: Clock;
}

/** Send-only: it shows no buttons, since a webhook that is no bot's may not have them. A file is shown as code. */
export function createDiscordWebhookChannel(options: DiscordWebhookOptions): Channel {
  return new WebhookChannel(options);
}

const NOTHING_TO_SAY = "(no text)";
const messageSchema = z.object({ id: z.string(), channel_id: z.string() });
const errorSchema = z.object({ code: z.number(), message: z.string(), retry_after: z.number() }).partial();

class WebhookChannel implements Channel {
  readonly id = "discord-webhook";
  readonly interactive = false;
  readonly #url: Secret;
  readonly #clock: Clock;

  constructor({ url, clock }: DiscordWebhookOptions) {
    this.#url = url;
    this.#clock = clock;
    registerUrlSecrets(url.reveal());
  }

  async send(message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    const [first, ...others] = contentsOf(message);
    return await this.#sendMore(await this.#post(first, message, signal), others, message, signal);
  }

  async edit(
    reference: SentReference,
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<SentReference> {
    const [first, ...others] = contentsOf(message);
    const edited = await this.#exchange("PATCH", `messages/${reference.messageId}`, bodyOf(first), signal);
    if (edited.status === 404 && errorOf(edited).code === UNKNOWN_MESSAGE)
      return await this.send(message, signal);
    return await this.#sendMore(this.#referenceIn(edited), others, message, signal);
  }

  answer(_: Inbound, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    return this.send(message, signal);
  }

  start(): void {
    // Nothing to listen to.
  }

  async stop(): Promise<void> {
    // Nothing is kept open.
  }

  async #sendMore(
    sent: SentReference,
    contents: readonly string[],
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<SentReference> {
    let last = sent;
    for (const content of contents) last = await this.#post(content, message, signal);
    return last;
  }

  async #post(content: string, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    const quiet = message.severity === "info" ? MessageFlags.SuppressNotifications : 0;
    const body = { ...bodyOf(content), flags: MessageFlags.SuppressEmbeds | quiet };
    return this.#referenceIn(await this.#exchange("POST", undefined, body, signal));
  }

  async #exchange(
    method: "POST" | "PATCH",
    below: string | undefined,
    body: unknown,
    signal: AbortSignal,
  ): Promise<JsonReply> {
    const url = new URL(this.#url.reveal());
    url.pathname = url.pathname.replace(/\/+$/, "") + (below === undefined ? "" : `/${below}`);
    if (method === "POST") url.searchParams.set("wait", "true");
    const reply = await exchangeJson(this.#clock, { method, url: url.href, body, signal });
    if ("problem" in reply) throw failed(`no answer: ${reply.problem}`, undefined);
    return reply;
  }

  #referenceIn(reply: JsonReply): SentReference {
    const { status } = reply;
    if (status !== 200) {
      const { message = "no words of its own", retry_after } = errorOf(reply);
      const retryAfterMs = retry_after === undefined ? retryAfterMsOf(reply.headers) : retry_after * 1_000;
      throw failed(`${status} ${scrubSecrets(message).slice(0, 300)}`, status, retryAfterMs);
    }
    const sent = messageSchema.safeParse(reply.json);
    if (!sent.success) throw failed("an answer of another form", undefined);
    return { platform: this.id, chatId: sent.data.channel_id, messageId: sent.data.id };
  }
}

function contentsOf({ lines, attachment }: OutboundMessage): readonly [string, ...string[]] {
  const rows = attachment === undefined || attachment.text === "" ? [] : attachment.text.split("\n");
  const asCode = rows.map((text): Line => [{ kind: "code", text }]);
  const [first = NOTHING_TO_SAY, ...others] = splitLines([...lines, ...asCode]);
  return [first, ...others];
}

function bodyOf(content: string) {
  return { content, allowed_mentions: { parse: [] } };
}

function errorOf({ json }: JsonReply): z.output<typeof errorSchema> {
  const parsed = errorSchema.safeParse(json);
  return parsed.success ? parsed.data : {};
}

function failed(problem: string, status: number | undefined, retryAfterMs?: number): ChannelError {
  return new ChannelError("discord-webhook", problem, {
    retryable: status === undefined || status === 429 || status >= 500,
    nextStep: nextStepFor(status),
    ...(status === 429 && retryAfterMs !== undefined ? { retryAfterMs } : {}),
  });
}

function nextStepFor(status: number | undefined): string {
  switch (status) {
    case 400:
      return "This is a defect: report the message that Discord refused, with this line of the log.";
    case 401:
    case 403:
    case 404:
      return "The webhook is gone: make one in the channel's settings (Integrations), set DISCORD_WEBHOOK_URL and restart the agent.";
    case 429:
      return "None: the agent waits as long as Discord asks and tries again.";
    default:
      return "Check that this host reaches the host of DISCORD_WEBHOOK_URL; the agent keeps trying by itself.";
  }
}
