/**
 * Since when the sending account is seen to be unable to send, from what every look reads of it: a follower knows before it
 * leads. Pure state with time as argument.
 */
import type { Fence } from "../fence/fence.ts";
import type { OracleState } from "../oracle/oracle-state.ts";

export class AccountWatch {
  readonly #updateGas: bigint;
  #walletEmptySinceMs: number | undefined;
  #keyRefusedSinceMs: number | undefined;

  constructor(fence: Pick<Fence, "updateGas">) {
    this.#updateGas = fence.updateGas;
  }

  /** @param gasPriceWei what an update would pay per unit of gas. */
  saw(
    { walletBalanceWei, keyAccepted }: Pick<OracleState, "walletBalanceWei" | "keyAccepted">,
    gasPriceWei: bigint,
    nowMs: number,
  ): void {
    const walletEmpty = walletBalanceWei < this.#updateGas * gasPriceWei;
    this.#walletEmptySinceMs = walletEmpty ? (this.#walletEmptySinceMs ?? nowMs) : undefined;
    this.#keyRefusedSinceMs = keyAccepted ? undefined : (this.#keyRefusedSinceMs ?? nowMs);
  }

  /** Since when the wallet cannot pay for one update, by the monotonic clock; undefined while it can. */
  get walletEmptySinceMs(): number | undefined {
    return this.#walletEmptySinceMs;
  }

  /** Since when oracle or fence refuse the key; undefined while they take it. */
  get keyRefusedSinceMs(): number | undefined {
    return this.#keyRefusedSinceMs;
  }
}
