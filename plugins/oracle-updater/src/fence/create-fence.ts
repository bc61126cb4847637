import type { Address } from "viem";
import type { OracleConfig } from "../config.ts";
import { createContractFence } from "./contract-fence.ts";
import type { Fence } from "./fence.ts";
import { createNonceFence } from "./nonce-fence.ts";

/** The contract fence when FENCED_UPDATER_ADDRESS is set, else the nonce fence. */
export function createFence(config: OracleConfig, sender: Address): Fence {
  return config.fencedUpdater === undefined
    ? createNonceFence(config.oracleAddress, sender)
    : createContractFence(config.fencedUpdater, sender);
}
