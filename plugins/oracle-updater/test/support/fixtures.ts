/** One consistent set of inputs. Every test starts from what is right and changes the one thing it is about. */
import type { LeadershipRefusal } from "@jeju-oracle/kit";
import type { DecisionConfig, TransactionConfig, ValidationConfig } from "../../src/config.ts";
import type { DecisionInput, Permissions } from "../../src/decision/decide.ts";
import type { OracleState } from "../../src/oracle/oracle-state.ts";
import type { Quote } from "../../src/price/quote.ts";
import type { FeedRound, PoolReading, SourcePins, SourceReading } from "../../src/price/source-reading.ts";
import { sqrtRatioX96AtTick } from "../../src/price/tick-math.ts";
import type { ObservedWindow } from "../../src/price/twap.ts";
import type { ValidationContext } from "../../src/price/validate-reading.ts";
import type { Look } from "../../src/updater/events.ts";

/** Chain time of every fixture, s. */
export const NOW_S = 1_700_000_000n;
export const GWEI = 10n ** 9n;

/** About 25,000 elizaOS per ETH with elizaOS as token1. */
export const TICK = 101_272;
const WINDOW_S = 1_800;

export const PINS: SourcePins = {
  pool: "0x0000000000000000000000000000000000000b01",
  elizaIsToken0: false,
  elizaDecimals: 18,
  feedDecimals: 8,
};

export const VALIDATION: ValidationConfig = {
  feedMaxAgeS: 1_800n,
  maxHeadAgeS: 60n,
  sequencerGraceS: 3_600n,
  minPoolDepthWei: 10n * 10n ** 18n,
  ethUsdMin8: 500n * 10n ** 8n,
  ethUsdMax8: 10_000n * 10n ** 8n,
  elizaUsdMin8: 100n,
  elizaUsdMax8: 10_000n * 10n ** 8n,
};

export const DECISION: DecisionConfig = {
  heartbeatMs: 300_000,
  deviationThresholdBps: 100n,
  minUpdateIntervalS: 60n,
  holdBandBps: 1_000n,
  holdConfirmations: 3,
  holdMinDurationS: 60n,
  holdAgreementBps: 200n,
  maxSpotTwapSpreadBps: 500n,
};

export const TRANSACTION: TransactionConfig = {
  gasPriceMultiplierPct: 120n,
  feeCapWei: 100n * GWEI,
  deadlineMs: 20_000,
  retryDelayMs: 5_000,
  maxRetries: 3,
};

export const FEED: FeedRound = {
  decimals: 8,
  roundId: 110n,
  answer: 3_100n * 10n ** 8n,
  startedAtS: NOW_S - 60n,
  updatedAtS: NOW_S - 60n,
  answeredInRound: 110n,
};

/** What `observe` returns over `windowS` for a pool that stood at `tick` with `liquidity` all the time. */
export function steadyWindow(tick: number, liquidity: bigint, windowS = WINDOW_S): ObservedWindow {
  return {
    windowS,
    tickCumulatives: [0n, BigInt(tick) * BigInt(windowS)],
    secondsPerLiquidityX128: [0n, (BigInt(windowS) << 128n) / liquidity],
  };
}

const LIQUIDITY = 10n ** 24n;

export const POOL: PoolReading = {
  spotTick: TICK,
  spotSqrtPriceX96: sqrtRatioX96AtTick(TICK),
  liquidity: LIQUIDITY,
  observationCardinality: 1_000,
  observationCardinalityNext: 1_000,
  window: steadyWindow(TICK, LIQUIDITY),
};

export const READING: SourceReading = {
  blockNumber: 20_000_000n,
  blockTimestampS: NOW_S,
  feed: FEED,
  sequencer: undefined,
  pool: POOL,
};

export const CONTEXT: ValidationContext = {
  pins: PINS,
  jejuTimestampS: NOW_S,
  hostTimestampS: NOW_S,
  samples: [],
  minMedianWindowS: undefined,
};

export const QUOTE: Quote = {
  kind: "quote",
  ethUsd8: 3_100n * 10n ** 8n,
  elizaUsd8: 12_400_000n,
  blockNumber: 20_000_000n,
  blockTimestampS: NOW_S,
  feedAgeS: 60n,
  spotElizaUsd8: 12_400_000n,
  spotTwapSpreadBps: 0n,
  averaging: "twap",
  windowS: WINDOW_S,
  poolDepthWei: 100n * 10n ** 18n,
};

/** What the leadership port answers to a follower. */
export const FOLLOWS: LeadershipRefusal = { granted: false, leaderId: "bot-2", reason: "follower" };

export const PERMISSIONS: Permissions = {
  leadership: { granted: true, as: "leader", term: 1 },
  paused: undefined,
  observeOnly: false,
  inFlight: { kind: "clear" },
  gasPriceNeededWei: GWEI,
  feeCapWei: TRANSACTION.feeCapWei,
  backOffMs: 0,
};

/** A look two minutes after the last update, with unchanged prices: nothing is due. */
export const LOOK: DecisionInput = {
  source: QUOTE,
  chain: { ethUsd8: QUOTE.ethUsd8, elizaUsd8: QUOTE.elizaUsd8, lastUpdateS: NOW_S - 120n },
  hold: { kind: "in-band" },
  nowS: NOW_S,
  forced: false,
  permissions: PERMISSIONS,
};

/** A complete environment; the key is the first of anvil's published test keys. */
export const ENV: Readonly<Record<string, string>> = {
  BASE_RPC_URLS: "https://base.example.com",
  JEJU_RPC_URLS: "https://jeju.example.com",
  ORACLE_ADDRESS: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  ELIZAOS_TOKEN_BASE: "0xea17Df5Cf6D172224892B5477A16ACb111182478",
  PRICE_UPDATER_PRIVATE_KEY: "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
};

export const ORACLE_STATE: OracleState = {
  ...LOOK.chain,
  blockNumber: 500n,
  blockTimestampS: NOW_S,
  contractPaused: undefined,
  updateCount: undefined,
  keyAccepted: true,
  walletBalanceWei: 10n ** 18n,
  gasPriceWei: GWEI,
  latestNonce: 7,
  pendingNonce: 7,
};

/** What the updater reports of {@link LOOK}. */
export const REPORTED_LOOK: Look = {
  state: ORACLE_STATE,
  source: QUOTE,
  decision: { kind: "skip", reason: "unchanged", detail: "ETH moved 0 bps", wouldPush: undefined },
  nowS: NOW_S,
};
