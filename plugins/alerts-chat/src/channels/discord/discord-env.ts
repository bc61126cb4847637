/** The variables of the two Discord channels: each with its default and source. */
import {
  type ConfigProblem,
  defineEnv,
  type EnvValues,
  envTypes,
  registerUrlSecrets,
  Secret,
} from "@jeju-oracle/kit";
import { z } from "zod";

/** Every variable these channels read. The bot is off without a token, the webhook without its URL. */
export const discordEnv = defineEnv({
  DISCORD_BOT_TOKEN: {
    schema: z
      .string()
      .regex(
        /^[\w-]{18,}\.[\w-]{6,}\.[\w-]{20,}$/,
        "must be a bot's token from Discord's developer portal: three parts with dots between",
      )
      .transform((text) => new Secret(text))
      .optional(),
    about: "Token of the Discord bot that alerts the team and takes its commands.",
    example: "the-id-of-the-bot.a-time.the-key-that-the-portal-shows",
    source: "https://docs.discord.com/developers/quick-start/getting-started",
    secret: true,
  },
  DISCORD_CHANNEL_ID: {
    schema: z
      .string()
      .regex(/^\d{15,20}$/, "must be the numeric id of a channel (developer mode, Copy Channel ID)")
      .optional(),
    about: "The team's channel: alerts go there, and only there commands change something.",
    example: "1234567890123456789",
    source: "https://support.discord.com/hc/articles/206346498",
  },
  DISCORD_API_ROOT: {
    schema: envTypes.url("https", "http"),
    about: "Where Discord's API answers: a proxy, or Discord itself. Without the version.",
    example: "https://discord.com/api",
    default: "https://discord.com/api",
    source: "https://docs.discord.com/developers/reference#api-versioning",
  },
  DISCORD_WEBHOOK_URL: {
    schema: envTypes
      .url("https", "http")
      .refine(
        (url) => /\/webhooks\/\d+\/[\w-]+\/?$/.test(new URL(url).pathname),
        "must be a webhook's URL as the channel's settings show it: it ends in /webhooks/<id>/<token>",
      )
      .transform((url) => {
        registerUrlSecrets(url);
        return new Secret(url);
      })
      .optional(),
    about: "Webhook of a Discord channel that gets the alerts and takes no commands; needs no bot.",
    example: "https://discord.com/api/webhooks/1234567890123456789/the-token-of-the-webhook",
    source: "running deployment",
    secret: true,
  },
});

/** Token and channel belong together. */
export function discordRelations(values: EnvValues<typeof discordEnv>): readonly ConfigProblem[] {
  const { DISCORD_BOT_TOKEN: token, DISCORD_CHANNEL_ID: channelId } = values;
  if ((token === undefined) === (channelId === undefined)) return [];
  const missing = token === undefined ? "DISCORD_BOT_TOKEN" : "DISCORD_CHANNEL_ID";
  const present = token === undefined ? "DISCORD_CHANNEL_ID" : "DISCORD_BOT_TOKEN";
  return [
    {
      variable: missing,
      problem: `is required when ${present} is set`,
      example: discordEnv[missing].example,
    },
  ];
}
