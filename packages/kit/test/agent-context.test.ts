import { describe, expect, test } from "bun:test";
import { ConfigError, createAgentContext } from "../src/index.ts";
import { SimulatedClock } from "../src/testing/index.ts";

describe("createAgentContext", () => {
  test("refuses a bot id that would break a metric label or a lock file", () => {
    for (const BOT_ID of ["a b", "-x", "x".repeat(64), 'a"b']) {
      expect(() => createAgentContext({ BOT_ID })).toThrow(ConfigError);
    }
  });

  test("labels every metric with the bot id", async () => {
    const { metrics } = createAgentContext({ BOT_ID: "bot-aws-1" }, new SimulatedClock());
    const text = await metrics.metrics();
    expect(text).toMatch(/oracle_uptime_seconds\{bot_id="bot-aws-1"\} \d+/);
    expect(text).toMatch(/process_resident_memory_bytes\{bot_id="bot-aws-1"\} \d+/);
  });
});
