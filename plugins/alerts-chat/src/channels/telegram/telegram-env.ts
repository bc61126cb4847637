/** The variables of the Telegram channel: each with its default and source. */
import { type ConfigProblem, defineEnv, type EnvValues, envTypes, Secret } from "@jeju-oracle/kit";
import { z } from "zod";

/** Every variable this channel reads. The channel is off without a token. */
export const telegramEnv = defineEnv({
  TELEGRAM_BOT_TOKEN: {
    schema: z
      .string()
      .regex(
        /^\d{3,20}:[A-Za-z0-9_-]{16,}$/,
        "must be a bot token as BotFather gives it: digits, a colon, a key",
      )
      .transform((text) => new Secret(text))
      .optional(),
    about: "Token of the Telegram bot that alerts the team and takes its commands.",
    example: "1234567890:the-key-that-BotFather-shows",
    source: "running deployment",
    secret: true,
  },
  TELEGRAM_CHAT_ID: {
    schema: z
      .string()
      .regex(/^-?\d{1,20}$/, "must be the numeric id of a chat; a group's begins with a minus sign")
      .optional(),
    about: "The team's chat: alerts go there, and only there commands change something.",
    example: "-1001234567890",
    source: "running deployment",
  },
  TELEGRAM_API_ROOT: {
    schema: envTypes.url("https", "http"),
    about:
      "Where the Bot API answers: a server of your own (https://github.com/tdlib/telegram-bot-api) or a proxy.",
    example: "https://api.telegram.org",
    default: "https://api.telegram.org",
    source: "https://core.telegram.org/bots/api#making-requests",
  },
});

/** Token and chat belong together. */
export function telegramRelations(values: EnvValues<typeof telegramEnv>): readonly ConfigProblem[] {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: chatId } = values;
  if ((token === undefined) === (chatId === undefined)) return [];
  const missing = token === undefined ? "TELEGRAM_BOT_TOKEN" : "TELEGRAM_CHAT_ID";
  const present = token === undefined ? "TELEGRAM_CHAT_ID" : "TELEGRAM_BOT_TOKEN";
  return [
    {
      variable: missing,
      problem: `is required when ${present} is set`,
      example: telegramEnv[missing].example,
    },
  ];
}
