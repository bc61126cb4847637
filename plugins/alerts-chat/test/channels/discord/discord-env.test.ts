import { describe, expect, test } from "bun:test";
import { type Env, parseEnv, scrubSecrets } from "@jeju-oracle/kit";
import { discordEnv, discordRelations } from "../../../src/channels/discord/index.ts";
import { DISCORD_TOKEN, TEAM_CHANNEL_ID } from "../../support/discord-server.ts";

const parse = (env: Env) => parseEnv(discordEnv, env, discordRelations);
const both = { DISCORD_BOT_TOKEN: DISCORD_TOKEN, DISCORD_CHANNEL_ID: TEAM_CHANNEL_ID };
const webhook = "https://discord.com/api/webhooks/123456789012345678/a-token_of-the-webhook";

describe("the variables of Discord", () => {
  test("none means no channel; token and channel make one at Discord's own address", () => {
    expect(parse({}).DISCORD_BOT_TOKEN).toBeUndefined();
    const values = parse(both);
    expect(values.DISCORD_BOT_TOKEN?.reveal()).toBe(DISCORD_TOKEN);
    expect(values.DISCORD_API_ROOT).toBe("https://discord.com/api");
  });

  test("one without the other is refused by the name of the missing one; a webhook needs neither", () => {
    expect(() => parse({ DISCORD_BOT_TOKEN: DISCORD_TOKEN })).toThrow("DISCORD_CHANNEL_ID: is required");
    expect(() => parse({ DISCORD_CHANNEL_ID: TEAM_CHANNEL_ID })).toThrow("DISCORD_BOT_TOKEN: is required");
    expect(parse({ DISCORD_WEBHOOK_URL: webhook }).DISCORD_WEBHOOK_URL?.reveal()).toBe(webhook);
  });

  test("a malformed token is refused and never shown", () => {
    const malformed = "malformed-token-of-nobody";
    expect(() => parse({ ...both, DISCORD_BOT_TOKEN: malformed })).toThrow(
      "DISCORD_BOT_TOKEN: must be a bot",
    );
    expect(() => parse({ ...both, DISCORD_BOT_TOKEN: malformed })).not.toThrow(malformed);
    expect(JSON.stringify(parse(both))).not.toContain(DISCORD_TOKEN);
  });

  test("a channel by name is refused: presses come with numbers", () => {
    expect(() => parse({ ...both, DISCORD_CHANNEL_ID: "#ops" })).toThrow(
      "DISCORD_CHANNEL_ID: must be the num",
    );
  });

  test("a webhook's URL is one of a webhook, and its token is scrubbed from every text", () => {
    expect(() => parse({ DISCORD_WEBHOOK_URL: "https://discord.com/channels/1/2" })).toThrow(
      "DISCORD_WEBHOOK_URL: must be a webhook's URL",
    );
    parse({ DISCORD_WEBHOOK_URL: webhook });
    expect(scrubSecrets(`POST ${webhook}`)).not.toContain("a-token_of-the-webhook");
  });
});
