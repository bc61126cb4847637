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

/** A pause or resume of the whole fleet. Obeyed once per id, across restarts. */
export interface FleetDirective extends PauseRequest {
  readonly id: string;
  readonly kind: "pause" | "resume";
}

export const OVERRIDE_NAMES = [
  "max-gas-price-gwei",
  "max-price-deviation-pct",
  "extra-base-rpc",
  "extra-jeju-rpc",
] as const;
export type OverrideName = (typeof OVERRIDE_NAMES)[number];

/** A setting that operators changed for the whole fleet until a chain time. */
export interface RuntimeOverride extends Requester {
  readonly name: OverrideName;
  /** As in the variable it overrides. An RPC URL is a secret. */
  readonly value: string;
  readonly untilChainTimeS: bigint;
}

/** A person's approval of one move: from the price that stood on chain to the prices that were held. */
export interface ApprovalRequest extends Requester {
  /** The prices the approver saw, 8 decimals. Only readings that agree with them are released. */
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
  /** The update on chain that the approver saw, by its time in s: the approval is used up once another one stands. */
  readonly lastUpdateS: bigint;
  /** Chain time in seconds after which it no longer counts. */
  readonly untilChainTimeS: bigint;
}

/** An approval for the whole fleet. It counts at whichever agent leads, and the chain tells when it is used up. */
export interface HoldApproval extends ApprovalRequest {
  readonly id: string;
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

/** Trouble that would keep this agent from leading well. */
export interface FitnessTrouble {
  readonly code:
    | "base-unreachable"
    | "jeju-unreachable"
    | "pushes-failing"
    | "key-refused"
    | "wallet-empty"
    | "not-ready";
  readonly text: string;
  /** True when every agent of the fleet has the same cause: passing the lead on would not help. */
  readonly shared: boolean;
  /** For how long it has lasted, ms. */
  readonly forMs: number;
}

export interface OracleSnapshot {
  readonly botId: string;
  readonly healthy: boolean;
  readonly unhealthyReasons: readonly string[];
  /** Empty when nothing keeps this agent from leading. */
  readonly troubles: readonly FitnessTrouble[];
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
  /** The latest directive that this agent obeys. */
  readonly directiveId: string | undefined;
  readonly inFlightAgeMs: number | undefined;
  readonly lastDecision: DecisionView | undefined;
  /** Time in ms since source and chain were last both read; undefined before the first time. */
  readonly lastLookAgeMs: number | undefined;
  /** First bytes of keccak256(BOT_ID), hex: what this agent's updates carry on chain. */
  readonly tag: string;
  /** First bytes of keccak256(BOT_ID) in the newest update that another agent of the fleet sent, hex; see the tag. */
  readonly lastPeerTag: string | undefined;
}

export interface ForcedUpdateResult {
  readonly landed: boolean;
  readonly detail: string;
  readonly transactionHash: string | undefined;
}

export interface OracleControl {
  /** A consistent picture from memory: no I/O, cheap enough for every request. */
  snapshot(): OracleSnapshot;
  /** Asks for a cycle as soon as the running one is over: something changed, such as who leads. */
  lookNow(): void;
  /** Stops pushing until resumed. Survives a restart. Idempotent. */
  pause(request: PauseRequest): void;
  /** Ends a pause or a foreign-update hold and accepts the chain's present state. Idempotent. */
  resume(request: Requester): void;
  /** Obeys a pause or resume of the fleet; one that was obeyed already, also by an earlier run, changes nothing. */
  obey(directive: FleetDirective): void;
  /** Replaces all overrides in force. Each ends by itself at its chain time. */
  applyOverrides(overrides: readonly RuntimeOverride[]): void;
  /**
   * Runs one cycle now that counts as due. Every validation, the hold band, the fence and leadership still apply.
   */
  forceUpdate(request: Requester): Promise<ForcedUpdateResult>;
  /** Releases a held move. Given again, also to a later run, it counts for the same update and until the same time only. */
  approveHeld(approval: HoldApproval): void;
}
