/**
 * Many contract reads in one `eth_call`, all from one block, with that block's number and time and the chain's id: the
 * creation code of BatchReader is executed without being deployed, so it works on any chain.
 */
import { batchReaderAbi, batchReaderBytecode } from "@jeju-oracle/contracts/BatchReader";
import { type Address, decodeFunctionResult, encodeDeployData, type Hex } from "viem";
import type { RpcCall, RpcReply } from "./endpoint.ts";
import { bytes } from "./parse.ts";
import { EndpointError } from "./rpc-errors.ts";

export interface ContractCall {
  readonly target: Address;
  readonly callData: Hex;
}

export interface ContractResult {
  readonly success: boolean;
  readonly returnData: Hex;
}

export interface BatchSnapshot {
  readonly blockNumber: bigint;
  readonly blockTimestampS: bigint;
  /** Balance of the account that was asked for, in wei. */
  readonly accountBalanceWei: bigint;
  /** In the order of the calls; never shorter. */
  readonly results: readonly ContractResult[];
}

/** Which block to read at: a tag, a hex number, or a block hash (EIP-1898). */
export type BlockReference = "latest" | Hex | { readonly blockHash: Hex };

/** How nodes say that they do not have the block or its state (geth, reth, erigon, anvil). */
const STATE_MISSING = /not found|unknown block|missing trie node|could not find|blocknotfound/i;

/** The `eth_call` that reads `calls` and the balance of `account` at `block`. */
export function batchReadCall(
  account: Address,
  calls: readonly ContractCall[],
  block: BlockReference,
): RpcCall {
  const data = encodeDeployData({
    abi: batchReaderAbi,
    bytecode: batchReaderBytecode,
    args: [account, calls],
  });
  return { method: "eth_call", params: [{ data }, block] };
}

/**
 * Decodes the reply to {@link batchReadCall}.
 * @throws {EndpointError} when the endpoint failed the call, is on another chain, or answers anything else.
 */
export function decodeBatchRead(
  reply: RpcReply | undefined,
  callCount: number,
  chainId: number,
  label: string,
): BatchSnapshot {
  if (reply === undefined) throw new EndpointError("garbage", label, "leaves a call without a reply");
  if (!reply.ok) {
    const kind = STATE_MISSING.test(reply.error.message) ? "state-unavailable" : "rpc-error";
    throw new EndpointError(kind, label, `fails a read: ${reply.error.message}`);
  }
  const snapshot = decodeSnapshot(bytes(reply.result, label, "call result"), label);
  if (snapshot.chainId !== BigInt(chainId)) {
    throw new EndpointError("wrong-chain", label, `is on chain ${snapshot.chainId}, not ${chainId}`);
  }
  if (snapshot.results.length !== callCount) {
    throw new EndpointError("garbage", label, `answers ${snapshot.results.length} of ${callCount} reads`);
  }
  return {
    blockNumber: snapshot.blockNumber,
    blockTimestampS: snapshot.blockTimestamp,
    accountBalanceWei: snapshot.accountBalance,
    results: snapshot.results,
  };
}

function decodeSnapshot(data: Hex, label: string) {
  try {
    return decodeFunctionResult({ abi: batchReaderAbi, functionName: "read", data });
  } catch (cause) {
    throw new EndpointError("garbage", label, "answers a read with something that does not decode", cause);
  }
}
