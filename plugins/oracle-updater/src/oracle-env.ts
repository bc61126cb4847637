/** The variables of the price loop: names from the running deployment, each guard with default, unit and source. */
import { defineEnv, type EnvValues, envTypes } from "@jeju-oracle/kit";

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
    about:
      "Most that an update pays per unit of gas, in gwei; above it none is sent. A cancellation may pay twice that.",
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

export type OracleEnvValues = EnvValues<typeof oracleEnv>;
