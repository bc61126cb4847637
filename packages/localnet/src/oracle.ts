/** The oracle on Jeju from outside: what it tells, who updated it, and what its owner can do. */
import { manualPriceOracleAbi } from "@jeju-oracle/contracts/ManualPriceOracle";
import { pausableManualPriceOracleAbi } from "@jeju-oracle/contracts/PausableManualPriceOracle";
import { paymasterAbi } from "@jeju-oracle/contracts/Paymaster";
import type { Address, Hex } from "viem";
import type { LocalChain } from "./chain/chain.ts";
import { call, type Transactor } from "./transactor.ts";

/** Prices in USD with 8 decimals. */
export interface OracleState {
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
  readonly lastUpdateS: number;
  readonly fresh: boolean;
}

/** One update that landed: the event, and the transaction that caused it. */
export interface OracleUpdate {
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
  readonly timestampS: number;
  readonly blockNumber: bigint;
  readonly transactionHash: Hex;
  /** Who signed the transaction: a bot, or the owner. */
  readonly sender: Address;
  readonly calldata: Hex;
}

/** @throws when the chain does not answer. */
export async function readOracleState(jeju: LocalChain, oracle: Address): Promise<OracleState> {
  const [ethUsd8, elizaUsd8, lastUpdate, fresh] = await jeju.client.readContract({
    address: oracle,
    abi: manualPriceOracleAbi,
    functionName: "getPrices",
  });
  return { ethUsd8, elizaUsd8, lastUpdateS: Number(lastUpdate), fresh };
}

/** The updates that landed in these blocks, oldest first. The price set at deployment is none. */
export async function readOracleUpdates(
  jeju: LocalChain,
  oracle: Address,
  range: { readonly fromBlock?: bigint; readonly toBlock?: bigint },
): Promise<OracleUpdate[]> {
  const events = await jeju.client.getContractEvents({
    address: oracle,
    abi: manualPriceOracleAbi,
    eventName: "PricesUpdated",
    fromBlock: range.fromBlock ?? 0n,
    toBlock: range.toBlock ?? "latest",
    strict: true,
  });
  return Promise.all(
    events.map(async ({ args, blockNumber, transactionHash }) => {
      const { from, input } = await jeju.client.getTransaction({ hash: transactionHash });
      return {
        ethUsd8: args.ethPrice,
        elizaUsd8: args.elizaPrice,
        timestampS: Number(args.timestamp),
        blockNumber,
        transactionHash,
        sender: from,
        calldata: input,
      };
    }),
  );
}

/** What only the owner of oracle and paymaster can do. Each adds the block that includes it. */
export class OwnerActions {
  readonly #owner: Transactor;
  readonly #oracle: Address;
  readonly #paymaster: Address;

  constructor(owner: Transactor, oracle: Address, paymaster: Address) {
    this.#owner = owner;
    this.#oracle = oracle;
    this.#paymaster = paymaster;
  }

  /** Sets both prices (USD, 8 decimals) past the deviation limit. */
  async emergencyPriceUpdate(ethUsd8: bigint, elizaUsd8: bigint): Promise<void> {
    await this.#owner.send(
      call(this.#oracle, manualPriceOracleAbi, "emergencyPriceUpdate", [ethUsd8, elizaUsd8]),
    );
  }

  /** Gives the updater's role to another address. */
  async setPriceUpdater(updater: Address): Promise<void> {
    await this.#owner.send(call(this.#oracle, manualPriceOracleAbi, "setPriceUpdater", [updater]));
  }

  /** Only with `oracle: "pausable"`. */
  async pauseOracle(): Promise<void> {
    await this.#owner.send(call(this.#oracle, pausableManualPriceOracleAbi, "pause", []));
  }

  /** Only with `oracle: "pausable"`. */
  async unpauseOracle(): Promise<void> {
    await this.#owner.send(call(this.#oracle, pausableManualPriceOracleAbi, "unpause", []));
  }

  async pausePaymaster(): Promise<void> {
    await this.#owner.send(call(this.#paymaster, paymasterAbi, "pause", []));
  }

  async unpausePaymaster(): Promise<void> {
    await this.#owner.send(call(this.#paymaster, paymasterAbi, "unpause", []));
  }
}
