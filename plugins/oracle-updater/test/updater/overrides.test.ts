import { describe, expect, test } from "bun:test";
import type { OverrideName, RuntimeOverride } from "@jeju-oracle/kit";
import { loadOracleConfig } from "../../src/config.ts";
import { effectiveSettings, type ParsedOverride, parseOverride } from "../../src/updater/overrides.ts";
import { ENV, GWEI, NOW_S } from "../support/fixtures.ts";

const CONFIG = loadOracleConfig({ ...ENV, DEVIATION_THRESHOLD_BPS: "300" });

function override(name: OverrideName, value: string, untilChainTimeS = NOW_S + 600n): RuntimeOverride {
  return { name, value, untilChainTimeS, by: "ada", reason: "drill" };
}

function parsed(...args: Parameters<typeof override>): ParsedOverride {
  const result = parseOverride(override(...args), CONFIG);
  if (!result.valid) throw new Error(result.problem);
  return result.override;
}

const plain = effectiveSettings(CONFIG, [], NOW_S);

describe("in force", () => {
  test("without overrides the settings are the configuration", () => {
    expect(plain).toEqual({
      decision: CONFIG.decision,
      transaction: CONFIG.transaction,
      extraBaseUrls: [],
      extraJejuUrls: [],
    });
  });

  const rows: readonly (readonly [OverrideName, string, typeof plain])[] = [
    [
      "max-gas-price-gwei",
      "250.5",
      { ...plain, transaction: { ...CONFIG.transaction, feeCapWei: 250_500_000_000n } },
    ],
    ["max-price-deviation-pct", "25", { ...plain, decision: { ...CONFIG.decision, holdBandBps: 2_500n } }],
    [
      "extra-base-rpc",
      "https://base.example.org/key",
      { ...plain, extraBaseUrls: ["https://base.example.org/key"] },
    ],
    [
      "extra-jeju-rpc",
      "http://a.example, http://b.example",
      { ...plain, extraJejuUrls: ["http://a.example", "http://b.example"] },
    ],
  ];
  for (const [name, value, expected] of rows) {
    test(`${name} changes its own setting and no other, until its chain time and not at it`, () => {
      const all = [parsed(name, value, NOW_S)];
      expect(effectiveSettings(CONFIG, all, NOW_S - 1n)).toEqual(expected);
      expect(effectiveSettings(CONFIG, all, NOW_S)).toEqual(plain);
    });
  }

  test("each ends by itself, whatever the others do", () => {
    const all = [
      parsed("max-gas-price-gwei", "200", NOW_S + 10n),
      parsed("max-price-deviation-pct", "20", NOW_S + 20n),
    ];
    const at = (chainTimeS: bigint) => {
      const { transaction, decision } = effectiveSettings(CONFIG, all, chainTimeS);
      return [transaction.feeCapWei / GWEI, decision.holdBandBps];
    };
    expect(at(NOW_S + 9n)).toEqual([200n, 2_000n]);
    expect(at(NOW_S + 10n)).toEqual([100n, 2_000n]);
    expect(at(NOW_S + 20n)).toEqual([100n, 1_000n]);
  });

  test("before the chain was ever read all count: one may be what lets it be read", () => {
    const all = [parsed("extra-jeju-rpc", "https://jeju.example.org", 1n)];
    expect(effectiveSettings(CONFIG, all, undefined).extraJejuUrls).toEqual(["https://jeju.example.org"]);
  });
});

describe("error: a value that its variable would not accept", () => {
  const rows: readonly (readonly [OverrideName, string, string])[] = [
    ["max-gas-price-gwei", "", "must be a number with at most 9 decimals"],
    ["max-gas-price-gwei", "-1", "must be a number with at most 9 decimals"],
    ["max-gas-price-gwei", "0", "is out of range"],
    ["max-price-deviation-pct", "51", "must be between 1 and 50"],
    ["max-price-deviation-pct", "0", "must be between 1 and 50"],
    ["max-price-deviation-pct", "ten", "must be a whole number"],
    ["max-price-deviation-pct", "2", "must not be smaller than DEVIATION_THRESHOLD_BPS"],
    ["extra-base-rpc", "", "must name at least one URL"],
    ["extra-base-rpc", "ftp://base.example.org", "must be http or https URLs, separated by commas"],
    ["extra-jeju-rpc", "jeju.example.org", "must be http or https URLs, separated by commas"],
    ["no-such-setting" as OverrideName, "1", "is no override that this version knows"],
  ];
  for (const [name, value, problem] of rows) {
    test(`${name} = ${JSON.stringify(value)}: ${problem}`, () => {
      expect(parseOverride(override(name, value), CONFIG)).toEqual({ valid: false, problem });
    });
  }
});

test("what is shown of a URL is its scheme and host", () => {
  const { shown } = parsed("extra-base-rpc", "https://user:word@base.example.org/v2/0123456789abcdef?k=1");
  expect(shown).toBe("https://base.example.org");
});
