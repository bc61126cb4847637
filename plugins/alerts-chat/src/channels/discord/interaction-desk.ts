/**
 * Takes what people do and gives them their answers. Every interaction is claimed at Discord before anything else is done with it:
 * Discord gives it to one claimant and wants the claim within 3 s, so that two agents never act on one press and a slow store
 * loses none. What could not be claimed is not acted on; the person sees "did not respond" and presses again.
 */
import {
  type ChatLeasePort,
  type Clock,
  describeError,
  type Logger,
  sleep,
  withDeadline,
} from "@jeju-oracle/kit";
import { InteractionResponseType, MessageFlags, Routes } from "discord.js";
import type { InboundHandler } from "../../conversation/channel.ts";
import type { Inbound } from "../../conversation/inbound.ts";
import type { OutboundMessage, SentReference } from "../../conversation/outbound.ts";
import { bodyOf, referenceTo } from "./delivery.ts";
import type { DiscordApi } from "./discord-api.ts";
import { DiscordRequestError } from "./discord-error.ts";
import { breakGlassForm } from "./form.ts";
import { type Interaction, interactionOf, type Meaning } from "./inbound-of.ts";
import {
  ALREADY_ACKNOWLEDGED,
  INTERACTION_CLAIM_MS,
  INTERACTION_TOKEN_LIFE_MS,
  INVALID_WEBHOOK_TOKEN,
  UNKNOWN_INTERACTION,
  UNKNOWN_WEBHOOK,
} from "./limits.ts";
import { renderParts } from "./render.ts";

export interface InteractionDeskOptions {
  readonly api: DiscordApi;
  readonly chatLease: ChatLeasePort;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Somewhere to answer. */
interface Ticket {
  readonly applicationId: string;
  readonly token: string;
  readonly claimedAtMs: number;
  /** A claimed command shows "thinking" until it has its answer. */
  isThinking: boolean;
}

/** As long as any handler should take; what still runs then does not count as open any more. */
const HANDLER_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 2_000;
const MAX_OPEN = 100;
const MAX_TICKETS = 1_000;
const LOST_TICKET_CODES: readonly number[] = [UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION, INVALID_WEBHOOK_TOKEN];

export class InteractionDesk {
  readonly #options: InteractionDeskOptions;
  readonly #tickets = new Map<string, Ticket>();
  readonly #open = new Set<Promise<void>>();

  constructor(options: InteractionDeskOptions) {
    this.#options = options;
  }

  /** Claims and handles. Returns at once, never throws. */
  take(payload: unknown, handler: InboundHandler): void {
    const { chatLease, logger } = this.#options;
    if (!chatLease.holds()) return;
    const interaction = interactionOf(payload);
    if (interaction === undefined) {
      logger.debug("A Discord interaction of an unknown kind is left alone");
      return;
    }
    if (this.#open.size >= MAX_OPEN) {
      logger.warn("Too much at once on Discord: an interaction is not taken", { open: this.#open.size });
      return;
    }
    const work = this.#handle(interaction, handler)
      .catch((error: unknown) =>
        logger.error("A Discord interaction was not handled", { error: describeError(error) }),
      )
      .finally(() => this.#open.delete(work));
    this.#open.add(work);
  }

  /**
   * Answers for the author's eyes alone.
   * @returns undefined when the interaction can take no answer any more. @throws {ChannelError}
   */
  async answer(
    { eventId }: Inbound,
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<SentReference | undefined> {
    const ticket = this.#tickets.get(eventId);
    if (ticket === undefined || this.#isOld(ticket)) return undefined;
    let sent: SentReference | undefined;
    for (const part of renderParts(message)) {
      const request = {
        withToken: false,
        body: { ...bodyOf(part), flags: MessageFlags.Ephemeral | MessageFlags.SuppressEmbeds },
        files: part.files,
        signal,
      } as const;
      try {
        const result = ticket.isThinking
          ? await this.#api.request("answer a command", {
              ...request,
              method: "PATCH",
              route: original(ticket),
            })
          : await this.#api.request("answer", { ...request, method: "POST", route: more(ticket) });
        ticket.isThinking = false;
        sent = referenceTo(result);
      } catch (error) {
        if (sent === undefined && error instanceof DiscordRequestError && isLost(error)) return undefined;
        throw error;
      }
    }
    return sent;
  }

  /** Waits a moment for what is in hand. */
  async stop(): Promise<void> {
    const idle = new AbortController();
    void Promise.all(this.#open).then(() => idle.abort());
    await sleep(this.#options.clock, STOP_DEADLINE_MS, idle.signal);
  }

  get #api(): DiscordApi {
    return this.#options.api;
  }

  async #handle(interaction: Interaction, handler: InboundHandler): Promise<void> {
    const { clock } = this.#options;
    const { meaning } = interaction;
    if (!(await this.#claim(interaction)) || meaning.kind === "form") return;
    const ticket = this.#keepTicket(interaction, meaning);
    try {
      await withDeadline(clock, "the handler", HANDLER_DEADLINE_MS, () => handler(meaning.inbound));
    } finally {
      if (ticket.isThinking) await this.#endThinking(ticket);
    }
  }

  async #claim({ id, token, meaning }: Interaction): Promise<boolean> {
    const { logger } = this.#options;
    try {
      await this.#api.request("claim an interaction", {
        method: "POST",
        route: Routes.interactionCallback(id, token),
        body: claimOf(meaning),
        withToken: false,
        deadlineMs: INTERACTION_CLAIM_MS,
      });
      return true;
    } catch (error) {
      if (error instanceof DiscordRequestError && error.discordCode === ALREADY_ACKNOWLEDGED)
        logger.debug("A Discord interaction is another agent's");
      else
        logger.warn("A Discord interaction could not be claimed and is not acted on", {
          kind: meaning.kind,
          error: describeError(error),
        });
      return false;
    }
  }

  #keepTicket({ id, applicationId, token }: Interaction, meaning: Meaning): Ticket {
    for (const [eventId, ticket] of this.#tickets) {
      if (this.#tickets.size < MAX_TICKETS && !this.#isOld(ticket)) break;
      this.#tickets.delete(eventId);
    }
    const claimedAtMs = this.#options.clock.monotonicMs();
    const ticket = { applicationId, token, claimedAtMs, isThinking: meaning.kind === "command" };
    this.#tickets.set(id, ticket);
    return ticket;
  }

  /** Nothing came of it that has to be said here. */
  async #endThinking(ticket: Ticket): Promise<void> {
    ticket.isThinking = false;
    try {
      await this.#api.request("take back an empty answer", {
        method: "DELETE",
        route: original(ticket),
        withToken: false,
      });
    } catch (error) {
      this.#options.logger.debug("A Discord command goes on thinking", { error: describeError(error) });
    }
  }

  #isOld({ claimedAtMs }: Ticket): boolean {
    return this.#options.clock.monotonicMs() - claimedAtMs > INTERACTION_TOKEN_LIFE_MS;
  }
}

function claimOf(meaning: Meaning) {
  switch (meaning.kind) {
    case "command":
      return {
        type: InteractionResponseType.DeferredChannelMessageWithSource,
        data: { flags: MessageFlags.Ephemeral },
      };
    case "press":
      return { type: InteractionResponseType.DeferredMessageUpdate };
    case "form":
      return { type: InteractionResponseType.Modal, data: breakGlassForm(meaning.customId) };
    default:
      return meaning satisfies never;
  }
}

function original({ applicationId, token }: Ticket) {
  return Routes.webhookMessage(applicationId, token, "@original");
}

function more({ applicationId, token }: Ticket) {
  return Routes.webhook(applicationId, token);
}

function isLost({ discordCode }: DiscordRequestError): boolean {
  return discordCode !== undefined && LOST_TICKET_CODES.includes(discordCode);
}
