/** The contracts as their owner uses them (seed: Emergency Manual Price Update, Oracle Contract Issue). */
import { parseAbi } from "viem";

export const oracleOwnerAbi = parseAbi([
  "function getPrices() view returns (uint256 ethUsd, uint256 elizaUsd, uint256 lastUpdate, bool fresh)",
  "function owner() view returns (address)",
  "function priceUpdater() view returns (address)",
  "function emergencyPriceUpdate(uint256 ethUsd, uint256 elizaUsd)",
  "function paused() view returns (bool)",
  "function unpause()",
  "error NotAuthorized()",
  "error PriceDeviationTooLarge()",
  "error PriceOutOfBounds()",
  "error OwnableUnauthorizedAccount(address account)",
  "error ExpectedPause()",
  "error EnforcedPause()",
]);

export const paymasterAbi = parseAbi([
  "function pause()",
  "function unpause()",
  "function paused() view returns (bool)",
  "error OwnableUnauthorizedAccount(address account)",
  "error ExpectedPause()",
  "error EnforcedPause()",
]);

export const feedAbi = parseAbi([
  "function decimals() view returns (uint8)",
  "function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)",
]);
