/** What operators ask of the whole fleet. Written to the store, obeyed from any host. Implemented by leader-lock. */
import type { ApprovalRequest, OverrideName, PauseRequest, Requester } from "./oracle-control.ts";

export interface FailoverRequest extends Requester {
  /** The member that shall lead; undefined: the best one. */
  readonly to: string | undefined;
}

export interface OverrideRequest extends Requester {
  readonly name: OverrideName;
  /** Undefined ends the override. */
  readonly value: string | undefined;
  readonly untilChainTimeS: bigint;
}

/** What was written; the fleet acts on it within a renew interval. */
export interface IntentReceipt {
  readonly id: string;
  /** The term that it was written in. */
  readonly term: number;
  readonly leaderId: string | undefined;
}

export interface FleetControl {
  /** Asks the leader to hand over. Void once the term has changed. @throws {IntentRefusedError} {StoreUnavailableError} */
  failover(request: FailoverRequest): Promise<IntentReceipt>;
  /**
   * Revokes the present lease and names the next leader, which starts when the old one let go, or when its lease has run out.
   * @throws {IntentRefusedError} {StoreUnavailableError}
   */
  forceLeader(request: FailoverRequest & { readonly to: string }): Promise<IntentReceipt>;
  /** @throws {StoreUnavailableError} */
  pause(request: PauseRequest): Promise<IntentReceipt>;
  /** @throws {StoreUnavailableError} */
  resume(request: Requester): Promise<IntentReceipt>;
  /** Asks one agent's process to end, so that its supervisor starts it again. @throws {IntentRefusedError} */
  restart(request: Requester & { readonly botId: string }): Promise<IntentReceipt>;
  /** @throws {StoreUnavailableError} */
  set(request: OverrideRequest): Promise<IntentReceipt>;
  /** Releases a held price move at whichever agent leads. A later approval replaces an earlier one. @throws {StoreUnavailableError} */
  approve(request: ApprovalRequest): Promise<IntentReceipt>;
}
