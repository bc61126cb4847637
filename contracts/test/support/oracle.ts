/** Deploys the oracle and the fenced updater, and encodes calls to them. */
import { type Address, encodeDeployData, encodeFunctionData, type Hex } from "viem";
import { fencedPriceUpdaterAbi, fencedPriceUpdaterBytecode } from "../../artifacts/FencedPriceUpdater.ts";
import { manualPriceOracleAbi, manualPriceOracleBytecode } from "../../artifacts/ManualPriceOracle.ts";
import { type Chain, deploy, send } from "./chain.ts";
import { initialPrices, type Prices } from "./prices.ts";

/** What a call to the fence can revert with: its own errors, and the oracle's that bubble up. */
export const fenceWithOracleErrorsAbi = [
  ...fencedPriceUpdaterAbi,
  ...manualPriceOracleAbi.filter((item) => item.type === "error"),
] as const;

/** The state that an update expects: the oracle's three values and the fence's count. Seconds for the time. */
export interface FenceState extends Prices {
  readonly lastUpdate: bigint;
  readonly updateCount: bigint;
}

export function deployOracle(chain: Chain, owner: Address, prices: Prices = initialPrices): Promise<Address> {
  const args = [prices.ethUsd, prices.elizaUsd, owner] as const;
  return deploy(
    chain,
    owner,
    encodeDeployData({ abi: manualPriceOracleAbi, bytecode: manualPriceOracleBytecode, args }),
  );
}

/** As the README says: deploy, then the oracle's owner hands over the role. */
export async function deployFence(
  chain: Chain,
  oracle: Address,
  oracleOwner: Address,
  owner: Address,
): Promise<Address> {
  const args = [oracle, owner] as const;
  const fence = await deploy(
    chain,
    owner,
    encodeDeployData({ abi: fencedPriceUpdaterAbi, bytecode: fencedPriceUpdaterBytecode, args }),
  );
  await send(chain, { from: oracleOwner, to: oracle, data: encodeSetPriceUpdater(fence) });
  return fence;
}

export async function readFenceState(chain: Chain, fence: Address): Promise<FenceState> {
  const [ethUsd, elizaUsd, lastUpdate, updateCount] = await chain.readContract({
    address: fence,
    abi: fencedPriceUpdaterAbi,
    functionName: "state",
  });
  return { ethUsd, elizaUsd, lastUpdate, updateCount };
}

const fencedUpdateArguments = (expected: FenceState, next: Prices, deadline: bigint) =>
  [
    expected.ethUsd,
    expected.elizaUsd,
    expected.lastUpdate,
    expected.updateCount,
    next.ethUsd,
    next.elizaUsd,
    deadline,
  ] as const;

export const encodeFencedUpdate = (expected: FenceState, next: Prices, deadline: bigint): Hex =>
  encodeFunctionData({
    abi: fencedPriceUpdaterAbi,
    functionName: "updatePrices",
    args: fencedUpdateArguments(expected, next, deadline),
  });

export const encodeSetBot = (bot: Address, allowed: boolean): Hex =>
  encodeFunctionData({ abi: fencedPriceUpdaterAbi, functionName: "setBot", args: [bot, allowed] });

export const encodeOracleWrite = (name: "updatePrices" | "emergencyPriceUpdate", next: Prices): Hex =>
  encodeFunctionData({ abi: manualPriceOracleAbi, functionName: name, args: [next.ethUsd, next.elizaUsd] });

export const encodeSetPriceUpdater = (updater: Address): Hex =>
  encodeFunctionData({ abi: manualPriceOracleAbi, functionName: "setPriceUpdater", args: [updater] });
