/**
 * A node as it was at an older head: whatever came later, it does not know. Every method whose answer depends on the
 * block is handled here by name; a method that is not is refused, so that nothing newer can leak. Anvil's cheat methods
 * rewrite the state of the latest block in place: they are the past only of what follows the next block.
 */
import { quantity } from "../json-rpc.ts";
import { errorReply, isRecord, type RpcCall, type RpcError, type RpcReply, resultReply } from "./messages.ts";
import type { Upstream } from "./upstream.ts";

export interface PastView {
  /** Number of the newest block this node knows. */
  readonly head: bigint;
  /** Whether the node says of itself that it is still catching up. */
  readonly syncing: boolean;
}

/** How geth answers a read at a block that it does not have. */
const HEADER_NOT_FOUND: RpcError = { code: -32000, message: "header not found" };

/** State reads, and at which position they name the block. */
const BLOCK_PARAM_OF_STATE_READ: ReadonlyMap<string, number> = new Map([
  ["eth_call", 1],
  ["eth_estimateGas", 1],
  ["eth_createAccessList", 1],
  ["eth_getBalance", 1],
  ["eth_getCode", 1],
  ["eth_getTransactionCount", 1],
  ["eth_getStorageAt", 2],
  ["eth_getProof", 2],
  ["eth_feeHistory", 1],
]);

/** Block reads name the block first; a block that is not known is null, not an error. */
const BLOCK_READS: ReadonlySet<string> = new Set([
  "eth_getBlockByNumber",
  "eth_getBlockByHash",
  "eth_getBlockReceipts",
  "eth_getBlockTransactionCountByNumber",
  "eth_getBlockTransactionCountByHash",
  "eth_getTransactionByBlockNumberAndIndex",
  "eth_getTransactionByBlockHashAndIndex",
]);

/** Reads of one transaction, which carry the number of its block. */
const TRANSACTION_READS: ReadonlySet<string> = new Set([
  "eth_getTransactionByHash",
  "eth_getTransactionReceipt",
]);

const INDEPENDENT_OF_BLOCK: ReadonlySet<string> = new Set([
  "eth_accounts",
  "eth_chainId",
  "eth_maxPriorityFeePerGas",
  "eth_sendRawTransaction",
  "net_listening",
  "net_version",
  "web3_clientVersion",
]);

/**
 * The reply of the older node.
 * @throws {LocalRpcError} when the node behind does not answer.
 */
export async function replyFromPast(call: RpcCall, view: PastView, upstream: Upstream): Promise<RpcReply> {
  const { method } = call;
  const blockParam = BLOCK_PARAM_OF_STATE_READ.get(method);
  if (blockParam !== undefined) return readState(call, blockParam, view, upstream);
  if (BLOCK_READS.has(method)) return readBlock(call, view, upstream);
  if (TRANSACTION_READS.has(method)) return readTransaction(call, view, upstream);
  if (INDEPENDENT_OF_BLOCK.has(method)) return upstream.reply(call);
  switch (method) {
    case "eth_blockNumber":
      return resultReply(call, toHex(view.head));
    case "eth_getLogs":
      return readLogs(call, view, upstream);
    case "eth_gasPrice":
      return readGasPrice(call, view, upstream);
    case "eth_syncing":
      return readSyncing(call, view, upstream);
    default:
      return errorReply(call, { code: -32601, message: `the method ${method} is not available` });
  }
}

async function readState(
  call: RpcCall,
  position: number,
  view: PastView,
  upstream: Upstream,
): Promise<RpcReply> {
  const block = await resolveBlock(call.params[position], view, upstream);
  if (block === undefined) return errorReply(call, HEADER_NOT_FOUND);
  return upstream.reply(withParam(call, position, block));
}

async function readBlock(call: RpcCall, view: PastView, upstream: Upstream): Promise<RpcReply> {
  const block = await resolveBlock(call.params[0], view, upstream);
  return block === undefined ? resultReply(call, null) : upstream.reply(withParam(call, 0, block));
}

async function readTransaction(call: RpcCall, view: PastView, upstream: Upstream): Promise<RpcReply> {
  const reply = await upstream.reply(call);
  if ("error" in reply) return reply;
  const minedAt = numberOf(reply.result, "blockNumber");
  return minedAt !== undefined && minedAt > view.head ? resultReply(call, null) : reply;
}

/** Fewer logs, not an error, is what a range beyond the head gets. */
async function readLogs(call: RpcCall, view: PastView, upstream: Upstream): Promise<RpcReply> {
  const filter = isRecord(call.params[0]) ? call.params[0] : {};
  if (typeof filter.blockHash === "string") {
    const block = await resolveBlock(filter.blockHash, view, upstream);
    return block === undefined
      ? errorReply(call, { code: -32000, message: "unknown block" })
      : upstream.reply(call);
  }
  const fromBlock = await resolveBlock(filter.fromBlock, view, upstream);
  const toBlock = (await resolveBlock(filter.toBlock, view, upstream)) ?? toHex(view.head);
  if (fromBlock === undefined) return resultReply(call, []);
  return upstream.reply(withParam(call, 0, { ...filter, fromBlock, toBlock }));
}

/** Like the node's own: the base fee of the block after the head, and the tip. That block exists in the past. */
async function readGasPrice(call: RpcCall, view: PastView, upstream: Upstream): Promise<RpcReply> {
  const next = await upstream.result("eth_getBlockByNumber", toHex(view.head + 1n), false);
  const baseFeeWei = numberOf(next, "baseFeePerGas");
  if (baseFeeWei === undefined) return upstream.reply(call);
  const tipWei = quantity(await upstream.result("eth_maxPriorityFeePerGas"), "eth_maxPriorityFeePerGas");
  return resultReply(call, toHex(baseFeeWei + tipWei));
}

async function readSyncing(call: RpcCall, view: PastView, upstream: Upstream): Promise<RpcReply> {
  if (!view.syncing) return resultReply(call, false);
  const highestBlock = await upstream.result("eth_blockNumber");
  return resultReply(call, { startingBlock: "0x0", currentBlock: toHex(view.head), highestBlock });
}

/**
 * What to ask the node behind for. Undefined when the older node does not know the block. A hash stays a hash, so that
 * a block that was reorganised away is not replaced by the one that took its number.
 */
async function resolveBlock(block: unknown, view: PastView, upstream: Upstream): Promise<unknown> {
  if (isRecord(block)) {
    if (block.blockHash === undefined) return resolveBlock(block.blockNumber, view, upstream);
    return (await resolveBlock(block.blockHash, view, upstream)) === undefined ? undefined : block;
  }
  if (block === undefined || block === null || block === "latest" || block === "pending") {
    return toHex(view.head);
  }
  if (typeof block === "string" && /^0x[0-9a-f]{64}$/i.test(block)) {
    const number = numberOf(await upstream.result("eth_getBlockByHash", block, false), "number");
    return number === undefined || number > view.head ? undefined : block;
  }
  if (typeof block === "string" && /^0x[0-9a-f]+$/i.test(block)) {
    return BigInt(block) > view.head ? undefined : block;
  }
  if (block === "safe" || block === "finalized") {
    const number = numberOf(await upstream.result("eth_getBlockByNumber", block, false), "number") ?? 0n;
    return toHex(number < view.head ? number : view.head);
  }
  // "earliest" means the same at any head; what is no block reference is for the node to refuse.
  return block;
}

function withParam(call: RpcCall, position: number, value: unknown): RpcCall {
  const params = [...call.params];
  params[position] = value;
  return { ...call, params };
}

function numberOf(value: unknown, field: string): bigint | undefined {
  if (!isRecord(value)) return undefined;
  return value[field] === undefined || value[field] === null ? undefined : quantity(value[field], field);
}

function toHex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
