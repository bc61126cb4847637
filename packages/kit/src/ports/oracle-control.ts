/** What other plugins may know of, and ask from, the price loop of this agent. */

/** Who asked, for the audit and the log. */
export interface Requester {
  readonly by: string;
  readonly reason: string;
}

export interface PauseRequest extends Requester {
  /** Chain time in seconds at which the pause ends by itself; undefined means until resumed. */
  readonly untilChainTimeS?: bigint;
}

export interface HoldApproval extends Requester {
  /** The prices the approver saw, 8 decimals. Only readings that agree with them are released. */
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
}

/** Result of the latest look at source and chain, in words and numbers. Prices have 8 decimals. */
export interface DecisionView {
  readonly kind: "push" | "skip";
  /** `heartbeat`, `deviation`, `unchanged`, `held`, … as in docs/architecture.md. */
  readonly reason: string;
  readonly detail: string;
  /** What a follower or observer would have pushed for. */
  readonly wouldPush: string | undefined;
  readonly atWallMs: number;
}

export interface OracleSnapshot {
  readonly botId: string;
  readonly healthy: boolean;
  readonly unhealthyReasons: readonly string[];
  /** Time of the update on chain as this agent sees it, ms since the epoch; 0 before the first read. */
  readonly lastUpdateMs: number;
  readonly consecutiveFailures: number;
  /** Updates of this process that landed. */
  readonly totalUpdates: number;
  readonly chainEthUsd8: bigint | undefined;
  readonly chainElizaUsd8: bigint | undefined;
  readonly sourceEthUsd8: bigint | undefined;
  readonly sourceElizaUsd8: bigint | undefined;
  readonly priceAgeS: bigint | undefined;
  readonly walletBalanceWei: bigint | undefined;
  readonly gasPriceWei: bigint | undefined;
  readonly spotTwapSpreadBps: bigint | undefined;
  readonly pausedBy: string | undefined;
  readonly inFlightAgeMs: number | undefined;
  readonly lastDecision: DecisionView | undefined;
}

export interface ForcedUpdateResult {
  readonly landed: boolean;
  readonly detail: string;
  readonly transactionHash: string | undefined;
}

export interface OracleControl {
  /** A consistent picture from memory: no I/O, cheap enough for every request. */
  snapshot(): OracleSnapshot;
  /** Stops pushing until resumed. Survives a restart. Idempotent. */
  pause(request: PauseRequest): void;
  /** Ends a pause or a foreign-update hold and accepts the chain's present state. Idempotent. */
  resume(request: Requester): void;
  /**
   * Runs one cycle now that counts as due. Every validation, the hold band, the fence and leadership still apply.
   */
  forceUpdate(request: Requester): Promise<ForcedUpdateResult>;
  /** Releases a held move, for readings that agree with the approved prices, for a limited time. */
  approveHeld(request: HoldApproval): void;
}
