/**
 * What makes a blind update impossible (guarantee G2): an update lands only if its decision saw the last update that
 * landed. Two forms behind one port.
 */
import type { Address, Hex } from "viem";
import type { PricePair } from "../decision/hold-band.ts";
import type { OracleState } from "../oracle/oracle-state.ts";
import type { ContractRead } from "../rpc/contract-read.ts";

export interface Fence {
  readonly kind: "nonce" | "contract";
  /** The contract that updates are sent to. */
  readonly target: Address;
  /** Who the oracle must name as its priceUpdater. */
  readonly requiredUpdater: Address;
  /** Gas that an update uses at least. */
  readonly updateGas: bigint;
  /** What the fence itself must be asked; undefined when the oracle and the account's nonce say it all. */
  readonly reads: FenceReads | undefined;
  /** Calldata of an update decided on `state`, without tag. */
  encodeUpdate(prices: PricePair, state: OracleState, deadlineS: bigint): Hex;
  /** The tag of the bot whose update this transaction is; undefined when the fleet did not send it through this fence. */
  botTagOf(transaction: SentTransaction): Hex | undefined;
}

interface FenceReads {
  /** Ends up in {@link OracleState.updateCount}. */
  readonly counter: ContractRead<bigint>;
  /** Whether the fence accepts this bot's key. */
  readonly isBot: ContractRead<boolean>;
}

export interface SentTransaction {
  readonly from: Address;
  readonly to: Address | undefined;
  readonly input: Hex;
}
