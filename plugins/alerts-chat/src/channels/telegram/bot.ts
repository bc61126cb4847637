/** telegraf's dispatch of updates, with contexts that use our transport, and with polling left out. */
import { Context, Telegraf } from "telegraf";
import type { Update, UserFromGetMe } from "telegraf/types";
import type { InboundHandler } from "../../conversation/channel.ts";
import { freeTextOf } from "../../conversation/free-text-of.ts";
import type { BotApi } from "./bot-api.ts";
import { ALLOWED_UPDATES, inboundOf } from "./inbound-of.ts";

/** A bot that hands to `handler` what people say and press. Errors come out of its `handleUpdate`. */
export function createBot(api: BotApi, handler: InboundHandler): Telegraf {
  class BotContext extends Context {
    constructor(update: Update, _stockClient: unknown, me: UserFromGetMe) {
      super(update, api, me);
    }
  }
  // The poll loop has the deadline, on a clock that tests can move.
  const bot = new Telegraf(api.token, { contextType: BotContext, handlerTimeout: Number.POSITIVE_INFINITY });
  bot.telegram = api;
  bot.on([...ALLOWED_UPDATES], async (context, next) => {
    const inbound = inboundOf(context.update, context.me);
    if (inbound === undefined) await next();
    // A model may think about words for long; what is said behind them does not wait for that.
    else if (inbound.kind === "message" && freeTextOf(inbound.text) !== undefined) void handler(inbound);
    else await handler(inbound);
  });
  // telegraf's own prints the update and sets the exit code of the process.
  bot.catch((error) => {
    throw error;
  });
  return bot;
}
