import { describe, expect, spyOn, test } from "bun:test";
import { logger as globalElizaLogger } from "@elizaos/core";
import { Secret } from "@jeju-oracle/kit";
import { captureLog } from "@jeju-oracle/kit/testing";
import { elizaLoggerTo, redirectGlobalElizaLog } from "../src/eliza-log.ts";

describe("the log of elizaOS", () => {
  test("passes warnings and errors on, with their primitive fields alone", () => {
    const { logger, lines } = captureLog("debug");
    elizaLoggerTo(logger).warn({ src: "agent", agentId: "x", prompt: { whole: "conversation" } }, "Careful");
    elizaLoggerTo(logger).error(new Error("broken"), "It failed");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "warn", msg: "Careful", src: "agent" });
    expect(lines[0]).not.toContain("conversation");
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: "error", msg: "It failed", error: "broken" });
  });

  test("is scrubbed by value, whatever the key is called", () => {
    const secret = "eliza-must-not-print-this";
    new Secret(secret);
    const { logger, lines } = captureLog("debug");
    const eliza = elizaLoggerTo(logger).child({ deep: secret });
    eliza.error({ PRIVATE_KEY: secret, url: `https://x/${secret}` }, `with ${secret}`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(secret);
  });

  test("does not mutate what is logged", () => {
    const { logger } = captureLog();
    const context = { token: "kept", nested: { secret: "kept" } };
    elizaLoggerTo(logger).warn(context, "m");
    expect(context).toEqual({ token: "kept", nested: { secret: "kept" } });
  });

  test("keeps its chatter at debug, and what is expected out of the warnings", () => {
    const { logger, lines } = captureLog("info");
    const eliza = elizaLoggerTo(logger);
    eliza.info("hello");
    eliza.success("hello");
    eliza.debug("hello");
    eliza.warn({ src: "agent" }, "No TEXT_EMBEDDING model registered, skipping embedding setup");
    expect(lines).toEqual([]);
  });

  test("the logger that elizaOS's modules share writes to ours and not to the console", () => {
    const { logger, lines } = captureLog();
    const consoles = (["log", "info", "warn", "error"] as const).map((method) => spyOn(console, method));
    redirectGlobalElizaLog(logger);
    globalElizaLogger.error({ src: "core" }, "Somewhere in core");
    expect(lines).toHaveLength(1);
    for (const spy of consoles) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});
