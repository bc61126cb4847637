import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Secret, systemClock } from "@jeju-oracle/kit";
import type { Update } from "telegraf/types";
import { createBot } from "../../../src/channels/telegram/bot.ts";
import { BotApi } from "../../../src/channels/telegram/bot-api.ts";
import { TelegramRequestError } from "../../../src/channels/telegram/telegram-error.ts";
import { serverError, TEAM_CHAT_ID, TelegramServer } from "../../support/telegram-server.ts";

let server: TelegramServer;
beforeEach(() => {
  server = TelegramServer.start();
});
afterEach(async () => {
  await server.close();
});

const apiAt = (apiRoot: string) =>
  new BotApi({ token: new Secret(server.token), apiRoot, clock: systemClock });
const failureOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

describe("requests to the Bot API", () => {
  test("find a server below a path", async () => {
    using proxy = Bun.serve({
      port: 0,
      fetch: (request) => {
        const { pathname } = new URL(request.url);
        if (!pathname.startsWith("/telegram/")) return new Response("elsewhere");
        return fetch(server.apiRoot + pathname.slice("/telegram".length), {
          method: "POST",
          body: request.body,
        });
      },
    });
    for (const path of ["/telegram", "/telegram/"])
      expect(await apiAt(`http://127.0.0.1:${proxy.port}${path}`).call("getMe", {})).toMatchObject({
        is_bot: true,
      });
  });

  test("never carry the token to where a redirect points", async () => {
    using elsewhere = Bun.serve({
      port: 0,
      fetch: (request) => Response.redirect(`${server.apiRoot}${new URL(request.url).pathname}`, 307),
    });
    const error = await failureOf(apiAt(`http://127.0.0.1:${elsewhere.port}`).call("getMe", {}));
    expect(error).toBeInstanceOf(TelegramRequestError);
    expect(server.requests).toEqual([]);
  });

  test("of telegraf's own methods and contexts go the same way", async () => {
    const api = apiAt(server.apiRoot);
    const bot = createBot(api, async () => undefined, systemClock);
    bot.use((context) => context.reply("not a text"));
    server.fail("sendMessage", serverError);
    const photo = {
      update_id: 1,
      message: { message_id: 1, date: 1, chat: { id: TEAM_CHAT_ID, type: "supergroup" }, photo: [] },
    } as unknown as Update;
    expect(await failureOf(bot.handleUpdate(photo))).toBeInstanceOf(TelegramRequestError);
    expect(await failureOf(bot.telegram.sendMessage(TEAM_CHAT_ID, "x"))).toBeInstanceOf(TelegramRequestError);
    expect(server.count("sendMessage")).toBe(2);
  });

  test.each([
    [400, false, true],
    [401, false, false],
    [403, false, true],
    [409, true, true],
    [429, true, true],
    [500, true, false],
  ])(
    "a %i can be retried: %p, came from a service that works: %p",
    async (errorCode, retryable, wasReached) => {
      server.fail("getMe", { kind: "refuse", errorCode, description: "no" });
      const error = await failureOf(apiAt(server.apiRoot).call("getMe", {}));
      expect(error).toMatchObject({ errorCode, retryable, wasReached, isTokenRefused: errorCode === 401 });
    },
  );
});
