import { describe, expect, test } from "bun:test";
import { type Env, parseEnv } from "@jeju-oracle/kit";
import { telegramEnv, telegramRelations } from "../../../src/channels/telegram/index.ts";
import { BOT_TOKEN, TEAM_CHAT_ID } from "../../support/telegram-server.ts";

const parse = (env: Env) => parseEnv(telegramEnv, env, telegramRelations);
const both = { TELEGRAM_BOT_TOKEN: BOT_TOKEN, TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID) };

describe("the variables of Telegram", () => {
  test("none means no channel; both make one at Telegram's own address", () => {
    expect(parse({}).TELEGRAM_BOT_TOKEN).toBeUndefined();
    const values = parse(both);
    expect(values.TELEGRAM_BOT_TOKEN?.reveal()).toBe(BOT_TOKEN);
    expect(values.TELEGRAM_API_ROOT).toBe("https://api.telegram.org");
  });

  test("one without the other is refused by the name of the missing one", () => {
    expect(() => parse({ TELEGRAM_BOT_TOKEN: BOT_TOKEN })).toThrow("TELEGRAM_CHAT_ID: is required");
    expect(() => parse({ TELEGRAM_CHAT_ID: "5" })).toThrow("TELEGRAM_BOT_TOKEN: is required");
  });

  test("a malformed token is refused and never shown", () => {
    const malformed = "1234567890-malformed-token";
    expect(() => parse({ ...both, TELEGRAM_BOT_TOKEN: malformed })).toThrow(
      "TELEGRAM_BOT_TOKEN: must be a bot token",
    );
    expect(() => parse({ ...both, TELEGRAM_BOT_TOKEN: malformed })).not.toThrow(malformed);
    expect(JSON.stringify(parse(both))).not.toContain(BOT_TOKEN);
  });

  test("a chat by name is refused: presses come with numbers", () => {
    expect(() => parse({ ...both, TELEGRAM_CHAT_ID: "@team" })).toThrow(
      "TELEGRAM_CHAT_ID: must be the numeric id",
    );
  });
});
