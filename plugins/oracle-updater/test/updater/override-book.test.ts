import { beforeEach, describe, expect, test } from "bun:test";
import type { OverrideName, RuntimeOverride } from "@jeju-oracle/kit";
import { type CapturedLog, captureLog } from "@jeju-oracle/kit/testing";
import { loadOracleConfig } from "../../src/config.ts";
import { OverrideBook } from "../../src/updater/override-book.ts";
import { ENV, NOW_S } from "../support/fixtures.ts";

const KEY = "c0ffee00c0ffee00c0ffee00";

let log: CapturedLog;
let book: OverrideBook;
/** What the endpoint pools were told. */
let extraUrls: string[];

beforeEach(() => {
  log = captureLog();
  extraUrls = [];
  book = new OverrideBook({
    config: loadOracleConfig(ENV),
    logger: log.logger,
    setExtraUrls: (base, jeju) => extraUrls.push(`base ${base.join(" ")} jeju ${jeju.join(" ")}`.trim()),
  });
});

function override(name: OverrideName, value: string, untilS = 600n): RuntimeOverride {
  return { name, value, untilChainTimeS: NOW_S + untilS, by: "ada", reason: "gas spike" };
}

const messages = () =>
  log.lines.map((line) => JSON.parse(line)).map(({ msg, name, value }) => [msg, name, value]);
const capGwei = () => book.settings.transaction.feeCapWei / 10n ** 9n;

describe("an override", () => {
  test("counts at once, ends by chain time, and both are logged once with who asked and why", () => {
    book.at(NOW_S);
    expect(book.apply([override("max-gas-price-gwei", "250")])).toBe(true);
    expect(capGwei()).toBe(250n);
    for (const sinceS of [1n, 300n, 599n]) book.at(NOW_S + sinceS);
    expect(capGwei()).toBe(250n);
    expect(messages()).toEqual([["Override in force", "max-gas-price-gwei", "250"]]);
    expect(JSON.parse(log.lines[0] ?? "")).toMatchObject({
      by: "ada",
      reason: "gas spike",
      untilChainTimeS: String(NOW_S + 600n),
    });
    book.at(NOW_S + 600n);
    book.at(NOW_S + 601n);
    expect(capGwei()).toBe(100n);
    expect(messages().slice(1)).toEqual([["Override ended", "max-gas-price-gwei", "250"]]);
  });

  test("that is asked for again changes nothing and is not logged again", () => {
    book.apply([override("max-gas-price-gwei", "250")]);
    expect(book.apply([override("max-gas-price-gwei", "250")])).toBe(false);
    expect(log.lines).toHaveLength(1);
  });

  test("ends when the next list is without it", () => {
    book.apply([override("max-gas-price-gwei", "250"), override("max-price-deviation-pct", "20")]);
    book.apply([override("max-price-deviation-pct", "20")]);
    expect(capGwei()).toBe(100n);
    expect(book.settings.decision.holdBandBps).toBe(2_000n);
    expect(messages().at(-1)).toEqual(["Override ended", "max-gas-price-gwei", "250"]);
  });

  test("whose value or end changed takes the place of the earlier one", () => {
    book.at(NOW_S);
    book.apply([override("max-gas-price-gwei", "250")]);
    book.apply([override("max-gas-price-gwei", "300", 60n)]);
    expect(capGwei()).toBe(300n);
    book.at(NOW_S + 60n);
    expect(capGwei()).toBe(100n);
  });

  test("of an endpoint is told to the pools when it begins and when it ends, the key in it to nobody", () => {
    book.at(NOW_S);
    const url = `https://jeju.example.org/v2/${KEY}`;
    book.apply([override("extra-jeju-rpc", url)]);
    book.at(NOW_S + 600n);
    expect(extraUrls).toEqual([`base  jeju ${url}`, "base  jeju"]);
    expect(log.lines.join("\n")).toContain("https://jeju.example.org");
    expect(log.lines.join("\n")).not.toContain(KEY);
  });

  test("that ended before it was heard of never counts", () => {
    book.at(NOW_S);
    book.apply([override("max-gas-price-gwei", "250", -1n)]);
    expect(capGwei()).toBe(100n);
    expect(log.lines).toEqual([]);
  });
});

describe("error: a bad override", () => {
  test("is logged once and ignored, and those beside it count", () => {
    const bad = override("max-price-deviation-pct", "90");
    for (let times = 0; times < 3; times++) book.apply([bad, override("max-gas-price-gwei", "250")]);
    expect(capGwei()).toBe(250n);
    expect(book.settings.decision.holdBandBps).toBe(1_000n);
    const ignored = log.matching("Override ignored");
    expect(ignored).toHaveLength(1);
    expect(JSON.parse(ignored[0] ?? "")).toMatchObject({
      name: bad.name,
      problem: "must be between 1 and 50",
    });
  });

  test("never shows what was given, which may hold a key", () => {
    book.apply([override("extra-base-rpc", `https://base.example.org/v2/${KEY},ws://x`)]);
    expect(log.matching("Override ignored")).toHaveLength(1);
    log.logger.info(`somebody else repeats ${KEY}`);
    expect(log.lines.join("\n")).not.toContain(KEY);
  });
});
