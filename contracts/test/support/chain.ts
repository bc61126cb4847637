/** A viem client over one anvil, and the few helpers that every contract test needs. */
import {
  type Abi,
  type Address,
  BaseError,
  createTestClient,
  decodeErrorResult,
  getAddress,
  type Hash,
  type Hex,
  http,
  isHex,
  publicActions,
  type TransactionReceipt,
  walletActions,
} from "viem";
import { mnemonicToAccount } from "viem/accounts";
import type { Anvil } from "./anvil.ts";

/** Anvil's own development accounts; it signs for them itself. */
const mnemonic = "test test test test test test test test test test test junk";

/** Enough for almost every call here. Given explicitly so that nothing is estimated and a reverting call lands too. */
const gasPerCall = 1_000_000n;

export type Chain = ReturnType<typeof connect>;

export interface Transaction {
  readonly from: Address;
  readonly to: Address;
  readonly data: Hex;
  /** Wei. */
  readonly value?: bigint;
  readonly gas?: bigint;
}

export interface Revert {
  readonly name: string;
  readonly args: readonly unknown[];
}

export function connect(anvil: Anvil) {
  return createTestClient({ mode: "anvil", transport: http(anvil.url, { retryCount: 0 }), cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions);
}

export function account(index: number): Address {
  return mnemonicToAccount(mnemonic, { addressIndex: index }).address;
}

/** Hand a transaction to the pool without waiting for a block. */
export function submit(chain: Chain, transaction: Transaction): Promise<Hash> {
  return chain.sendTransaction({
    account: transaction.from,
    to: transaction.to,
    data: transaction.data,
    value: transaction.value ?? 0n,
    gas: transaction.gas ?? gasPerCall,
    chain: null,
  });
}

/** Mine a block with this one transaction. The receipt says whether it reverted; this does not throw then. */
export async function send(chain: Chain, transaction: Transaction): Promise<TransactionReceipt> {
  const hash = await submit(chain, transaction);
  await chain.mine({ blocks: 1 });
  return chain.getTransactionReceipt({ hash });
}

/** Deploy creation code with its encoded arguments, in a block of its own. */
export async function deploy(chain: Chain, from: Address, data: Hex): Promise<Address> {
  const hash = await chain.sendTransaction({ account: from, data, gas: 20_000_000n, chain: null });
  await chain.mine({ blocks: 1 });
  const { status, contractAddress } = await chain.getTransactionReceipt({ hash });
  if (status === "reverted" || !contractAddress) throw new Error("the constructor reverted");
  return getAddress(contractAddress);
}

/** Mine one block at exactly this timestamp, in seconds; it may equal the latest block's. */
export async function mineAt(chain: Chain, timestamp: bigint): Promise<void> {
  await chain.setNextBlockTimestamp({ timestamp });
  await chain.mine({ blocks: 1 });
}

/** Let this much chain time pass and mine a block. */
export async function passTime(chain: Chain, seconds: bigint): Promise<void> {
  const { timestamp } = await chain.getBlock();
  await mineAt(chain, timestamp + seconds);
}

/**
 * The error that this call (without `to`: this deployment) reverts with at the latest block, decoded.
 * @throws Error when it does not revert.
 */
export async function refusalOf(
  chain: Chain,
  abi: Abi,
  call: { readonly from: Address; readonly to?: Address; readonly data: Hex },
): Promise<Revert> {
  const { from, ...rest } = call;
  const data = await chain.call({ account: from, ...rest }).then(() => undefined, revertDataOf);
  if (data === undefined) throw new Error("the call did not revert");
  const { errorName, args } = decodeErrorResult({ abi, data });
  return { name: errorName, args: (args ?? []) as readonly unknown[] };
}

/** The revert data of a failed bare `eth_call`. Rethrows what is no revert. */
export function revertDataOf(error: unknown): Hex {
  const reverted = error instanceof BaseError ? error.walk(carriesHexData) : error;
  if (!carriesHexData(reverted)) throw error;
  return reverted.data;
}

function carriesHexData(value: unknown): value is { data: Hex } {
  return typeof value === "object" && value !== null && "data" in value && isHex(value.data);
}
