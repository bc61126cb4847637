/** What a local network can be asked to be. Every option has a default; every value is checked before anything starts. */
import { DEFAULT_HISTORY_BLOCKS } from "./chain/chain.ts";
import { LocalnetInputError } from "./errors.ts";
import { elizaUsd8Of } from "./market/price-math.ts";
import { type FeeTier, TICK_SPACING } from "./market/uniswap-v3.ts";
import { requireWhole } from "./require-whole.ts";

export interface LocalnetOptions {
  /** USD per ETH, 8 decimals. Default $3,245.67. */
  readonly ethUsd8?: bigint;
  /** elizaOS per ETH, 18 decimals. Default 30,000. */
  readonly elizaPerEth18?: bigint;
  readonly elizaDecimals?: 6 | 8 | 18;
  readonly feedDecimals?: 8 | 18;
  /** Which side of the pool elizaOS is on. Default "eliza-token1". */
  readonly tokenOrder?: "eliza-token0" | "eliza-token1";
  /** Pool fee in hundredths of a bip. Default 3000. */
  readonly feeTier?: FeeTier;
  /** WETH in the full-range position, and as much elizaOS as it is worth. Default 500 WETH. */
  readonly wethDepthWei?: bigint;
  /** Observations that the pool can keep. Default 200; 1 is what a new pool has. */
  readonly observationCardinality?: number;
  /** "plain" as deployed, or "pausable" as the runbooks describe it. Default "plain". */
  readonly oracle?: "plain" | "pausable";
  /** The oracle's prices (USD, 8 decimals; default: the market's) and how long ago they were set (default 0 s). */
  readonly initialOracle?: { readonly ethUsd8?: bigint; readonly elizaUsd8?: bigint; readonly ageS?: number };
  /** Number of bot keys. Default 2. */
  readonly bots?: number;
  /** "nonce": all bots share the updater's key. "contract": FencedPriceUpdater, and a key each. Default "nonce". */
  readonly fence?: "nonce" | "contract";
  /** Host milliseconds between blocks, or "manual". Default 2000 on Base, 1000 on Jeju. */
  readonly baseBlockTimeMs?: number | "manual";
  readonly jejuBlockTimeMs?: number | "manual";
  /** Chain seconds per host second. Default 1. */
  readonly speedUp?: number;
  /** How old pool and sequencer are when the network is handed over, so that averages work. Default 7200 s. */
  readonly warmupS?: number;
  /** Chain time at hand-over, seconds. Default: the host's. */
  readonly startTimestampS?: number;
  /** Seed of the scenarios that are given none. Default 1. */
  readonly seed?: number;
  /** How many of the latest states each chain keeps readable. Default 128; memory grows with it and with the blocks. */
  readonly historyBlocks?: number;
}

export interface LocalnetSettings
  extends Required<Omit<LocalnetOptions, "initialOracle" | "startTimestampS">> {
  readonly initialOracle: { readonly ethUsd8: bigint; readonly elizaUsd8: bigint; readonly ageS: number };
  readonly startTimestampS: number | undefined;
}

const MAX_CARDINALITY = 2_000;
const MAX_BOTS = 100;

/** @throws {LocalnetInputError} naming the option and what it accepts. */
export function resolveOptions(options: LocalnetOptions): LocalnetSettings {
  const ethUsd8 = options.ethUsd8 ?? 3_245_67000000n;
  const elizaPerEth18 = options.elizaPerEth18 ?? 30_000n * 10n ** 18n;
  const { initialOracle = {} } = options;
  requirePositive("ethUsd8", ethUsd8);
  requirePositive("elizaPerEth18", elizaPerEth18);
  const settings: LocalnetSettings = {
    ethUsd8,
    elizaPerEth18,
    elizaDecimals: options.elizaDecimals ?? 18,
    feedDecimals: options.feedDecimals ?? 8,
    tokenOrder: options.tokenOrder ?? "eliza-token1",
    feeTier: options.feeTier ?? 3000,
    wethDepthWei: options.wethDepthWei ?? 500n * 10n ** 18n,
    observationCardinality: options.observationCardinality ?? 200,
    oracle: options.oracle ?? "plain",
    initialOracle: {
      ethUsd8: initialOracle.ethUsd8 ?? ethUsd8,
      elizaUsd8: initialOracle.elizaUsd8 ?? elizaUsd8Of(ethUsd8, elizaPerEth18),
      ageS: initialOracle.ageS ?? 0,
    },
    bots: options.bots ?? 2,
    fence: options.fence ?? "nonce",
    baseBlockTimeMs: options.baseBlockTimeMs ?? 2_000,
    jejuBlockTimeMs: options.jejuBlockTimeMs ?? 1_000,
    speedUp: options.speedUp ?? 1,
    warmupS: options.warmupS ?? 7_200,
    startTimestampS: options.startTimestampS,
    seed: options.seed ?? 1,
    historyBlocks: options.historyBlocks ?? DEFAULT_HISTORY_BLOCKS,
  };
  requirePositive("wethDepthWei", settings.wethDepthWei);
  requireWhole("observationCardinality", settings.observationCardinality, 1, MAX_CARDINALITY);
  requireWhole("bots", settings.bots, 1, MAX_BOTS);
  requireWhole("warmupS", settings.warmupS, 0, 30 * 86_400);
  requireWhole("initialOracle.ageS", settings.initialOracle.ageS, 0, 30 * 86_400);
  requireWhole("seed", settings.seed, 0, 2 ** 32 - 1);
  if (!(settings.feeTier in TICK_SPACING)) {
    throw new LocalnetInputError(`feeTier is ${settings.feeTier}`, "Give 500, 3000 or 10000.");
  }
  if (!Number.isFinite(settings.speedUp) || settings.speedUp <= 0) {
    throw new LocalnetInputError(
      `speedUp is ${settings.speedUp}`,
      'Give a number above 0; for chains that stand still set both block times to "manual".',
    );
  }
  return settings;
}

function requirePositive(name: string, value: bigint): void {
  if (value > 0n) return;
  throw new LocalnetInputError(
    `${name} is ${value}`,
    "Give a positive bigint in the unit that the name ends with.",
  );
}
