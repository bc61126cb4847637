/**
 * One look at the pool for a person who must give a price by hand (seed: Emergency Manual Price Update). It signs nothing and judges
 * nothing: age, liquidity and bounds are for the person to weigh.
 */
import { type Clock, type Env, silentLogger, withDeadline } from "@jeju-oracle/kit";
import { loadOracleConfig, type OracleConfig } from "../config.ts";
import { sqrtRatioX96AtTick } from "../price/tick-math.ts";
import { evaluateWindow } from "../price/twap.ts";
import { elizaUsd8 } from "../price/usd-price.ts";
import { RpcPool } from "../rpc/rpc-pool.ts";
import { BaseSource } from "./base-source.ts";
import { findSourcePins } from "./find-pins.ts";

/** elizaOS/USD by the pool and the ETH/USD feed, 8 decimals. */
export interface PoolPrices {
  /** Undefined when the feed or the pool cannot be read. */
  readonly spotElizaUsd8: bigint | undefined;
  /** Undefined as well when the pool remembers too little. */
  readonly twapElizaUsd8: bigint | undefined;
  /** Of the average, seconds. */
  readonly windowS: number | undefined;
}

/** A person waits. */
const LOOK_DEADLINE_MS = 8_000;
/** Configuration asks for a key. Nothing is signed here, so any will do. */
const NO_KEY = `0x${"01".repeat(32)}`;

/** @throws {ConfigError} when a variable of the sources is wrong. {BaseError} when Base cannot be read in time. */
export async function lookAtPool(env: Env, clock: Clock): Promise<PoolPrices> {
  const config = loadOracleConfig({
    ...env,
    PRICE_UPDATER_PRIVATE_KEY: NO_KEY,
    PRICE_UPDATER_PRIVATE_KEY_FILE: undefined,
  });
  return withDeadline(clock, "the look at the pool", LOOK_DEADLINE_MS, (signal) =>
    poolPrices(config, clock, signal),
  );
}

async function poolPrices(config: OracleConfig, clock: Clock, signal: AbortSignal): Promise<PoolPrices> {
  const { rpcUrls: urls, chainId, rpcTimeoutMs: timeoutMs } = config.base;
  const events = { request: () => undefined, failover: () => undefined };
  const rpc = new RpcPool({ chain: "Base", urls, chainId, timeoutMs, clock, logger: silentLogger, events });
  const pins = await findSourcePins(rpc, config, signal);
  const { feed, pool } = await new BaseSource(rpc, config, pins).read(signal);
  if (feed === undefined || pool === undefined) {
    return { spotElizaUsd8: undefined, twapElizaUsd8: undefined, windowS: undefined };
  }
  const at = (sqrtRatioX96: bigint) => elizaUsd8(feed, { ...pins, sqrtRatioX96 });
  const average = pool.window === undefined ? undefined : evaluateWindow(pool.window);
  return {
    spotElizaUsd8: at(pool.spotSqrtPriceX96),
    twapElizaUsd8: average === undefined ? undefined : at(sqrtRatioX96AtTick(average.meanTick)),
    windowS: average?.windowS,
  };
}
