/** Oracles of their own for cases that share one network: each with its own updater key, so that none sees another. */
import { manualPriceOracleAbi, manualPriceOracleBytecode } from "@jeju-oracle/contracts/ManualPriceOracle";
import type { Localnet } from "@jeju-oracle/localnet";
import { type Address, encodeDeployData, encodeFunctionData, getContractAddress, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

export interface OwnOracle {
  readonly address: Address;
  readonly updater: Address;
  /** What makes an agent update this oracle instead of the network's. */
  readonly env: Readonly<Record<string, string>>;
}

export interface LandedOnChain {
  readonly ethUsd8: bigint;
  readonly timestampS: number;
  readonly blockNumber: bigint;
}

const UPDATER_BALANCE_WEI = 10n ** 20n;
const GAS = 3_000_000n;

/** Deploys `count` oracles with the network's first prices. */
export async function deployOracles(net: Localnet, count: number): Promise<OwnOracle[]> {
  const { client } = net.jeju;
  const { owner } = net.keys;
  const { ethUsd8, elizaUsd8 } = net.settings.initialOracle;
  const creation = encodeDeployData({
    abi: manualPriceOracleAbi,
    bytecode: manualPriceOracleBytecode,
    args: [ethUsd8, elizaUsd8, owner.address],
  });
  let nonce = await client.getTransactionCount({ address: owner.address, blockTag: "pending" });
  const send = (transaction: { readonly to?: Address; readonly data: Hex }) =>
    client.sendTransaction({ account: owner.address, gas: GAS, nonce: nonce++, ...transaction });
  const oracles: OwnOracle[] = [];
  let lastHash: Hex | undefined;
  for (let index = 0; index < count; index++) {
    const key = generatePrivateKey();
    const updater = privateKeyToAccount(key).address;
    const address = getContractAddress({ from: owner.address, nonce: BigInt(nonce) });
    await client.setBalance({ address: updater, value: UPDATER_BALANCE_WEI });
    await send({ data: creation });
    const data = encodeFunctionData({
      abi: manualPriceOracleAbi,
      functionName: "setPriceUpdater",
      args: [updater],
    });
    lastHash = await send({ to: address, data });
    const env = { ORACLE_ADDRESS: address, PRICE_UPDATER_PRIVATE_KEY: key };
    oracles.push({ address, updater, env });
  }
  if (lastHash !== undefined) {
    const { status } = await client.waitForTransactionReceipt({ hash: lastHash });
    if (status !== "success") throw new Error("an oracle of this test could not be deployed");
  }
  return oracles;
}

/** What landed on this oracle, oldest first. */
export async function updatesOf(net: Localnet, { address }: OwnOracle): Promise<LandedOnChain[]> {
  const events = await net.jeju.client.getContractEvents({
    address,
    abi: manualPriceOracleAbi,
    eventName: "PricesUpdated",
    fromBlock: 0n,
    strict: true,
  });
  return events.map(({ args, blockNumber }) => ({
    ethUsd8: args.ethPrice,
    timestampS: Number(args.timestamp),
    blockNumber,
  }));
}
