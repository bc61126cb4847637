/** telegraf's dispatch of updates, with contexts that use our transport, and with polling left out. */
import { type Clock, sleep } from "@jeju-oracle/kit";
import { Context, Telegraf } from "telegraf";
import type { Update, UserFromGetMe } from "telegraf/types";
import { breakGlassOf } from "../../conversation/break-glass-of.ts";
import type { InboundHandler } from "../../conversation/channel.ts";
import { freeTextOf } from "../../conversation/free-text-of.ts";
import type { Inbound } from "../../conversation/inbound.ts";
import type { BotApi } from "./bot-api.ts";
import { ALLOWED_UPDATES, inboundOf } from "./inbound-of.ts";

/** Within this a press is claimed in the store: from then on its proposal is known there, whatever happens to this agent. */
const CLAIM_MS = 1_000;

/** What is confirmed is carried out and watched, for a minute or more: whoever asks meanwhile must be answered. */
function isConfirming(inbound: Inbound): boolean {
  return inbound.kind === "press" || breakGlassOf(inbound.text) !== undefined;
}

async function atMost(longestMs: number, work: Promise<void>, clock: Clock): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, sleep(clock, longestMs, over.signal)]);
  over.abort();
}

/** A bot that hands to `handler` what people say and press. Errors come out of its `handleUpdate`. */
export function createBot(api: BotApi, handler: InboundHandler, clock: Clock): Telegraf {
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
    else if (isConfirming(inbound)) await atMost(CLAIM_MS, handler(inbound), clock);
    else await handler(inbound);
  });
  // telegraf's own prints the update and sets the exit code of the process.
  bot.catch((error) => {
    throw error;
  });
  return bot;
}
