import { describe, expect, test } from "bun:test";
import type { ValidationConfig } from "../../src/config.ts";
import type { RejectionCode } from "../../src/price/rejection.ts";
import type { TickSample } from "../../src/price/sampled-median.ts";
import type { FeedRound, PoolReading, SourceReading } from "../../src/price/source-reading.ts";
import { sqrtRatioX96AtTick } from "../../src/price/tick-math.ts";
import type { ObservedWindow } from "../../src/price/twap.ts";
import { type ValidationContext, validateReading } from "../../src/price/validate-reading.ts";
import {
  CONTEXT,
  FEED,
  NOW_S,
  PINS,
  POOL,
  READING,
  steadyWindow,
  TICK,
  VALIDATION,
} from "../support/fixtures.ts";

interface Change {
  readonly reading?: Partial<SourceReading>;
  readonly feed?: Partial<FeedRound>;
  readonly pool?: Partial<PoolReading>;
  readonly context?: Partial<ValidationContext>;
  readonly config?: Partial<ValidationConfig>;
}

/** The outcome in one word: the rejection's code, or `quote`. */
function judge({ reading, feed, pool, context, config }: Change): RejectionCode | "quote" {
  const outcome = validateReading(
    { ...READING, feed: { ...FEED, ...feed }, pool: { ...POOL, ...pool }, ...reading },
    { ...CONTEXT, ...context },
    { ...VALIDATION, ...config },
  );
  return outcome.kind === "quote" ? "quote" : outcome.code;
}

function upSince(startedAtS: bigint): FeedRound {
  return { decimals: 0, roundId: 1n, answer: 0n, startedAtS, updatedAtS: startedAtS, answeredInRound: 1n };
}

const accepted = validateReading(READING, CONTEXT, VALIDATION);
if (accepted.kind !== "quote") throw new Error(`the fixture is rejected: ${accepted.detail}`);
const { ethUsd8, elizaUsd8, poolDepthWei } = accepted;

/** Each row: the worst that is still accepted, and the mildest that is not. */
const BOUNDARIES: readonly (readonly [RejectionCode, string, Change, Change])[] = [
  [
    "source-head-stale",
    "60 s old | 61 s old",
    { context: { jejuTimestampS: NOW_S + 60n, hostTimestampS: NOW_S + 60n } },
    { context: { jejuTimestampS: NOW_S + 61n, hostTimestampS: NOW_S + 61n } },
  ],
  [
    "source-head-from-future",
    "5 s ahead | 6 s ahead",
    { context: { jejuTimestampS: NOW_S - 5n, hostTimestampS: NOW_S - 5n } },
    { context: { jejuTimestampS: NOW_S - 6n, hostTimestampS: NOW_S - 6n } },
  ],
  [
    "sequencer-down",
    "answer 0 | answer 1",
    { reading: { sequencer: upSince(NOW_S - 86_400n) } },
    { reading: { sequencer: { ...upSince(NOW_S - 86_400n), answer: 1n } } },
  ],
  [
    "sequencer-down",
    "readable | unreadable",
    { reading: { sequencer: upSince(NOW_S - 86_400n) } },
    { reading: { sequencer: "unreadable" } },
  ],
  [
    "sequencer-down",
    "started | never started",
    { reading: { sequencer: upSince(1n) } },
    { reading: { sequencer: upSince(0n) } },
  ],
  [
    "sequencer-grace",
    "3601 s after the outage | 3600 s",
    { reading: { sequencer: upSince(NOW_S - 3_601n) } },
    { reading: { sequencer: upSince(NOW_S - 3_600n) } },
  ],
  ["feed-missing", "answers | does not answer", {}, { reading: { feed: undefined } }],
  ["feed-wrong-decimals", "8 as pinned | 18", {}, { feed: { decimals: 18 } }],
  [
    "answer-not-positive",
    "positive | zero",
    { feed: { answer: 10n ** 8n }, config: { ethUsdMin8: 1n } },
    { feed: { answer: 0n } },
  ],
  ["answer-not-positive", "positive | negative", {}, { feed: { answer: -1n } }],
  [
    "round-incomplete",
    "answered in its round | in an earlier one",
    { feed: { roundId: 110n, answeredInRound: 110n } },
    { feed: { roundId: 110n, answeredInRound: 109n } },
  ],
  ["round-incomplete", "updated | never updated", {}, { feed: { updatedAtS: 0n } }],
  [
    "feed-stale",
    "1800 s old | 1801 s old",
    { feed: { updatedAtS: NOW_S - 1_800n } },
    { feed: { updatedAtS: NOW_S - 1_801n } },
  ],
  [
    "feed-from-future",
    "5 s ahead of its block | 6 s ahead",
    { feed: { updatedAtS: NOW_S + 5n } },
    { feed: { updatedAtS: NOW_S + 6n } },
  ],
  ["pool-missing", "answers | does not answer", {}, { reading: { pool: undefined } }],
  ["twap-window-too-short", "observed | not observed", {}, { pool: { window: undefined } }],
  [
    "liquidity-below-minimum",
    "exactly the minimum | one wei less",
    { config: { minPoolDepthWei: poolDepthWei } },
    { config: { minPoolDepthWei: poolDepthWei + 1n } },
  ],
  [
    "out-of-bounds",
    "ETH at its lower bound | one unit below",
    { config: { ethUsdMin8: ethUsd8 } },
    { config: { ethUsdMin8: ethUsd8 + 1n } },
  ],
  [
    "out-of-bounds",
    "ETH at its upper bound | one unit above",
    { config: { ethUsdMax8: ethUsd8 } },
    { config: { ethUsdMax8: ethUsd8 - 1n } },
  ],
  [
    "out-of-bounds",
    "elizaOS at its lower bound | one unit below",
    { config: { elizaUsdMin8: elizaUsd8 } },
    { config: { elizaUsdMin8: elizaUsd8 + 1n } },
  ],
  [
    "out-of-bounds",
    "elizaOS at its upper bound | one unit above",
    { config: { elizaUsdMax8: elizaUsd8 } },
    { config: { elizaUsdMax8: elizaUsd8 - 1n } },
  ],
];

describe("G4: each rejection begins exactly where it should", () => {
  for (const [code, boundary, inside, outside] of BOUNDARIES) {
    test(`${code}: ${boundary}`, () => {
      expect(judge(inside)).toBe("quote");
      expect(judge(outside)).toBe(code);
    });
  }

  test("every rejection code has a row", () => {
    const ALL: Record<RejectionCode, true> = {
      "feed-missing": true,
      "feed-wrong-decimals": true,
      "answer-not-positive": true,
      "round-incomplete": true,
      "feed-stale": true,
      "feed-from-future": true,
      "sequencer-down": true,
      "sequencer-grace": true,
      "source-head-stale": true,
      "source-head-from-future": true,
      "pool-missing": true,
      "liquidity-below-minimum": true,
      "twap-window-too-short": true,
      "out-of-bounds": true,
    };
    expect(new Set<string>(BOUNDARIES.map(([code]) => code))).toEqual(new Set(Object.keys(ALL)));
  });
});

describe("which clock judges age: any single wrong clock changes no answer", () => {
  const HOUR_S = 3_600n;
  const cases: readonly (readonly [string, Change, RejectionCode | "quote"])[] = [
    ["host one hour ahead", { context: { hostTimestampS: NOW_S + HOUR_S } }, "quote"],
    ["host one hour behind", { context: { hostTimestampS: NOW_S - HOUR_S } }, "quote"],
    ["Jeju stopped for an hour", { context: { jejuTimestampS: NOW_S - HOUR_S } }, "quote"],
    ["Jeju one hour ahead", { context: { jejuTimestampS: NOW_S + HOUR_S } }, "quote"],
    [
      "Base lags by an hour",
      { reading: { blockTimestampS: NOW_S - HOUR_S }, feed: { updatedAtS: NOW_S - HOUR_S } },
      "source-head-stale",
    ],
    [
      "Base one hour ahead",
      { reading: { blockTimestampS: NOW_S + HOUR_S }, feed: { updatedAtS: NOW_S + HOUR_S } },
      "source-head-from-future",
    ],
    [
      "host one hour ahead and the feed just within its age",
      { context: { hostTimestampS: NOW_S + HOUR_S }, feed: { updatedAtS: NOW_S - 1_800n } },
      "quote",
    ],
    [
      "host one hour behind hides no stale feed",
      { context: { hostTimestampS: NOW_S - HOUR_S }, feed: { updatedAtS: NOW_S - 1_801n } },
      "feed-stale",
    ],
    [
      "host one hour ahead hides no lagging Base",
      {
        context: { jejuTimestampS: NOW_S + 600n, hostTimestampS: NOW_S + HOUR_S },
      },
      "source-head-stale",
    ],
  ];
  for (const [name, change, outcome] of cases) test(name, () => expect(judge(change)).toBe(outcome));
});

describe("a quote", () => {
  test("carries both prices, their block and how they were averaged", () => {
    expect(accepted).toMatchObject({
      kind: "quote",
      ethUsd8: 3_100n * 10n ** 8n,
      blockNumber: READING.blockNumber,
      blockTimestampS: NOW_S,
      feedAgeS: 60n,
      averaging: "twap",
      windowS: 1_800,
      spotTwapSpreadBps: 0n,
    });
    expect(Math.abs(Number(elizaUsd8) - 12_400_000)).toBeLessThan(1_300);
  });

  test("G4: takes the price from the average; a moved spot shows only as spread", () => {
    const moved = TICK + 2_232;
    const outcome = validateReading(
      { ...READING, pool: { ...POOL, spotTick: moved, spotSqrtPriceX96: sqrtRatioX96AtTick(moved) } },
      CONTEXT,
      VALIDATION,
    );
    if (outcome.kind !== "quote") throw new Error(outcome.detail);
    expect(outcome.elizaUsd8).toBe(elizaUsd8);
    expect(outcome.spotTwapSpreadBps).toBe(2_000n);
  });

  test("is the same for both token orders", () => {
    const mirrored = validateReading(
      {
        ...READING,
        pool: {
          ...POOL,
          window: steadyWindow(-TICK, POOL.liquidity),
          spotSqrtPriceX96: sqrtRatioX96AtTick(-TICK),
        },
      },
      { ...CONTEXT, pins: { ...PINS, elizaIsToken0: true } },
      VALIDATION,
    );
    expect(mirrored).toMatchObject({ kind: "quote", ethUsd8, elizaUsd8 });
  });

  test("uses the decimals that were pinned, not those of another token", () => {
    expect(judge({ context: { pins: { ...PINS, elizaDecimals: 6 } }, config: { elizaUsdMin8: 1n } })).toBe(
      "out-of-bounds",
    );
  });
});

describe("when the pool remembers too little", () => {
  const samples: readonly TickSample[] = Array.from({ length: 31 }, (_, index) => ({
    blockTimestampS: NOW_S - 300n + BigInt(index * 10),
    tick: TICK,
    liquidity: POOL.liquidity,
  }));
  const blind = { pool: { window: undefined, observationCardinality: 1 } };

  test("the sampled median serves only where it was allowed", () => {
    expect(judge({ ...blind, context: { samples, minMedianWindowS: undefined } })).toBe(
      "twap-window-too-short",
    );
    expect(judge({ ...blind, context: { samples, minMedianWindowS: 300 } })).toBe("quote");
  });

  test("the sampled median needs the same shortest window", () => {
    expect(judge({ ...blind, context: { samples: samples.slice(1), minMedianWindowS: 300 } })).toBe(
      "twap-window-too-short",
    );
  });

  test("a quote says that it came from own samples", () => {
    const outcome = validateReading(
      { ...READING, pool: { ...POOL, window: undefined } },
      { ...CONTEXT, samples, minMedianWindowS: 300 },
      VALIDATION,
    );
    expect(outcome).toMatchObject({ kind: "quote", averaging: "sampled-median", windowS: 300, elizaUsd8 });
  });

  test("the pool's own average is preferred to own samples", () => {
    const wrong = samples.map((sample) => ({ ...sample, tick: 0 }));
    const outcome = validateReading(
      READING,
      { ...CONTEXT, samples: wrong, minMedianWindowS: 300 },
      VALIDATION,
    );
    expect(outcome).toMatchObject({ averaging: "twap", elizaUsd8 });
  });

  test("one moment of drought in the window counts as the pool's depth", () => {
    const dry = samples.map((sample, index) => (index === 5 ? { ...sample, liquidity: 1n } : sample));
    expect(judge({ ...blind, context: { samples: dry, minMedianWindowS: 300 } })).toBe(
      "liquidity-below-minimum",
    );
  });
});

describe("the first reason is the one that explains the others", () => {
  test("a stale head is named before the stale feed it brings along", () => {
    expect(
      judge({
        context: { jejuTimestampS: NOW_S + 7_200n, hostTimestampS: NOW_S + 7_200n },
        feed: { updatedAtS: NOW_S - 7_200n },
      }),
    ).toBe("source-head-stale");
  });

  test("a sequencer that is down is named before the feed that it stops", () => {
    expect(judge({ reading: { sequencer: "unreadable" }, feed: { updatedAtS: NOW_S - 7_200n } })).toBe(
      "sequencer-down",
    );
  });

  test("the detail carries the numbers", () => {
    const outcome = validateReading(
      { ...READING, feed: { ...FEED, updatedAtS: NOW_S - 2_000n } },
      CONTEXT,
      VALIDATION,
    );
    expect(outcome).toMatchObject({ code: "feed-stale", detail: expect.stringContaining("2000 s old") });
  });
});

test("error: cumulative values that give a tick Uniswap cannot have are a rejection, not a crash", () => {
  const absurd: ObservedWindow = {
    windowS: 1_800,
    tickCumulatives: [0n, 900_000n * 1_800n],
    secondsPerLiquidityX128: steadyWindow(0, 10n ** 24n).secondsPerLiquidityX128,
  };
  const reading = { ...READING, pool: { ...POOL, window: absurd } };
  expect(validateReading(reading, CONTEXT, VALIDATION)).toMatchObject({
    kind: "rejection",
    code: "out-of-bounds",
  });
});
