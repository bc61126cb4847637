/** The channels that the configuration asks for. */
import type { AlertSink, ChatLeasePort, Clock, Logger, SharedRecords } from "@jeju-oracle/kit";
import type { ChatConfig } from "../chat-env.ts";
import { COMMANDS } from "../commands/index.ts";
import { BREAK_GLASS } from "../conversation/break-glass-of.ts";
import type { Channel, EpisodeChannel } from "../conversation/channel.ts";
import type { Place } from "../conversation/inbound.ts";
import { createConsoleChannel } from "./console/index.ts";
import { createDiscordChannel, createDiscordWebhookChannel } from "./discord/index.ts";
import { createPagerDutyChannel } from "./pagerduty/index.ts";
import { leaseForService } from "./reachability.ts";
import { createTelegramChannel } from "./telegram/index.ts";
import { channelWithoutSecrets, episodesWithoutSecrets } from "./without-secrets.ts";

export interface OpenChannelsOptions {
  readonly config: ChatConfig;
  readonly stateDir: string;
  readonly botId: string;
  readonly chatLease: ChatLeasePort;
  readonly records: SharedRecords;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly alerts: AlertSink;
}

export interface OpenedChannels {
  readonly channels: readonly Channel[];
  readonly episodes: readonly EpisodeChannel[];
  /** The team's own places: whoever writes elsewhere is not answered. */
  readonly isHome: (place: Place) => boolean;
}

/** Opens them; nothing is sent or heard before they are started. */
export function openChannels(options: OpenChannelsOptions): OpenedChannels {
  const { config, stateDir, botId, clock, logger } = options;
  const raise = options.alerts.raise.bind(options.alerts);
  const operator = config.CONSOLE_OPERATOR;
  const channels: Channel[] = [createConsoleChannel({ stateDir, botId, operator, clock, logger, raise })];
  const homes = new Set([`console:${botId}`]);
  const said = new Map<string, boolean>();
  const serving = (service: string) => ({
    ...options,
    chatLease: leaseForService(options.chatLease, service, said),
  });
  const telegram = openTelegram(serving("telegram"));
  if (telegram !== undefined) {
    channels.push(telegram);
    homes.add(`telegram:${config.TELEGRAM_CHAT_ID}`);
  }
  const discord = openDiscord(serving("discord"));
  if (discord !== undefined) {
    channels.push(discord);
    homes.add(`discord:${config.DISCORD_CHANNEL_ID}`);
  }
  if (config.DISCORD_WEBHOOK_URL !== undefined) {
    channels.push(createDiscordWebhookChannel({ url: config.DISCORD_WEBHOOK_URL, clock }));
  }
  const routingKey = config.PAGERDUTY_ROUTING_KEY;
  const eventsUrl = config.PAGERDUTY_EVENTS_URL;
  const episodes = routingKey === undefined ? [] : [createPagerDutyChannel({ routingKey, eventsUrl, clock })];
  return {
    channels: channels.map(channelWithoutSecrets),
    episodes: episodes.map(episodesWithoutSecrets),
    isHome: ({ platform, chatId }) => homes.has(`${platform}:${chatId}`),
  };
}

function openTelegram({ config, chatLease, records, clock, logger, alerts }: OpenChannelsOptions) {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: chatId, TELEGRAM_API_ROOT: apiRoot } = config;
  if (token === undefined || chatId === undefined) return undefined;
  const raise = alerts.raise.bind(alerts);
  const channel = createTelegramChannel({ token, chatId, apiRoot, chatLease, records, clock, logger, raise });
  channel.registerMenu(MENU);
  return channel;
}

function openDiscord({ config, chatLease, clock, logger, alerts }: OpenChannelsOptions) {
  const { DISCORD_BOT_TOKEN: token, DISCORD_CHANNEL_ID: channelId, DISCORD_API_ROOT: apiRoot } = config;
  if (token === undefined || channelId === undefined) return undefined;
  const raise = alerts.raise.bind(alerts);
  const clear = alerts.clear.bind(alerts);
  const channel = createDiscordChannel({ token, channelId, apiRoot, chatLease, clock, logger, raise, clear });
  channel.registerMenu(MENU);
  return channel;
}

const MENU = [...COMMANDS, BREAK_GLASS].map(({ name, about }) => ({ name, about }));
