/** ManualPriceOracle on Jeju, as deployed (the interface the user's runbooks call). */
import { parseAbi } from "viem";

export const oracleAbi = parseAbi([
  "function updatePrices(uint256 ethUsdPrice, uint256 elizaUsdPrice)",
  "function getPrices() view returns (uint256 ethUsd, uint256 elizaUsd, uint256 lastUpdate, bool fresh)",
  "function priceUpdater() view returns (address)",
  "function owner() view returns (address)",
  "event PricesUpdated(uint256 ethPrice, uint256 elizaPrice, uint256 timestamp)",
  "error NotAuthorized()",
  "error InvalidAddress()",
  "error PriceDeviationTooLarge()",
  "error PriceOutOfBounds()",
]);

/** Not every oracle has it: the deployed one does not, though the runbooks call it. */
export const pausableAbi = parseAbi(["function paused() view returns (bool)", "error EnforcedPause()"]);
