import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, type ConfigProblem, scrubSecrets } from "@jeju-oracle/kit";
import { loadOracleConfig } from "../src/config.ts";
import { oracleEnv } from "../src/oracle-env.ts";
import { DECISION, ENV, TRANSACTION, VALIDATION } from "./support/fixtures.ts";

type Variable = keyof typeof oracleEnv;
const VARIABLES = Object.keys(oracleEnv) as Variable[];
const REQUIRED = new Set(Object.keys(ENV));

/** What an operator is told about this environment; empty when it is accepted. */
function problemsOf(env: Readonly<Record<string, string | undefined>>): readonly ConfigProblem[] {
  try {
    loadOracleConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

/** Whole numbers outside [min, max], and what is no whole number. */
const outside = (min: number, max: number) => {
  const tooSmall = min > 0 ? [String(min - 1)] : [];
  return [...tooSmall, String(max + 1), "-1", "1.5", "1e3", "0x10", "many", "9".repeat(40)];
};
const NO_ADDRESS = [
  "0x123",
  "71041dddad3595F9CEd3DcCFBe3D1F4b0a16Bb70",
  `0x${"g".repeat(40)}`,
  `0x${"a".repeat(41)}`,
];
const NO_URLS = ["ftp://rpc.example.com", "rpc.example.com", ",", "https://a.example,wss://b.example"];
const NO_BOOLEAN = ["yes", "1", "TRUE"];
const NO_PRICE = ["0", "-5", "1.123456789", "1,000", "free", "10000000001"];

const MALFORMED: Readonly<Record<Variable, readonly string[]>> = {
  BASE_RPC_URLS: [...NO_URLS, "https://a.example,https://a.example"],
  JEJU_RPC_URLS: [...NO_URLS, "https://a.example,https://a.example"],
  BASE_WS_URL: ["https://a.example", "a.example"],
  ORACLE_ADDRESS: NO_ADDRESS,
  ELIZAOS_TOKEN_BASE: NO_ADDRESS,
  PRICE_UPDATER_PRIVATE_KEY: [
    "0x5ec4e7",
    `0x${"5ec4e7".repeat(10)}abc`,
    `0x${"5ec4e7".repeat(11)}`,
    "correct horse battery staple 5ec4e7",
  ],
  FENCED_UPDATER_ADDRESS: NO_ADDRESS,
  CHAINLINK_ETH_USD_FEED: NO_ADDRESS,
  UNISWAP_V3_FACTORY: NO_ADDRESS,
  UNISWAP_V3_POOL: NO_ADDRESS,
  WETH_ADDRESS: NO_ADDRESS,
  SEQUENCER_UPTIME_FEED: NO_ADDRESS,
  SEQUENCER_GRACE_S: outside(0, 86_400),
  BASE_CHAIN_ID: outside(1, 2 ** 48),
  JEJU_CHAIN_ID: outside(1, 2 ** 48),
  UPDATE_INTERVAL_MS: outside(1_000, 86_400_000),
  PRICE_POLL_INTERVAL_MS: outside(200, 600_000),
  DEVIATION_THRESHOLD_BPS: outside(1, 10_000),
  MIN_UPDATE_INTERVAL_S: outside(0, 86_400),
  MAX_PRICE_DEVIATION_PCT: outside(1, 50),
  HOLD_CONFIRMATIONS: outside(1, 100),
  HOLD_MIN_DURATION_S: outside(0, 3_600),
  HOLD_AGREEMENT_BPS: outside(1, 5_000),
  MAX_SPOT_TWAP_SPREAD_PCT: outside(1, 100),
  TWAP_WINDOW_S: outside(10, 3_600),
  TWAP_MIN_WINDOW_S: outside(10, 3_600),
  ALLOW_SAMPLED_MEDIAN: NO_BOOLEAN,
  MIN_POOL_DEPTH_WETH: ["-1", "1.1234567890123456789", "deep", "100000001"],
  FEED_MAX_AGE_S: outside(1, 86_400),
  MAX_HEAD_AGE_S: outside(5, 3_600),
  ETH_USD_MIN: NO_PRICE,
  ETH_USD_MAX: NO_PRICE,
  ELIZA_USD_MIN: NO_PRICE,
  ELIZA_USD_MAX: NO_PRICE,
  GAS_PRICE_MULTIPLIER: ["0.99", "10.01", "1.234", "-1", "high"],
  MAX_GAS_PRICE_GWEI: ["0", "0.0000000001", "1000001", "-1", "low"],
  MAX_RETRIES: outside(0, 20),
  RETRY_DELAY_MS: outside(100, 300_000),
  RPC_TIMEOUT_MS: outside(100, 30_000),
  TX_DEADLINE_MS: outside(1_000, 600_000),
  OBSERVE_ONLY: NO_BOOLEAN,
};

describe("error: each malformed variable is named, with reason and example, and its value is not repeated", () => {
  for (const variable of VARIABLES) {
    test(variable, () => {
      for (const value of MALFORMED[variable]) {
        const problems = problemsOf({ ...ENV, [variable]: value });
        expect({ value, problems }).toEqual({
          value,
          problems: [
            { variable, problem: expect.stringMatching(/\w{4}/), example: oracleEnv[variable].example },
          ],
        });
        if (value.length > 8) expect(problems[0]?.problem).not.toContain(value);
      }
    });
  }

  test("all problems are told at once", () => {
    const broken = Object.fromEntries(VARIABLES.map((variable) => [variable, MALFORMED[variable][0]]));
    expect(problemsOf(broken).map(({ variable }) => variable)).toEqual(VARIABLES);
  });
});

describe("required variables", () => {
  for (const variable of VARIABLES) {
    test(`${variable} ${REQUIRED.has(variable) ? "is required" : "may be left out"}`, () => {
      for (const value of [undefined, "", "   "]) {
        const problems = problemsOf({ ...ENV, [variable]: value });
        expect(problems.map(({ problem }) => problem)).toEqual(
          REQUIRED.has(variable) ? ["is required but not set"] : [],
        );
      }
    });
  }
});

describe("the defaults", () => {
  const config = loadOracleConfig(ENV);

  test("are those of the tests, in the units the code uses", () => {
    expect(config.validation).toEqual(VALIDATION);
    expect(config.decision).toEqual(DECISION);
    expect(config.transaction).toEqual(TRANSACTION);
  });

  test("name the chains and contracts of the running deployment", () => {
    expect(config).toMatchObject({
      base: { chainId: 8453, rpcTimeoutMs: 1_500, wsUrl: undefined },
      jeju: { chainId: 420691, rpcTimeoutMs: 1_500 },
      feed: "0x71041dddad3595F9CEd3DcCFBe3D1F4b0a16Bb70",
      factory: "0x33128a8fC17869897dcE68Ed026d694621f6FDfD",
      weth: "0x4200000000000000000000000000000000000006",
      pool: undefined,
      fencedUpdater: undefined,
      sequencerFeed: undefined,
      observeOnly: false,
      allowSampledMedian: false,
      twapWindowS: 1_800,
      twapMinWindowS: 300,
      pollIntervalMs: 10_000,
    });
  });

  test("and the examples are themselves accepted", () => {
    for (const variable of VARIABLES) {
      if (variable === "PRICE_UPDATER_PRIVATE_KEY") continue;
      const { example } = oracleEnv[variable];
      expect({ variable, problems: problemsOf({ ...ENV, [variable]: example }) }).toEqual({
        variable,
        problems: [],
      });
    }
  });

  test("every variable says what it means", () => {
    for (const variable of VARIABLES) expect(oracleEnv[variable].about).toMatch(/^\w.{10,}\.$/);
  });
});

describe("relations: two variables that contradict each other", () => {
  const rows: readonly (readonly [
    low: Variable,
    lowValue: string,
    high: Variable,
    highValue: string,
    fits: string,
  ])[] = [
    ["TWAP_MIN_WINDOW_S", "301", "TWAP_WINDOW_S", "300", "300"],
    ["ETH_USD_MIN", "500.00000001", "ETH_USD_MAX", "500", "500"],
    ["ELIZA_USD_MIN", "0.00000002", "ELIZA_USD_MAX", "0.00000001", "0.00000001"],
    ["PRICE_POLL_INTERVAL_MS", "60001", "UPDATE_INTERVAL_MS", "60000", "60000"],
    ["MIN_UPDATE_INTERVAL_S", "61", "UPDATE_INTERVAL_MS", "60000", "60"],
    ["DEVIATION_THRESHOLD_BPS", "501", "MAX_PRICE_DEVIATION_PCT", "5", "500"],
  ];
  for (const [low, lowValue, high, highValue, fits] of rows) {
    test(`${low} must not be larger than ${high}`, () => {
      expect(problemsOf({ ...ENV, [low]: lowValue, [high]: highValue })).toEqual([
        { variable: low, problem: `must not be larger than ${high}`, example: oracleEnv[low].example },
      ]);
      expect(problemsOf({ ...ENV, [low]: fits, [high]: highValue })).toEqual([]);
    });
  }
});

describe("units", () => {
  test("decimal dollars, gwei, WETH and factors become exact integers", () => {
    const config = loadOracleConfig({
      ...ENV,
      ETH_USD_MIN: "0.00000001",
      ELIZA_USD_MAX: "9999.12345678",
      MAX_GAS_PRICE_GWEI: "0.000000001",
      MIN_POOL_DEPTH_WETH: "0.000000000000000001",
      GAS_PRICE_MULTIPLIER: "1.05",
    });
    expect(config.validation).toMatchObject({
      ethUsdMin8: 1n,
      elizaUsdMax8: 999_912_345_678n,
      minPoolDepthWei: 1n,
    });
    expect(config.transaction).toMatchObject({ feeCapWei: 1n, gasPriceMultiplierPct: 105n });
  });

  test("lists of URLs keep their order and lose their blanks", () => {
    const config = loadOracleConfig({ ...ENV, BASE_RPC_URLS: " https://b.example , http://a.example,, " });
    expect(config.base.rpcUrls).toEqual(["https://b.example", "http://a.example"]);
  });
});

describe("secrets", () => {
  const KEY = `0x${"5ec4e7".repeat(10)}abcd`;
  const URL_KEY = "5ec4e7f0r4pr0v1der5ec4e7";
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "config-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function secretFile(content: string, mode = 0o600): string {
    const path = join(directory, `secret-${mode.toString(8)}`);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  function messageOf(env: Readonly<Record<string, string | undefined>>): string {
    try {
      loadOracleConfig(env);
      return "";
    } catch (error) {
      return error instanceof Error ? `${error.message}\n${JSON.stringify(error)}` : String(error);
    }
  }

  test("a malformed key or URL is never repeated in the message", () => {
    for (const value of MALFORMED.PRICE_UPDATER_PRIVATE_KEY) {
      const message = messageOf({ ...ENV, PRICE_UPDATER_PRIVATE_KEY: value });
      expect(message).toContain("PRICE_UPDATER_PRIVATE_KEY: must be a private key");
      expect(message).not.toContain("5ec4e7");
    }
    expect(messageOf({ ...ENV, BASE_RPC_URLS: `ftp://rpc.example.com/${URL_KEY}` })).not.toContain(URL_KEY);
    expect(messageOf({ ...ENV, BASE_WS_URL: `http://rpc.example.com/${URL_KEY}` })).not.toContain(URL_KEY);
  });

  test("a good key cannot be printed, and is scrubbed from any text", () => {
    const config = loadOracleConfig({ ...ENV, PRICE_UPDATER_PRIVATE_KEY: KEY });
    expect(config.updaterKey.reveal()).toBe(KEY);
    expect(
      `${config.updaterKey} ${JSON.stringify(config.updaterKey)} ${Bun.inspect(config.updaterKey)}`,
    ).not.toContain("5ec4e7");
    expect(scrubSecrets(`signing with ${KEY}`)).not.toContain("5ec4e7");
  });

  test("keys inside RPC and WebSocket URLs are scrubbed from any text", () => {
    loadOracleConfig({
      ...ENV,
      JEJU_RPC_URLS: `https://rpc.example.com/v2/${URL_KEY}`,
      BASE_WS_URL: "wss://ada:pa55word5ec@rpc.example.com/",
    });
    const clean = scrubSecrets(`failed: https://rpc.example.com/v2/${URL_KEY} as ada:pa55word5ec`);
    expect(clean).not.toContain(URL_KEY);
    expect(clean).not.toContain("pa55word5ec");
  });

  test("a key with or without 0x is the same key", () => {
    const bare = KEY.slice(2);
    expect(loadOracleConfig({ ...ENV, PRICE_UPDATER_PRIVATE_KEY: bare }).updaterKey.reveal()).toBe(KEY);
  });

  test("may come from a file that only its owner can read", () => {
    const { PRICE_UPDATER_PRIVATE_KEY: _, ...rest } = ENV;
    const PRICE_UPDATER_PRIVATE_KEY_FILE = secretFile(`${KEY}\n`);
    expect(loadOracleConfig({ ...rest, PRICE_UPDATER_PRIVATE_KEY_FILE }).updaterKey.reveal()).toBe(KEY);
  });

  test("error: a file that others can read, that is missing, or beside the variable itself is refused", () => {
    const { PRICE_UPDATER_PRIVATE_KEY: _, ...rest } = ENV;
    const file = (path: string) => ({ PRICE_UPDATER_PRIVATE_KEY_FILE: path });
    const [open] = problemsOf({ ...rest, ...file(secretFile(KEY, 0o644)) });
    expect(open).toMatchObject({ variable: "PRICE_UPDATER_PRIVATE_KEY_FILE" });
    expect(open?.problem).toContain("chmod 600");
    const [missing] = problemsOf({ ...rest, ...file(join(directory, "missing")) });
    expect(missing?.problem).toContain("cannot be read");
    const [both] = problemsOf({ ...ENV, ...file(secretFile(KEY)) });
    expect(both?.problem).toContain("keep one of the two");
  });
});
