/**
 * The account nonce as a compare-and-set register. The oracle names one updater, so the fleet shares its key: whatever
 * lands from it uses up exactly one nonce. An update is sent with the nonce that was read at the same block as the prices
 * it was decided on; if another update landed since, the chain refuses ours.
 *
 * Not fenced: writes by the owner (another account), and another host's transaction that was dropped and revived. Both
 * are answered by holding the fleet on a foreign update.
 */
import { type Address, encodeFunctionData, isAddressEqual } from "viem";
import { oracleAbi } from "../oracle/abi.ts";
import type { Fence } from "./fence.ts";
import { readBotTag } from "./tag.ts";

/** Selector and two words. */
const ARGUMENTS_END = 4 + 2 * 32;

/** Measured on a local chain: about 42,000. */
const UPDATE_GAS = 40_000n;

export function createNonceFence(oracle: Address, updater: Address): Fence {
  return {
    kind: "nonce",
    target: oracle,
    requiredUpdater: updater,
    updateGas: UPDATE_GAS,
    reads: undefined,
    encodeUpdate: (prices) =>
      encodeFunctionData({
        abi: oracleAbi,
        functionName: "updatePrices",
        args: [prices.ethUsd8, prices.elizaUsd8],
      }),
    botTagOf: ({ from, to, input }) =>
      to !== undefined && isAddressEqual(from, updater) && isAddressEqual(to, oracle)
        ? readBotTag(input, ARGUMENTS_END)
        : undefined,
  };
}
