/** Reading the oracle and the sending account on Jeju. */
import { type Address, type Hex, isAddressEqual } from "viem";
import type { Fence } from "../fence/fence.ts";
import { type BlockReference, batchReadCall, type ContractCall, decodeBatchRead } from "../rpc/batch-read.ts";
import { contractRead } from "../rpc/contract-read.ts";
import type { RpcCall, RpcReply } from "../rpc/endpoint.ts";
import { blockHead, quantity, safeInteger } from "../rpc/parse.ts";
import { EndpointError } from "../rpc/rpc-errors.ts";
import type { RpcSession } from "../rpc/rpc-pool.ts";
import { oracleAbi, pausableAbi } from "./abi.ts";
import type { OracleState, SendState } from "./oracle-state.ts";

export interface JejuOracleOptions {
  readonly oracle: Address;
  readonly sender: Address;
  readonly chainId: number;
  readonly fence: Fence;
}

const INVALID_PARAMS = -32602;
const BLOCK_TRIES = 3;

export class JejuOracle {
  readonly #options: JejuOracleOptions;
  readonly #prices;
  readonly #paused;
  readonly #updater;
  readonly #owner;
  /** Endpoints that refused a block hash; they are asked by number from then on. */
  readonly #withoutBlockHash = new Set<string>();

  constructor(options: JejuOracleOptions) {
    this.#options = options;
    this.#prices = contractRead(options.oracle, oracleAbi, "getPrices", []);
    this.#paused = contractRead(options.oracle, pausableAbi, "paused", []);
    this.#updater = contractRead(options.oracle, oracleAbi, "priceUpdater", []);
    this.#owner = contractRead(options.oracle, oracleAbi, "owner", []);
  }

  /** A look at the newest state in one HTTP request. Good for deciding whether to try, not for sending. */
  async poll(session: RpcSession): Promise<OracleState> {
    // Evidence of what is in flight first: a nonce read after the prices could hide an update between the two.
    const [latest, pending, gasPrice, read] = await session.request([
      this.#nonceCall("latest"),
      this.#nonceCall("pending"),
      { method: "eth_gasPrice", params: [] },
      this.#readCall("latest"),
    ]);
    const state = this.#decode(session, read, latest, pending, gasPrice);
    await session.observeHead({ number: state.blockNumber, timestampS: state.blockTimestampS });
    return state;
  }

  /**
   * State to send on, in two HTTP requests: the newest block, then prices and nonce at exactly that block.
   * @throws {EndpointError} `state-unavailable` when the endpoint does not know the block it just named.
   */
  async readForSend(session: RpcSession): Promise<SendState> {
    const [block, gasPrice] = await session.request([
      { method: "eth_getBlockByNumber", params: ["latest", false] },
      { method: "eth_gasPrice", params: [] },
    ]);
    const head = blockHead(success(block, session.label, "eth_getBlockByNumber"), session.label);
    await session.observeHead(head);
    const state = await this.#readAtBlock(session, head, gasPrice);
    return { ...state, baseFeeWei: head.baseFeeWei ?? 0n };
  }

  /**
   * Behind a load balancer the node that answers may not know the block yet that another one just named, and a node that
   * imports a block at that moment may answer for the new one (seen with anvil): asked again.
   */
  async #readAtBlock(
    session: RpcSession,
    head: { readonly hash: Hex; readonly number: bigint },
    gasPrice: RpcReply | undefined,
  ): Promise<OracleState> {
    let answeredFor = head.number;
    for (let triesLeft = BLOCK_TRIES; triesLeft > 0; triesLeft--) {
      const replies = await this.#readOnceAtBlock(session, head.hash, head.number);
      if (triesLeft > 1 && replies.some((reply) => !reply.ok)) continue;
      const [read, latest, pending] = replies;
      const state = this.#decode(session, read, latest, pending, gasPrice);
      if (state.blockNumber === head.number) return state;
      answeredFor = state.blockNumber;
    }
    throw new EndpointError(
      "state-unavailable",
      session.label,
      `answers for block ${answeredFor}, not ${head.number}`,
    );
  }

  async #readOnceAtBlock(session: RpcSession, blockHash: Hex, number: bigint): Promise<readonly RpcReply[]> {
    const at = (block: BlockReference) =>
      session.request([this.#readCall(block), this.#nonceCall(block), this.#nonceCall("pending")]);
    if (!this.#withoutBlockHash.has(session.label)) {
      const replies = await at({ blockHash });
      const refused = replies.some((reply) => !reply.ok && reply.error.code === INVALID_PARAMS);
      if (!refused) return replies;
      this.#withoutBlockHash.add(session.label);
    }
    return at(`0x${number.toString(16)}`);
  }

  #decode(
    session: RpcSession,
    read: RpcReply | undefined,
    latest: RpcReply | undefined,
    pending: RpcReply | undefined,
    gasPrice: RpcReply | undefined,
  ): OracleState {
    const { label } = session;
    const { fence, chainId } = this.#options;
    const snapshot = decodeBatchRead(read, this.#reads().length, chainId, label);
    const [prices8, paused, updater, owner, counter, isBot] = snapshot.results;
    const prices = this.#prices.decode(prices8);
    if (prices === undefined) {
      throw new EndpointError("state-unavailable", label, "the oracle's getPrices() does not answer there");
    }
    const updateCount = fence.reads?.counter.decode(counter);
    if (fence.reads !== undefined && updateCount === undefined) {
      throw new EndpointError("state-unavailable", label, "the fenced updater does not answer there");
    }
    const [ethUsd8, elizaUsd8, lastUpdateS] = prices;
    return {
      blockNumber: snapshot.blockNumber,
      blockTimestampS: snapshot.blockTimestampS,
      ethUsd8,
      elizaUsd8,
      lastUpdateS,
      contractPaused: this.#paused.decode(paused),
      updateCount,
      keyAccepted:
        this.#mayUpdate(this.#updater.decode(updater), this.#owner.decode(owner)) &&
        fence.reads?.isBot.decode(isBot) !== false,
      walletBalanceWei: snapshot.accountBalanceWei,
      gasPriceWei: quantity(success(gasPrice, label, "eth_gasPrice"), label, "gas price"),
      latestNonce: safeInteger(success(latest, label, "eth_getTransactionCount"), label, "nonce"),
      pendingNonce: safeInteger(success(pending, label, "eth_getTransactionCount"), label, "pending nonce"),
    };
  }

  /** False only when the oracle names others: one that does not tell may accept us all the same. */
  #mayUpdate(updater: Address | undefined, owner: Address | undefined): boolean {
    const { requiredUpdater } = this.#options.fence;
    const named = [updater, owner].filter((address) => address !== undefined);
    return updater === undefined || named.some((address) => isAddressEqual(address, requiredUpdater));
  }

  #reads(): readonly ContractCall[] {
    const { reads } = this.#options.fence;
    const ofOracle = [this.#prices, this.#paused, this.#updater, this.#owner];
    return reads === undefined ? ofOracle : [...ofOracle, reads.counter, reads.isBot];
  }

  #readCall(block: BlockReference): RpcCall {
    return batchReadCall(this.#options.sender, this.#reads(), block);
  }

  #nonceCall(block: BlockReference | "pending"): RpcCall {
    return { method: "eth_getTransactionCount", params: [this.#options.sender, block] };
  }
}

function success(reply: RpcReply | undefined, label: string, what: string) {
  if (reply?.ok === true) return reply.result;
  throw new EndpointError("state-unavailable", label, `fails ${what}: ${reply?.error.message ?? "no reply"}`);
}
