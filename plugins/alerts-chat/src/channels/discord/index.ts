/** The entry of the two Discord channels. */
export { createDiscordChannel, type DiscordChannel } from "./discord-channel.ts";
export { discordEnv, discordRelations } from "./discord-env.ts";
export { createDiscordWebhookChannel } from "./webhook-channel.ts";
