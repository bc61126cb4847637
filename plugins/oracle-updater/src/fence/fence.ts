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
  /** An extra read whose value ends up in {@link OracleState.updateCount}; undefined when none is needed. */
  readonly counterRead: ContractRead<bigint> | undefined;
  /** Calldata of an update decided on `state`, without tag. */
  encodeUpdate(prices: PricePair, state: OracleState, deadlineS: bigint): Hex;
  /** Whether a transaction that changed the price was sent by the fleet through this fence. */
  isFleetUpdate(transaction: SentTransaction): boolean;
}

export interface SentTransaction {
  readonly from: Address;
  readonly to: Address | undefined;
  readonly input: Hex;
}
