/** The entry of the two Discord channels. */
export {
  createDiscordChannel,
  type DiscordChannel,
  type DiscordChannelOptions,
} from "./discord-channel.ts";
export { discordEnv, discordRelations } from "./discord-env.ts";
export { createDiscordWebhookChannel, type DiscordWebhookOptions } from "./webhook-channel.ts";
