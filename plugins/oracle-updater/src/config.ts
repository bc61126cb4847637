/** The variables of the price loop: names from the running deployment, each guard with default, unit and source. */
import {
  type ConfigProblem,
  defineEnv,
  type Env,
  type EnvValues,
  envTypes,
  parseEnv,
  registerUrlSecrets,
  type Secret,
} from "@jeju-oracle/kit";
import type { Address } from "viem";

/** ManualPriceOracle calls a price stale after an hour; a heartbeat must come before that. */
const LONGEST_HEARTBEAT_MS = 3_540_000;
const DEFAULT_FEED = "0x71041dddad3595F9CEd3DcCFBe3D1F4b0a16Bb70";
const DEFAULT_FACTORY = "0x33128a8fC17869897dcE68Ed026d694621f6FDfD";
const DEFAULT_WETH = "0x4200000000000000000000000000000000000006";

/** Every variable this plugin reads. Also the source of docs/configuration.md and `check-config`. */
export const oracleEnv = defineEnv({
  BASE_RPC_URLS: {
    schema: envTypes.urls("http", "https"),
    about: "Base JSON-RPC endpoints, most trusted first, separated by commas.",
    example: "https://mainnet.base.org,https://base.example.com/key",
    secret: true,
  },
  JEJU_RPC_URLS: {
    schema: envTypes.urls("http", "https"),
    about: "Jeju JSON-RPC endpoints, most trusted first, separated by commas.",
    example: "https://rpc.jeju.network,https://backup-rpc.jeju.network",
    secret: true,
  },
  BASE_WS_URL: {
    schema: envTypes.url("ws", "wss").optional(),
    about: "Base WebSocket endpoint: polls at every new head instead of waiting for the interval.",
    example: "wss://base.example.com/key",
    secret: true,
  },
  ORACLE_ADDRESS: {
    schema: envTypes.address(),
    about: "ManualPriceOracle on Jeju.",
    example: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  },
  ELIZAOS_TOKEN_BASE: {
    schema: envTypes.address(),
    about: "elizaOS token on Base.",
    example: "0xea17Df5Cf6D172224892B5477A16ACb111182478",
  },
  PRICE_UPDATER_PRIVATE_KEY: {
    schema: envTypes.privateKey(),
    about:
      "Key that sends updates: the oracle's priceUpdater, or with the contract fence this bot's own key.",
    example: "0x followed by 64 hex digits",
    secret: true,
  },
  FENCED_UPDATER_ADDRESS: {
    schema: envTypes.address().optional(),
    about: "FencedPriceUpdater on Jeju; selects the contract fence. Unset: the nonce fence.",
    example: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  },
  CHAINLINK_ETH_USD_FEED: {
    schema: envTypes.address(),
    about: "Chainlink ETH/USD feed on Base.",
    example: DEFAULT_FEED,
    default: DEFAULT_FEED,
    source: "seed: Emergency Manual Price Update",
  },
  UNISWAP_V3_FACTORY: {
    schema: envTypes.address(),
    about: "Uniswap v3 factory on Base.",
    example: DEFAULT_FACTORY,
    default: DEFAULT_FACTORY,
    source: "https://docs.uniswap.org/contracts/v3/reference/deployments/base-deployments",
  },
  UNISWAP_V3_POOL: {
    schema: envTypes.address().optional(),
    about:
      "The elizaOS/WETH pool. Unset: the deepest over fee tiers 500, 3000, 10000, found once and then kept.",
    example: "0x0000000000000000000000000000000000000001",
  },
  WETH_ADDRESS: {
    schema: envTypes.address(),
    about: "WETH on Base.",
    example: DEFAULT_WETH,
    default: DEFAULT_WETH,
    source: "OP Stack predeploy",
  },
  SEQUENCER_UPTIME_FEED: {
    schema: envTypes.address().optional(),
    about: "Chainlink L2 sequencer-uptime feed on Base; set to reject prices while the sequencer is down.",
    example: "0xBCF85224fc0756B9Fa45aA7892530B47e10b6433",
    source: "https://docs.chain.link/data-feeds/l2-sequencer-feeds",
  },
  SEQUENCER_GRACE_S: {
    schema: envTypes.integer(0, 86_400),
    about: "Seconds after the sequencer came back during which its prices are not used.",
    example: "3600",
    default: "3600",
    source: "https://docs.chain.link/data-feeds/l2-sequencer-feeds (GRACE_PERIOD_TIME)",
  },
  BASE_CHAIN_ID: {
    schema: envTypes.integer(1, 2 ** 48),
    about: "Chain id that Base endpoints must report.",
    example: "8453",
    default: "8453",
  },
  JEJU_CHAIN_ID: {
    schema: envTypes.integer(1, 2 ** 48),
    about: "Chain id that Jeju endpoints must report: 420691 mainnet, 420690 testnet, 1337 localnet.",
    example: "420691",
    default: "420691",
  },
  UPDATE_INTERVAL_MS: {
    schema: envTypes.integer(1_000, LONGEST_HEARTBEAT_MS),
    about: "Heartbeat in ms: the price is pushed when it gets this old, moved or not.",
    example: "300000",
    default: "300000",
    source: "seed: How It Works, updates every 5 minutes",
  },
  PRICE_POLL_INTERVAL_MS: {
    schema: envTypes.integer(200, 600_000),
    about: "Time in ms between looks at the sources.",
    example: "10000",
    default: "10000",
  },
  DEVIATION_THRESHOLD_BPS: {
    schema: envTypes.integer(1, 10_000).transform(BigInt),
    about: "A move of either price by this many basis points is pushed at once.",
    example: "100",
    default: "100",
  },
  MIN_UPDATE_INTERVAL_S: {
    schema: envTypes.integer(0, 86_400).transform(BigInt),
    about: "Least seconds between two updates on chain.",
    example: "60",
    default: "60",
    source: "running deployment",
  },
  MAX_PRICE_DEVIATION_PCT: {
    schema: envTypes.integer(1, 50).transform(BigInt),
    about:
      "A move beyond this percentage of the price on chain is held until readings agree or a person approves.",
    example: "10",
    default: "10",
    source: "running deployment",
  },
  HOLD_CONFIRMATIONS: {
    schema: envTypes.integer(1, 100),
    about: "Readings of different source blocks that must agree before a held move is released.",
    example: "3",
    default: "3",
  },
  HOLD_MIN_DURATION_S: {
    schema: envTypes.integer(0, 3_600).transform(BigInt),
    about: "Least seconds that the agreeing readings of a held move must span.",
    example: "60",
    default: "60",
  },
  HOLD_AGREEMENT_BPS: {
    schema: envTypes.integer(1, 5_000).transform(BigInt),
    about: "Readings of a held move agree when they lie within this many basis points of each other.",
    example: "200",
    default: "200",
  },
  MAX_SPOT_TWAP_SPREAD_PCT: {
    schema: envTypes.integer(1, 100).transform(BigInt),
    about: "Beyond this percentage between the pool's spot and its TWAP, elizaOS deviation pushes are held.",
    example: "5",
    default: "5",
  },
  TWAP_WINDOW_S: {
    schema: envTypes.integer(10, 3_600),
    about: "Seconds over which the pool price is averaged.",
    example: "1800",
    default: "1800",
  },
  TWAP_MIN_WINDOW_S: {
    schema: envTypes.integer(10, 3_600),
    about: "Shortest window accepted when the pool remembers less than TWAP_WINDOW_S.",
    example: "300",
    default: "300",
  },
  ALLOW_SAMPLED_MEDIAN: {
    schema: envTypes.boolean(),
    about: "Use the median of own samples over the window while the pool keeps too few observations.",
    example: "true",
    default: "false",
  },
  MIN_POOL_DEPTH_WETH: {
    schema: envTypes.decimal(18, 0n, 10n ** 26n),
    about: "Least WETH that the pool must hold in range (virtual reserve by harmonic-mean liquidity).",
    example: "10",
    default: "10",
  },
  FEED_MAX_AGE_S: {
    schema: envTypes.integer(1, 86_400).transform(BigInt),
    about: "Oldest accepted feed answer, against the timestamp of the block it was read in.",
    example: "1800",
    default: "1800",
    source: "Chainlink heartbeat of 20 minutes plus half",
  },
  MAX_HEAD_AGE_S: {
    schema: envTypes.integer(5, 3_600).transform(BigInt),
    about: "Oldest accepted Base head, against the median of Base head, Jeju head and host clock.",
    example: "60",
    default: "60",
  },
  ETH_USD_MIN: {
    schema: envTypes.decimal(8, 1n, 10n ** 18n),
    about: "Lower bound of ETH/USD in dollars.",
    example: "500",
    default: "500",
    source: "ManualPriceOracle bounds",
  },
  ETH_USD_MAX: {
    schema: envTypes.decimal(8, 1n, 10n ** 18n),
    about: "Upper bound of ETH/USD in dollars.",
    example: "10000",
    default: "10000",
    source: "ManualPriceOracle bounds",
  },
  ELIZA_USD_MIN: {
    schema: envTypes.decimal(8, 1n, 10n ** 18n),
    about: "Lower bound of elizaOS/USD in dollars.",
    example: "0.000001",
    default: "0.000001",
    source: "ManualPriceOracle bounds",
  },
  ELIZA_USD_MAX: {
    schema: envTypes.decimal(8, 1n, 10n ** 18n),
    about: "Upper bound of elizaOS/USD in dollars.",
    example: "10000",
    default: "10000",
    source: "ManualPriceOracle bounds",
  },
  GAS_PRICE_MULTIPLIER: {
    schema: envTypes.decimal(2, 100n, 1_000n),
    about: "Factor on the node's fee suggestion.",
    example: "1.2",
    default: "1.2",
    source: "running deployment",
  },
  MAX_GAS_PRICE_GWEI: {
    schema: envTypes.decimal(9, 1n, 10n ** 15n),
    about: "Most that is ever paid per unit of gas, in gwei; above it nothing is sent.",
    example: "100",
    default: "100",
    source: "running deployment; alert OracleHighGasPrice",
  },
  MAX_RETRIES: {
    schema: envTypes.integer(0, 20),
    about:
      "Extra attempts at RETRY_DELAY_MS after a due push did not land, before the wait starts to double.",
    example: "3",
    default: "3",
    source: "running deployment",
  },
  RETRY_DELAY_MS: {
    schema: envTypes.integer(100, 300_000),
    about: "Time in ms between attempts after a failure.",
    example: "5000",
    default: "5000",
    source: "running deployment",
  },
  RPC_TIMEOUT_MS: {
    schema: envTypes.integer(100, 30_000),
    about: "Deadline in ms of one RPC request before the next endpoint is tried.",
    example: "1500",
    default: "1500",
  },
  TX_DEADLINE_MS: {
    schema: envTypes.integer(1_000, 600_000),
    about: "Time in ms that a sent update may stay unmined before its nonce is resolved by a replacement.",
    example: "20000",
    default: "20000",
  },
  OBSERVE_ONLY: {
    schema: envTypes.boolean(),
    about: "Read and decide, never send: for migration beside another updater.",
    example: "true",
    default: "false",
  },
});

type OracleEnvValues = EnvValues<typeof oracleEnv>;

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
