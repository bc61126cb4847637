/** The Discord channel: the team's channel as a place to alert and to take commands. */
import {
  type AlertCondition,
  type ChatLeasePort,
  type Clock,
  describeError,
  type Logger,
  registerUrlSecrets,
  type Secret,
  type Supervised,
  supervise,
} from "@jeju-oracle/kit";
import type { Channel, InboundHandler } from "../../conversation/channel.ts";
import { ChannelError } from "../../conversation/channel-error.ts";
import type { Inbound } from "../../conversation/inbound.ts";
import type { OutboundMessage, SentReference } from "../../conversation/outbound.ts";
import { CommandRegistry } from "./command-registry.ts";
import { Delivery } from "./delivery.ts";
import { DiscordApi } from "./discord-api.ts";
import { DiscordRequestError } from "./discord-error.ts";
import { GatewaySession } from "./gateway-session.ts";
import { InteractionDesk } from "./interaction-desk.ts";
import { ListenLoop } from "./listen-loop.ts";
import { type SlashCommand, slashMenuOf } from "./slash-menu.ts";

export interface DiscordChannelOptions {
  readonly token: Secret;
  /** The team's channel. */
  readonly channelId: string;
  /** Without the version. */
  readonly apiRoot: string;
  readonly chatLease: ChatLeasePort;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of what a person must put right. */
  readonly raise: (condition: AlertCondition) => void;
  readonly clear: (key: string) => void;
  /** In [0, 1), for the jitter of waits. */
  readonly random?: () => number;
}

export interface DiscordChannel extends Channel {
  /** Offers `commands` in the channel's server. Call it before {@link Channel.start}. @throws {InvariantError} */
  registerMenu(commands: readonly SlashCommand[]): void;
}

/** Sends at once; listens after `start`, while this agent holds the chat lease. */
export function createDiscordChannel(options: DiscordChannelOptions): DiscordChannel {
  return new BotChannel(options);
}

class BotChannel implements DiscordChannel {
  readonly id = "discord";
  readonly interactive = true;
  readonly #options: DiscordChannelOptions;
  readonly #api: DiscordApi;
  readonly #delivery: Delivery;
  readonly #desk: InteractionDesk;
  #menu: readonly unknown[] | undefined;
  #refusal: DiscordRequestError | undefined;
  #listening: Supervised | undefined;

  constructor(options: DiscordChannelOptions) {
    this.#options = options;
    registerUrlSecrets(options.apiRoot);
    this.#api = new DiscordApi(options);
    this.#delivery = new Delivery(this.#api);
    this.#desk = new InteractionDesk({ ...options, api: this.#api });
  }

  registerMenu(commands: readonly SlashCommand[]): void {
    this.#menu = slashMenuOf(commands);
  }

  send(message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    return this.#unlessRefused(() => this.#delivery.send(this.#options.channelId, message, signal));
  }

  edit(reference: SentReference, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    return this.#unlessRefused(() => this.#delivery.edit(reference, message, signal));
  }

  /** What can be answered no more where it was asked is answered in its channel, for everybody. */
  async answer(inbound: Inbound, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    const sent = await this.#desk.answer(inbound, message, signal);
    if (sent !== undefined) return sent;
    return await this.#unlessRefused(() => this.#delivery.send(inbound.place.chatId, message, signal));
  }

  start(handler: InboundHandler): void {
    if (this.#listening !== undefined) return;
    const { chatLease, clock, logger, random = Math.random, token } = this.#options;
    const api = this.#api;
    const registry = new CommandRegistry({ ...this.#options, api, random });
    const loop = new ListenLoop({
      api,
      chatLease,
      clock,
      logger,
      random,
      newSession: () =>
        new GatewaySession({
          rest: api.rest,
          token: token.reveal(),
          clock,
          logger,
          onInteraction: (payload) => this.#desk.take(payload, handler),
        }),
      whenReady: async (applicationId, signal) => {
        if (this.#menu !== undefined) await registry.register(applicationId, this.#menu, signal);
      },
      onTokenRefused: (error) => this.#tokenRefused(error),
    });
    chatLease.start();
    this.#listening = supervise(clock, logger, "Listening to Discord", (signal) => loop.run(signal));
  }

  async stop(): Promise<void> {
    await this.#listening?.stop();
    await this.#desk.stop();
    this.#api.close();
  }

  /** Without a valid token nothing is tried any more: Discord locks out addresses that fail too often. */
  async #unlessRefused<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#refusal !== undefined)
      throw new ChannelError("discord", "the bot's token is refused", {
        retryable: false,
        nextStep: this.#refusal.nextStep,
        cause: this.#refusal,
      });
    try {
      return await work();
    } catch (error) {
      if (error instanceof DiscordRequestError && error.isTokenRefused) this.#tokenRefused(error);
      throw error;
    }
  }

  #tokenRefused(error: DiscordRequestError): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = error;
    const { logger, raise } = this.#options;
    const summary = "Discord refuses the bot's token: no alerts and no commands there";
    logger.error(summary, { error: describeError(error), nextStep: error.nextStep });
    raise({ key: "discord-token-refused", severity: "critical", summary, nextStep: error.nextStep });
  }
}
