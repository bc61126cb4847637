/**
 * FencedPriceUpdater as the fence: it forwards an update only while the oracle's prices, its last update and its own
 * update count are exactly those that the bot decided on, and before a deadline. Each bot has its own key. It fences
 * owner writes, reorganisations, revived transactions and equal timestamps too.
 */
import { fencedPriceUpdaterAbi } from "@jeju-oracle/contracts/FencedPriceUpdater";
import { InvariantError } from "@jeju-oracle/kit";
import { type Address, encodeFunctionData, isAddressEqual } from "viem";
import { contractRead } from "../rpc/contract-read.ts";
import type { Fence } from "./fence.ts";
import { hasTag } from "./tag.ts";

/** Selector and seven words. */
const ARGUMENTS_END = 4 + 7 * 32;

export function createContractFence(fencedUpdater: Address): Fence {
  return {
    kind: "contract",
    target: fencedUpdater,
    requiredUpdater: fencedUpdater,
    counterRead: contractRead(fencedUpdater, fencedPriceUpdaterAbi, "updateCount", []),
    encodeUpdate(prices, state, deadlineS) {
      if (state.updateCount === undefined)
        throw new InvariantError("the contract fence needs an update count");
      return encodeFunctionData({
        abi: fencedPriceUpdaterAbi,
        functionName: "updatePrices",
        args: [
          state.ethUsd8,
          state.elizaUsd8,
          state.lastUpdateS,
          state.updateCount,
          prices.ethUsd8,
          prices.elizaUsd8,
          deadlineS,
        ],
      });
    },
    isFleetUpdate: ({ to, input }) =>
      to !== undefined && isAddressEqual(to, fencedUpdater) && hasTag(input, ARGUMENTS_END),
  };
}
