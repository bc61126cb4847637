/** The Telegram channel's entry. */
export { createTelegramChannel, type TelegramChannel } from "./telegram-channel.ts";
export { telegramEnv, telegramRelations } from "./telegram-env.ts";
