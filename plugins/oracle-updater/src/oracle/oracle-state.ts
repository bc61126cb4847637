/** The oracle and the sending account as read from Jeju. */
import type { ChainPrice } from "../decision/decide.ts";
import type { FeeMarket } from "../transaction/fees.ts";

export interface OracleState extends ChainPrice {
  readonly blockNumber: bigint;
  readonly blockTimestampS: bigint;
  /** Undefined when the oracle has no `paused()`. */
  readonly contractPaused: boolean | undefined;
  /** What the contract fence compares besides the prices; undefined with the nonce fence. */
  readonly updateCount: bigint | undefined;
  /** False when the oracle, or the fence before it, says that it takes no updates from this key. */
  readonly keyAccepted: boolean;
  readonly walletBalanceWei: bigint;
  readonly gasPriceWei: bigint;
  /** Next nonce by mined transactions, and with the node's mempool. */
  readonly latestNonce: number;
  readonly pendingNonce: number;
}

/** State fit to send on: prices and nonce belong to one block. */
export interface SendState extends OracleState, FeeMarket {}

/** Whether two readings show the same price on chain. */
export function samePrice(a: ChainPrice, b: ChainPrice): boolean {
  return a.ethUsd8 === b.ethUsd8 && a.elizaUsd8 === b.elizaUsd8 && a.lastUpdateS === b.lastUpdateS;
}
