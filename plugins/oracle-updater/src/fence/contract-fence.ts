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
import { readBotTag } from "./tag.ts";

/** Selector and seven words. */
const ARGUMENTS_END = 4 + 7 * 32;

/** Measured: 75,000 for the first update of a bot, below 60,000 afterwards (contracts/test/fenced-price-updater.test.ts). */
const UPDATE_GAS = 50_000n;

export function createContractFence(fencedUpdater: Address, bot: Address): Fence {
  return {
    kind: "contract",
    target: fencedUpdater,
    requiredUpdater: fencedUpdater,
    updateGas: UPDATE_GAS,
    reads: {
      counter: contractRead(fencedUpdater, fencedPriceUpdaterAbi, "updateCount", []),
      isBot: contractRead(fencedUpdater, fencedPriceUpdaterAbi, "isBot", [bot]),
    },
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
    botTagOf: ({ to, input }) =>
      to !== undefined && isAddressEqual(to, fencedUpdater) ? readBotTag(input, ARGUMENTS_END) : undefined,
  };
}
