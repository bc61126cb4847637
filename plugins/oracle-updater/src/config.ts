/** The configuration of the price loop, from its variables to the units that the code uses. */
import { type ConfigProblem, type Env, parseEnv, registerUrlSecrets, type Secret } from "@jeju-oracle/kit";
import type { Address } from "viem";
import { type OracleEnvValues, oracleEnv } from "./oracle-env.ts";

/** Settings of the price loop in the units the code uses. Prices have 8 decimals. */
export interface OracleConfig {
  readonly base: ChainConfig;
  readonly jeju: ChainConfig;
  readonly oracleAddress: Address;
  readonly elizaToken: Address;
  readonly fencedUpdater: Address | undefined;
  readonly feed: Address;
  readonly sequencerFeed: Address | undefined;
  readonly factory: Address;
  readonly pool: Address | undefined;
  readonly weth: Address;
  readonly updaterKey: Secret;
  readonly observeOnly: boolean;
  readonly pollIntervalMs: number;
  readonly allowSampledMedian: boolean;
  readonly twapWindowS: number;
  readonly twapMinWindowS: number;
  readonly validation: ValidationConfig;
  readonly decision: DecisionConfig;
  readonly transaction: TransactionConfig;
}

export interface ChainConfig {
  readonly rpcUrls: readonly string[];
  readonly wsUrl: string | undefined;
  readonly chainId: number;
  readonly rpcTimeoutMs: number;
}

export interface ValidationConfig {
  readonly feedMaxAgeS: bigint;
  readonly maxHeadAgeS: bigint;
  readonly sequencerGraceS: bigint;
  readonly minPoolDepthWei: bigint;
  readonly ethUsdMin8: bigint;
  readonly ethUsdMax8: bigint;
  readonly elizaUsdMin8: bigint;
  readonly elizaUsdMax8: bigint;
}

export interface DecisionConfig {
  readonly heartbeatMs: number;
  readonly deviationThresholdBps: bigint;
  readonly minUpdateIntervalS: bigint;
  readonly holdBandBps: bigint;
  readonly holdConfirmations: number;
  readonly holdMinDurationS: bigint;
  readonly holdAgreementBps: bigint;
  readonly maxSpotTwapSpreadBps: bigint;
}

export interface TransactionConfig {
  readonly gasPriceMultiplierPct: bigint;
  readonly feeCapWei: bigint;
  readonly deadlineMs: number;
  readonly retryDelayMs: number;
  readonly maxRetries: number;
}

/**
 * Reads the plugin's configuration.
 * @throws {ConfigError} with one problem per wrong variable.
 */
export function loadOracleConfig(env: Env): OracleConfig {
  const values = parseEnv(oracleEnv, env, relationProblems);
  for (const url of [...values.BASE_RPC_URLS, ...values.JEJU_RPC_URLS]) registerUrlSecrets(url);
  if (values.BASE_WS_URL !== undefined) registerUrlSecrets(values.BASE_WS_URL);
  return toConfig(values);
}

function relationProblems(values: OracleEnvValues): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const mustNotExceed = (low: keyof typeof oracleEnv, high: keyof typeof oracleEnv, holds: boolean) => {
    if (!holds) {
      problems.push({
        variable: low,
        problem: `must not be larger than ${high}`,
        example: oracleEnv[low].example,
      });
    }
  };
  mustNotExceed("TWAP_MIN_WINDOW_S", "TWAP_WINDOW_S", values.TWAP_MIN_WINDOW_S <= values.TWAP_WINDOW_S);
  mustNotExceed("ETH_USD_MIN", "ETH_USD_MAX", values.ETH_USD_MIN <= values.ETH_USD_MAX);
  mustNotExceed("ELIZA_USD_MIN", "ELIZA_USD_MAX", values.ELIZA_USD_MIN <= values.ELIZA_USD_MAX);
  mustNotExceed(
    "PRICE_POLL_INTERVAL_MS",
    "UPDATE_INTERVAL_MS",
    values.PRICE_POLL_INTERVAL_MS <= values.UPDATE_INTERVAL_MS,
  );
  mustNotExceed(
    "MIN_UPDATE_INTERVAL_S",
    "UPDATE_INTERVAL_MS",
    values.MIN_UPDATE_INTERVAL_S * 1000n <= BigInt(values.UPDATE_INTERVAL_MS),
  );
  mustNotExceed(
    "DEVIATION_THRESHOLD_BPS",
    "MAX_PRICE_DEVIATION_PCT",
    values.DEVIATION_THRESHOLD_BPS <= values.MAX_PRICE_DEVIATION_PCT * 100n,
  );
  return problems;
}

function toConfig(values: OracleEnvValues): OracleConfig {
  return {
    base: {
      rpcUrls: values.BASE_RPC_URLS,
      wsUrl: values.BASE_WS_URL,
      chainId: values.BASE_CHAIN_ID,
      rpcTimeoutMs: values.RPC_TIMEOUT_MS,
    },
    jeju: {
      rpcUrls: values.JEJU_RPC_URLS,
      wsUrl: undefined,
      chainId: values.JEJU_CHAIN_ID,
      rpcTimeoutMs: values.RPC_TIMEOUT_MS,
    },
    oracleAddress: values.ORACLE_ADDRESS,
    elizaToken: values.ELIZAOS_TOKEN_BASE,
    fencedUpdater: values.FENCED_UPDATER_ADDRESS,
    feed: values.CHAINLINK_ETH_USD_FEED,
    sequencerFeed: values.SEQUENCER_UPTIME_FEED,
    factory: values.UNISWAP_V3_FACTORY,
    pool: values.UNISWAP_V3_POOL,
    weth: values.WETH_ADDRESS,
    updaterKey: values.PRICE_UPDATER_PRIVATE_KEY,
    observeOnly: values.OBSERVE_ONLY,
    pollIntervalMs: values.PRICE_POLL_INTERVAL_MS,
    allowSampledMedian: values.ALLOW_SAMPLED_MEDIAN,
    twapWindowS: values.TWAP_WINDOW_S,
    twapMinWindowS: values.TWAP_MIN_WINDOW_S,
    validation: {
      feedMaxAgeS: values.FEED_MAX_AGE_S,
      maxHeadAgeS: values.MAX_HEAD_AGE_S,
      sequencerGraceS: BigInt(values.SEQUENCER_GRACE_S),
      minPoolDepthWei: values.MIN_POOL_DEPTH_WETH,
      ethUsdMin8: values.ETH_USD_MIN,
      ethUsdMax8: values.ETH_USD_MAX,
      elizaUsdMin8: values.ELIZA_USD_MIN,
      elizaUsdMax8: values.ELIZA_USD_MAX,
    },
    decision: {
      heartbeatMs: values.UPDATE_INTERVAL_MS,
      deviationThresholdBps: values.DEVIATION_THRESHOLD_BPS,
      minUpdateIntervalS: values.MIN_UPDATE_INTERVAL_S,
      holdBandBps: values.MAX_PRICE_DEVIATION_PCT * 100n,
      holdConfirmations: values.HOLD_CONFIRMATIONS,
      holdMinDurationS: values.HOLD_MIN_DURATION_S,
      holdAgreementBps: values.HOLD_AGREEMENT_BPS,
      maxSpotTwapSpreadBps: values.MAX_SPOT_TWAP_SPREAD_PCT * 100n,
    },
    transaction: {
      gasPriceMultiplierPct: values.GAS_PRICE_MULTIPLIER,
      feeCapWei: values.MAX_GAS_PRICE_GWEI,
      deadlineMs: values.TX_DEADLINE_MS,
      retryDelayMs: values.RETRY_DELAY_MS,
      maxRetries: values.MAX_RETRIES,
    },
  };
}
