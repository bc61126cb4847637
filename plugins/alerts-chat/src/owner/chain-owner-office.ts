/** The owner's office over JSON-RPC. Independent of the price loop, so that it works when every agent is down. */
import { type Clock, type Env, parseEnv, registerUrlSecrets, type Secret } from "@jeju-oracle/kit";
import {
  type Address,
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeFunctionData,
  fallback,
  type Hex,
  http,
  type PublicClient,
  type Transport,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { feedAbi, oracleOwnerAbi, paymasterAbi } from "./abis.ts";
import { handOutOf } from "./hand-out.ts";
import { ownerEnv, ownerReads } from "./owner-env.ts";
import { isRevert, OwnerCallRefusedError, OwnerChainError } from "./owner-errors.ts";
import type { HandOut, LiveSource, OracleOnChain, OwnerCall, OwnerOffice } from "./owner-office.ts";

/** A person waits for the answer; the agents' own deadlines are shorter. */
const REQUEST_TIMEOUT_MS = 5_000;
const RECEIPT_TIMEOUT_MS = 60_000;
const RECEIPT_POLL_MS = 500;
/**
 * An estimate is made in the block that stands: when that one holds an update already, writing its time once more looks cheaper by
 * 4,900 gas than it is in the next second.
 */
const GAS_HEADROOM_PCT = 150n;

/** @throws {ConfigError} when the variables are wrong. */
export function createOwnerOffice(env: Env, clock: Clock): OwnerOffice {
  const reads = parseEnv(ownerReads, env);
  const own = parseEnv(ownerEnv, env);
  for (const url of [...reads.JEJU_RPC_URLS, ...reads.BASE_RPC_URLS]) registerUrlSecrets(url);
  return new ChainOwnerOffice({
    jeju: transportOf(reads.JEJU_RPC_URLS),
    base: transportOf(reads.BASE_RPC_URLS),
    chainId: reads.JEJU_CHAIN_ID,
    oracle: reads.ORACLE_ADDRESS,
    feed: reads.CHAINLINK_ETH_USD_FEED,
    paymaster: own.PAYMASTER_ADDRESS,
    key: own.OWNER_PRIVATE_KEY,
    clock,
  });
}

function transportOf(urls: readonly string[]): Transport {
  return fallback(urls.map((url) => http(url, { timeout: REQUEST_TIMEOUT_MS, retryCount: 0 })));
}

interface Options {
  readonly jeju: Transport;
  readonly base: Transport;
  readonly chainId: number;
  readonly oracle: Address;
  readonly feed: Address;
  readonly paymaster: Address | undefined;
  readonly key: Secret | undefined;
  readonly clock: Clock;
}

class ChainOwnerOffice implements OwnerOffice {
  readonly hasKey: boolean;
  readonly oracleAddress: string;
  readonly paymasterAddress: string | undefined;
  readonly #options: Options;
  readonly #jeju: PublicClient;
  readonly #base: PublicClient;

  constructor(options: Options) {
    this.#options = options;
    this.hasKey = options.key !== undefined;
    this.oracleAddress = options.oracle;
    this.paymasterAddress = options.paymaster;
    this.#jeju = createPublicClient({ transport: options.jeju });
    this.#base = createPublicClient({ transport: options.base });
  }

  async readOracle(): Promise<OracleOnChain> {
    const contract = { address: this.#options.oracle, abi: oracleOwnerAbi } as const;
    return asking("the oracle", async () => {
      const block = await this.#jeju.getBlock();
      const at = { blockNumber: block.number };
      const [prices, owner, priceUpdater, paused] = await Promise.all([
        this.#jeju.readContract({ ...contract, ...at, functionName: "getPrices" }),
        this.#jeju.readContract({ ...contract, ...at, functionName: "owner" }),
        this.#jeju.readContract({ ...contract, ...at, functionName: "priceUpdater" }),
        this.#pausedOf(this.#options.oracle),
      ]);
      const [ethUsd8, elizaUsd8, lastUpdateS, fresh] = prices;
      const blockTimestampS = block.timestamp;
      return { ethUsd8, elizaUsd8, lastUpdateS, fresh, owner, priceUpdater, paused, blockTimestampS };
    });
  }

  async readPaymasterPaused(): Promise<boolean | undefined> {
    const { paymaster } = this.#options;
    return paymaster === undefined ? undefined : asking("the paymaster", () => this.#pausedOf(paymaster));
  }

  emergencyPriceCall(ethUsd8: bigint, elizaUsd8: bigint): OwnerCall {
    return {
      to: this.#options.oracle,
      data: encodeFunctionData({
        abi: oracleOwnerAbi,
        functionName: "emergencyPriceUpdate",
        args: [ethUsd8, elizaUsd8],
      }),
      description: `emergencyPriceUpdate(${ethUsd8}, ${elizaUsd8})`,
    };
  }

  unpauseOracleCall(): OwnerCall {
    const data = encodeFunctionData({ abi: oracleOwnerAbi, functionName: "unpause" });
    return { to: this.#options.oracle, data, description: "unpause() of the oracle" };
  }

  pausePaymasterCall(): OwnerCall {
    return this.#paymasterCall("pause");
  }

  unpausePaymasterCall(): OwnerCall {
    return this.#paymasterCall("unpause");
  }

  handOut(call: OwnerCall): HandOut {
    return handOutOf(call, this.#options.chainId, this.#options.clock.wallMs());
  }

  async simulate(call: OwnerCall): Promise<void> {
    const { key } = this.#options;
    const account =
      key === undefined
        ? await asking("the owner", () => this.#ownerOf(call.to as Address))
        : privateKeyToAccount(key.reveal() as Hex).address;
    try {
      await this.#jeju.call({ account, to: call.to as Address, data: call.data as Hex });
    } catch (error) {
      if (isRevert(error) || isExecutionError(error))
        throw new OwnerCallRefusedError(call.description, error);
      throw new OwnerChainError(call.description, error);
    }
  }

  async send(call: OwnerCall): Promise<{ readonly transactionHash: string }> {
    const { key, jeju, chainId } = this.#options;
    if (key === undefined) throw new OwnerCallRefusedError(`${call.description}: no owner key`, undefined);
    const account = privateKeyToAccount(key.reveal() as Hex);
    const chain = defineChain({
      id: chainId,
      name: "Jeju",
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
      rpcUrls: { default: { http: [] } },
    });
    const wallet = createWalletClient({ account, chain, transport: jeju });
    await this.simulate(call);
    return asking(call.description, async () => {
      const transaction = { to: call.to as Address, data: call.data as Hex };
      const estimate = await this.#jeju.estimateGas({ account, ...transaction });
      const gas = (estimate * GAS_HEADROOM_PCT) / 100n;
      const transactionHash = await wallet.sendTransaction({ ...transaction, gas });
      const receipt = await this.#jeju.waitForTransactionReceipt({
        hash: transactionHash,
        timeout: RECEIPT_TIMEOUT_MS,
        pollingInterval: RECEIPT_POLL_MS,
      });
      if (receipt.status !== "success") throw new OwnerCallRefusedError(call.description, undefined);
      return { transactionHash };
    });
  }

  async liveSources(): Promise<readonly LiveSource[]> {
    const chainlink = this.#sourceOf("Chainlink on Base", async () => {
      const contract = { address: this.#options.feed, abi: feedAbi } as const;
      const [decimals, [, answer, , updatedAt], block] = await Promise.all([
        this.#base.readContract({ ...contract, functionName: "decimals" }),
        this.#base.readContract({ ...contract, functionName: "latestRoundData" }),
        this.#base.getBlock(),
      ]);
      const ethUsd8 = (answer * 10n ** 8n) / 10n ** BigInt(decimals);
      return { ethUsd8, elizaUsd8: undefined, detail: `${block.timestamp - updatedAt} s old` };
    });
    const onChain = this.#sourceOf("the oracle itself", async () => {
      const state = await this.readOracle();
      const ageS = state.blockTimestampS - state.lastUpdateS;
      return { ethUsd8: state.ethUsd8, elizaUsd8: state.elizaUsd8, detail: `${ageS} s old` };
    });
    return Promise.all([chainlink, onChain]);
  }

  async #sourceOf(name: string, read: () => Promise<Omit<LiveSource, "name">>): Promise<LiveSource> {
    try {
      return { name, ...(await read()) };
    } catch (error) {
      const detail = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
      return { name, ethUsd8: undefined, elizaUsd8: undefined, detail: `does not answer: ${detail}` };
    }
  }

  #paymasterCall(functionName: "pause" | "unpause"): OwnerCall {
    const { paymaster } = this.#options;
    if (paymaster === undefined) {
      throw new OwnerCallRefusedError("PAYMASTER_ADDRESS is not set", undefined);
    }
    const data = encodeFunctionData({ abi: paymasterAbi, functionName });
    return { to: paymaster, data, description: `${functionName}() of the paymaster` };
  }

  #ownerOf(address: Address): Promise<Address> {
    return this.#jeju.readContract({ address, abi: oracleOwnerAbi, functionName: "owner" });
  }

  /** Feature detection: a contract without `paused()` reverts, or answers nothing. */
  async #pausedOf(address: Address): Promise<boolean | undefined> {
    try {
      return await this.#jeju.readContract({ address, abi: oracleOwnerAbi, functionName: "paused" });
    } catch (error) {
      if (isRevert(error) || isExecutionError(error)) return undefined;
      throw error;
    }
  }
}

/** Contract errors as viem names them; everything else is the transport's. */
const EXECUTION_ERRORS = new Set([
  "CallExecutionError",
  "ContractFunctionExecutionError",
  "ContractFunctionZeroDataError",
]);
const TRANSPORT_ERRORS = new Set(["HttpRequestError", "TimeoutError", "RpcRequestError"]);

function isExecutionError(error: unknown): boolean {
  if (!(error instanceof Error) || !EXECUTION_ERRORS.has(error.name)) return false;
  for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
    if (TRANSPORT_ERRORS.has(inner.name) && !/revert/i.test(inner.message)) return false;
  }
  return true;
}

async function asking<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OwnerCallRefusedError || error instanceof OwnerChainError) throw error;
    throw new OwnerChainError(what, error);
  }
}
