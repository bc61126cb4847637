/** The Telegram channel's entry. */
export {
  createTelegramChannel,
  type TelegramChannel,
  type TelegramChannelOptions,
} from "./telegram-channel.ts";
export { telegramEnv, telegramRelations } from "./telegram-env.ts";
