/** The Discord channel: the team's channel as a place to alert and to take commands. */
import {
  type AlertCondition,
  type ChatLeasePort,
  type Clock,
  type Logger,
  registerUrlSecrets,
  type Secret,
  type Supervised,
  supervise,
} from "@jeju-oracle/kit";
import type { Channel, InboundHandler } from "../../conversation/channel.ts";
import type { Inbound } from "../../conversation/inbound.ts";
import type { OutboundMessage, SentReference } from "../../conversation/outbound.ts";
import { TokenRefusal } from "../token-refusal.ts";
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
  readonly #token: TokenRefusal;
  readonly #desk: InteractionDesk;
  #menu: readonly unknown[] | undefined;
  #listening: Supervised | undefined;

  constructor(options: DiscordChannelOptions) {
    this.#options = options;
    registerUrlSecrets(options.apiRoot);
    this.#token = new TokenRefusal({
      ...options,
      channel: this.id,
      service: "Discord",
      isRefusal: (error): error is DiscordRequestError =>
        error instanceof DiscordRequestError && error.isTokenRefused,
    });
    this.#api = new DiscordApi(options);
    this.#delivery = new Delivery(this.#api);
    this.#desk = new InteractionDesk({ ...options, api: this.#api });
  }

  registerMenu(commands: readonly SlashCommand[]): void {
    this.#menu = slashMenuOf(commands);
  }

  send(message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    return this.#token.unlessRefused(() => this.#delivery.send(this.#options.channelId, message, signal));
  }

  edit(reference: SentReference, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    return this.#token.unlessRefused(() => this.#delivery.edit(reference, message, signal));
  }

  /** What can be answered no more where it was asked is answered in its channel, for everybody. */
  async answer(inbound: Inbound, message: OutboundMessage, signal: AbortSignal): Promise<SentReference> {
    const sent = await this.#desk.answer(inbound, message, signal);
    if (sent !== undefined) return sent;
    return await this.#token.unlessRefused(() => this.#delivery.send(inbound.place.chatId, message, signal));
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
      onTokenRefused: (error) => this.#token.refused(error),
    });
    chatLease.start();
    this.#listening = supervise(clock, logger, "Listening to Discord", (signal) => loop.run(signal));
  }

  async stop(): Promise<void> {
    await this.#listening?.stop();
    await this.#desk.stop();
    this.#api.close();
  }
}
