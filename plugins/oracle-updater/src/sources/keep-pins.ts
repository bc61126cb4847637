/** The pins survive a restart: a pool that appears later with more liquidity must not change the price unasked. */
import type { Logger } from "@jeju-oracle/kit";
import { isAddress } from "viem";
import type { OracleConfig } from "../config.ts";
import type { SourcePins } from "../price/source-reading.ts";
import type { RpcPool } from "../rpc/rpc-pool.ts";
import type { Journal } from "../transaction/journal.ts";
import { findSourcePins } from "./find-pins.ts";

/**
 * Finds the pins, with the pool that was pinned before when none is configured.
 * @throws {SourceSetupError} when the sources cannot be identified.
 * @throws {ChainUnreachableError} when Base cannot be read.
 */
export async function keepPins(
  rpc: RpcPool,
  config: OracleConfig,
  journal: Journal,
  logger: Logger,
  signal?: AbortSignal,
): Promise<SourcePins> {
  const setting = `pool:${config.base.chainId}:${config.factory}:${config.elizaToken}`.toLowerCase();
  const stored = journal.readSetting(setting);
  const kept = config.pool ?? (stored !== undefined && isAddress(stored) ? stored : undefined);
  const pins = await findSourcePins(rpc, { ...config, pool: kept }, signal);
  if (stored !== pins.pool) journal.writeSetting(setting, pins.pool);
  logger.info("Sources found", {
    pool: pins.pool,
    elizaIsToken0: pins.elizaIsToken0,
    elizaDecimals: pins.elizaDecimals,
    feedDecimals: pins.feedDecimals,
  });
  return pins;
}
