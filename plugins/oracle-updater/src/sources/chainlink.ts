/** Reading a Chainlink feed. */
import type { Address } from "viem";
import type { FeedRound } from "../price/source-reading.ts";
import type { ContractResult } from "../rpc/batch-read.ts";
import { contractRead } from "../rpc/contract-read.ts";
import { aggregatorAbi } from "./abis.ts";

/** The two reads of one feed and their common result. */
export function feedReads(feed: Address) {
  const decimals = contractRead(feed, aggregatorAbi, "decimals", []);
  const round = contractRead(feed, aggregatorAbi, "latestRoundData", []);
  return {
    calls: [decimals, round] as const,
    /** Undefined when either read failed. */
    decode(results: readonly ContractResult[]): FeedRound | undefined {
      const decodedDecimals = decimals.decode(results[0]);
      const decodedRound = round.decode(results[1]);
      if (decodedDecimals === undefined || decodedRound === undefined) return undefined;
      const [roundId, answer, startedAtS, updatedAtS, answeredInRound] = decodedRound;
      return { decimals: decodedDecimals, roundId, answer, startedAtS, updatedAtS, answeredInRound };
    },
  };
}
