import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import {
  BaseError,
  createLogger,
  describeError,
  publicUrl,
  registerUrlSecrets,
  Secret,
  scrubSecrets,
} from "../src/index.ts";
import { captureLog } from "../src/testing/index.ts";

const KEY = `0x${"9f".repeat(31)}01`;
const BARE = KEY.slice(2);

describe("Secret", () => {
  const secret = new Secret(KEY);

  test("hides from every way of printing", () => {
    for (const text of [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ secret }),
    ]) {
      expect(text).not.toContain(BARE);
      expect(text).toContain("[redacted]");
    }
  });

  test("is readable only by name", () => {
    expect(secret.reveal()).toBe(KEY);
    expect(Object.keys(secret)).toEqual([]);
  });
});

describe("scrubSecrets", () => {
  test("removes a key with and without 0x", () => {
    new Secret(KEY);
    expect(scrubSecrets(`${KEY} ${BARE}`)).toBe("0x[redacted] [redacted]");
  });

  test("removes what a URL hides in user info, path and query, and leaves its host", () => {
    registerUrlSecrets(
      "https://alice:hunter2hunter2@rpc.example/v2/abcdef0123456789abcdef?apikey=q1w2e3r4t5",
    );
    const text = scrubSecrets(
      "failed: https://alice:hunter2hunter2@rpc.example/v2/abcdef0123456789abcdef?apikey=q1w2e3r4t5",
    );
    for (const secret of ["hunter2", "abcdef0123456789abcdef", "q1w2e3r4t5"])
      expect(text).not.toContain(secret);
    expect(text).toContain("rpc.example/v2/");
    expect(publicUrl("https://alice:pw@rpc.example:8545/v2/key?x=y")).toBe("https://rpc.example:8545");
  });
});

describe("a URL with percent-encoded credentials", () => {
  test.each([
    "postgres://oracle:pg-secret%2F4f1e%259a@db.example/oracle",
    "https://hook.example/ping?token=ab%2Bcd-efgh-ijkl",
    "https://hook.example/keys/k%2Fey-0123456789",
    "https://hook.example/keys/100%25-or-9-of-10",
  ])("is removed as it is written and as it is meant: %s", (url) => {
    registerUrlSecrets(url);
    const secret = /(pg-secret[^@]+|ab%2B.+|k%2Fey.+|100%25.+)/.exec(url)?.[1] ?? "";
    for (const form of [secret, decodeURIComponent(secret)])
      expect(scrubSecrets(`x ${form} y`)).not.toContain(form);
  });
});

describe("logger", () => {
  test("no line contains a registered secret, wherever it stood", () => {
    new Secret(KEY);
    const { logger, lines } = captureLog("debug");
    logger.child({ where: KEY }).error(`message ${KEY}`, { field: `x${BARE}`, [BARE]: "as a key" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(BARE);
  });

  test("writes bigints as decimal text and leaves undefined out", () => {
    const { logger, lines } = captureLog();
    logger.info("priced", { ethUsd8: 324_567_000_000n, absent: undefined });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "info",
      msg: "priced",
      ethUsd8: "324567000000",
    });
    expect(lines[0]).not.toContain("absent");
  });

  test("drops lines below its level", () => {
    const { logger, lines } = captureLog("info");
    logger.debug("quiet");
    expect(lines).toEqual([]);
  });

  test("pretty lines hold level, message and fields, scrubbed", () => {
    new Secret(KEY);
    const lines: string[] = [];
    const logger = createLogger({ level: "info", format: "pretty", write: (line) => lines.push(line) });
    logger.warn("RPC failover occurred", { chain: "Base", key: KEY, detail: "two words" });
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} warn {2}RPC failover occurred chain=Base key=0x\[redacted\]/,
    );
    expect(lines[0]).toContain('detail="two words"');
  });
});

describe("errors", () => {
  class SampleError extends BaseError {
    constructor(cause?: unknown) {
      super("outer failed", { code: "sample", retryable: true, nextStep: "Try again.", cause });
    }
  }

  test("describe the whole chain of causes on one line", () => {
    expect(describeError(new SampleError(new Error("inner\n  failed")))).toBe(
      "sample: outer failed <- inner failed",
    );
    expect(describeError("text")).toBe("text");
    expect(describeError(undefined)).toBe("");
  });

  test("survive a cause that is its own cause, and a very long message", () => {
    const looped = new Error("loop");
    looped.cause = looped;
    expect(describeError(looped).split("<-")).toHaveLength(4);
    expect(describeError(new Error("x".repeat(10_000))).length).toBeLessThanOrEqual(300);
  });

  test("walk finds a cause by predicate", () => {
    const inner = new TypeError("inner");
    const error = new SampleError(new Error("middle", { cause: inner }));
    expect(error.walk((candidate) => candidate instanceof TypeError)).toBe(inner);
    expect(error.walk((candidate) => candidate instanceof RangeError)).toBeUndefined();
    expect(error.name).toBe("SampleError");
  });
});
