/** Sends the local network's own transactions from one unlocked account and sees them through. */
import {
  type Abi,
  type Address,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
} from "viem";
import type { LocalChain } from "./chain/chain.ts";
import { LocalRpcError, LocalTransactionError } from "./errors.ts";
import { quantity, rpcBatch, rpcRequest } from "./json-rpc.ts";

export interface LocalTransaction {
  /** What it does, for the error when it fails. */
  readonly label: string;
  /** Absent: deploys a contract. */
  readonly to?: Address;
  readonly data: Hex;
  readonly valueWei?: bigint;
}

// No estimation: it would need one round trip per transaction, each after the one before.
const GAS_PER_TRANSACTION = 16_000_000n;
const BLOCKS_TO_INCLUDE = 4;

const hex = (value: bigint): Hex => `0x${value.toString(16)}`;

/** A contract creation. */
export function deployment(
  label: string,
  abi: Abi,
  bytecode: Hex,
  args: readonly unknown[] = [],
): LocalTransaction {
  return { label: `deploy ${label}`, data: encodeDeployData({ abi, bytecode, args }) };
}

/** A call of a contract's function. */
export function call(
  to: Address,
  abi: Abi,
  functionName: string,
  args: readonly unknown[],
): LocalTransaction {
  return { label: functionName, to, data: encodeFunctionData({ abi, functionName, args }) };
}

export class Transactor {
  readonly #chain: LocalChain;
  readonly #from: Address;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(chain: LocalChain, from: Address) {
    this.#chain = chain;
    this.#from = from;
  }

  /** Address of the contract that this account's transaction with this nonce creates. */
  addressAt(nonce: number): Address {
    return getContractAddress({ from: this.#from, nonce: BigInt(nonce) });
  }

  /**
   * Sends the transactions in order, adds the block that includes them, and returns their hashes.
   * @throws {ChainPausedError} while the chain is paused; nothing is sent then.
   * @throws {LocalTransactionError} when one reverts or is not included.
   */
  send(...transactions: readonly LocalTransaction[]): Promise<Hex[]> {
    const result = this.#queue.then(() => this.#send(transactions));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #send(transactions: readonly LocalTransaction[]): Promise<Hex[]> {
    const url = this.#chain.rpcUrl;
    const what = transactions.map(({ label }) => label).join(", ");
    this.#chain.assertMining(what);
    const nonce = quantity(
      await rpcRequest(url, "eth_getTransactionCount", [this.#from, "pending"]),
      "nonce",
    );
    const sent = await rpcBatch(
      url,
      transactions.map(({ to, data, valueWei = 0n }, i) => {
        const common = { from: this.#from, data, value: hex(valueWei), gas: hex(GAS_PER_TRANSACTION) };
        const transaction = { ...common, nonce: hex(nonce + BigInt(i)), ...(to === undefined ? {} : { to }) };
        return { method: "eth_sendTransaction", params: [transaction] };
      }),
    );
    const hashes = sent.map((hash) => asHash(hash));
    for (let block = 0; block < BLOCKS_TO_INCLUDE; block++) {
      await this.#chain.includeNow(what);
      const receipts = await rpcBatch(
        url,
        hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
      );
      if (receipts.includes(null)) continue;
      for (const [i, receipt] of receipts.entries()) {
        if (statusOf(receipt) !== 1n) await this.#explainRevert(transactions[i], receipt);
      }
      return hashes;
    }
    throw new LocalTransactionError(what, `not included within ${BLOCKS_TO_INCLUDE} blocks`);
  }

  async #explainRevert(transaction: LocalTransaction | undefined, receipt: unknown): Promise<never> {
    const { label = "transaction", to, data, valueWei = 0n } = transaction ?? {};
    const blockNumber = property(receipt, "blockNumber");
    try {
      const replay = { from: this.#from, to, data, value: hex(valueWei), gas: hex(GAS_PER_TRANSACTION) };
      await rpcRequest(this.#chain.rpcUrl, "eth_call", [replay, blockNumber]);
    } catch (error) {
      if (error instanceof LocalRpcError) throw new LocalTransactionError(label, error.message);
      throw error;
    }
    throw new LocalTransactionError(label, "reverted, and a replay at the end of its block does not");
  }
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function statusOf(receipt: unknown): bigint {
  return quantity(property(receipt, "status"), "receipt status");
}

function asHash(value: unknown): Hex {
  if (typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value)) return value as Hex;
  throw new LocalRpcError("eth_sendTransaction", `the answer is not a hash: ${JSON.stringify(value)}`, false);
}
