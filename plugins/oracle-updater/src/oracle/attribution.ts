/**
 * Who changed the price on chain. Asked only when a poll shows a price that this agent did not write: the update's log
 * leads to its transaction, and the fence knows the fleet's own.
 */
import {
  type Address,
  decodeAbiParameters,
  getAddress,
  type Hex,
  isAddress,
  parseAbiParameters,
  toEventSelector,
} from "viem";
import type { ChainPrice } from "../decision/decide.ts";
import type { Fence, SentTransaction } from "../fence/fence.ts";
import { maxOf, minOf } from "../price/fixed-point.ts";
import type { RpcCall } from "../rpc/endpoint.ts";
import type { Json } from "../rpc/parse.ts";
import { bytes, hash, isObject, list, object, quantity } from "../rpc/parse.ts";
import { EndpointError } from "../rpc/rpc-errors.ts";
import type { RpcSession } from "../rpc/rpc-pool.ts";
import { samePrice } from "./oracle-state.ts";

export type Author =
  /** Tags of the bots that sent the updates since, oldest first. */
  | { readonly kind: "fleet"; readonly botTags: readonly Hex[] }
  | { readonly kind: "foreign"; readonly from: Address; readonly transactionHash: string }
  /** The update's log was not found: treated like a foreign one, because nobody can say that it is ours. */
  | { readonly kind: "unknown" };

/** The price as it was last understood, and the block it was read at. */
export interface KnownPrice extends ChainPrice {
  readonly blockNumber: bigint;
}

/** A longer gap is searched over its newest part only. */
const MAX_LOG_RANGE_BLOCKS = 5_000n;
/** Providers limit the range of one log query: a refused range would be refused again for ever. */
const LOG_PAGE_BLOCKS = 500n;
/** A reorganisation may have moved the known update to an earlier block. */
const REORG_MARGIN_BLOCKS = 64n;
/** Bounds the second request: the newest updates decide. */
const MAX_UPDATES_CHECKED = 100;
const TRANSACTION_TRIES = 3;

/** keccak256("PricesUpdated(uint256,uint256,uint256)") */
export const PRICES_UPDATED_TOPIC = toEventSelector("PricesUpdated(uint256,uint256,uint256)");
const PRICES_UPDATED_DATA = parseAbiParameters("uint256 ethPrice, uint256 elizaPrice, uint256 timestamp");

/**
 * Judges every update after the one that made `known`, in two HTTP requests (more behind a load balancer over nodes
 * that differ): foreign if any of them is.
 * @throws {EndpointError} when the endpoint cannot tell.
 */
export async function attributeUpdates(
  session: RpcSession,
  fence: Fence,
  oracle: Address,
  known: KnownPrice,
  headBlock: bigint,
): Promise<Author> {
  const fromBlock = searchFrom(known.blockNumber, headBlock);
  const [heightReply, ...logsReplies] = await session.request([
    { method: "eth_blockNumber", params: [] },
    ...logPages(oracle, fromBlock, headBlock),
  ]);
  // A node that lags answers with fewer logs instead of an error.
  if (heightReply?.ok !== true || quantity(heightReply.result, session.label, "block number") < headBlock) {
    throw new EndpointError("head-behind", session.label, `does not know block ${headBlock} yet`);
  }
  const updates = logsReplies.flatMap((reply) => {
    if (!reply.ok) {
      const refusal = `fails eth_getLogs: ${reply.error.message}`;
      throw new EndpointError("state-unavailable", session.label, refusal);
    }
    return list(reply.result, session.label, "logs").map((log) => parseUpdate(log, session.label));
  });
  const lastKnown = updates.findLastIndex((update) => samePrice(update, known));
  const since = updates.filter((update, index) =>
    lastKnown >= 0 ? index > lastKnown : update.blockNumber > known.blockNumber,
  );
  const newest = [...new Set(since.map((update) => update.transactionHash))].slice(-MAX_UPDATES_CHECKED);
  if (newest.length === 0) return { kind: "unknown" };
  const transactions = await readTransactions(session, newest);
  const botTags: Hex[] = [];
  for (const { transactionHash, transaction } of transactions) {
    const botTag = fence.botTagOf(transaction);
    if (botTag === undefined) return { kind: "foreign", from: transaction.from, transactionHash };
    botTags.push(botTag);
  }
  return { kind: "fleet", botTags };
}

/** Behind a load balancer the node that answers may not know a transaction yet whose log another one returned. */
async function readTransactions(session: RpcSession, hashes: readonly Hex[]) {
  const calls = hashes.map((hash) => ({ method: "eth_getTransactionByHash", params: [hash] }));
  for (let tries = 0; tries < TRANSACTION_TRIES; tries++) {
    const replies = await session.request(calls);
    const found = replies.flatMap((reply, index) => {
      const transactionHash = hashes[index];
      if (transactionHash === undefined || !reply.ok || !isObject(reply.result)) return [];
      return [{ transactionHash, transaction: parseTransaction(reply.result, session.label) }];
    });
    if (found.length === hashes.length) return found;
  }
  throw new EndpointError(
    "state-unavailable",
    session.label,
    "does not know a transaction whose log it returned",
  );
}

/** Asks for the oracle's announcements from a block on. */
export function updateLogsCall(oracle: Address, fromBlock: bigint, toBlock?: bigint): RpcCall {
  const range = { fromBlock: toHex(fromBlock), toBlock: toBlock === undefined ? "latest" : toHex(toBlock) };
  return { method: "eth_getLogs", params: [{ address: oracle, topics: [PRICES_UPDATED_TOPIC], ...range }] };
}

/** Queries over consecutive ranges, oldest first. */
function logPages(oracle: Address, fromBlock: bigint, toBlock: bigint): readonly RpcCall[] {
  const pages: RpcCall[] = [];
  for (let from = fromBlock; from <= toBlock; from += LOG_PAGE_BLOCKS) {
    pages.push(updateLogsCall(oracle, from, minOf(from + LOG_PAGE_BLOCKS - 1n, toBlock)));
  }
  return pages;
}

function searchFrom(knownBlock: bigint, headBlock: bigint): bigint {
  const earliest = maxOf(headBlock - MAX_LOG_RANGE_BLOCKS, 0n);
  return maxOf(knownBlock - REORG_MARGIN_BLOCKS, earliest);
}

interface Update extends ChainPrice {
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
}

function parseUpdate(log: Json, label: string): Update {
  const fields = object(log, label, "log");
  return {
    ...decodeUpdateLog(bytes(fields.data, label, "log data"), label),
    transactionHash: hash(fields.transactionHash, label, "transaction hash"),
    blockNumber: quantity(fields.blockNumber, label, "log block number"),
  };
}

/** The prices that a PricesUpdated log announces. @throws {EndpointError} when it does not decode. */
export function decodeUpdateLog(data: Hex, label: string): ChainPrice {
  try {
    const [ethUsd8, elizaUsd8, lastUpdateS] = decodeAbiParameters(PRICES_UPDATED_DATA, data);
    return { ethUsd8, elizaUsd8, lastUpdateS };
  } catch (cause) {
    throw new EndpointError("garbage", label, "a PricesUpdated log does not decode", cause);
  }
}

function parseTransaction(result: { readonly [key: string]: Json }, label: string): SentTransaction {
  const from = asAddress(result.from);
  if (from === undefined) throw new EndpointError("garbage", label, "a transaction has no sender");
  return { from, to: asAddress(result.to), input: bytes(result.input, label, "calldata") };
}

function asAddress(value: Json | undefined): Address | undefined {
  return typeof value === "string" && isAddress(value, { strict: false }) ? getAddress(value) : undefined;
}

function toHex(number: bigint): string {
  return `0x${number.toString(16)}`;
}
