/** The fleet as one agent sees it. Implemented by the leader-lock plugin. */

/** What a member tells about itself. Prices have 8 decimals. */
export interface MemberReport {
  readonly healthy: boolean;
  /** Why it is not, in words; empty when healthy. */
  readonly unhealthyReasons: readonly string[];
  /** Whether it could lead: no trouble of its own with chains, pushes or key. */
  readonly fit: boolean;
  readonly unfitReasons: readonly string[];
  readonly lastUpdateMs: number;
  readonly chainEthUsd8: bigint | undefined;
  readonly chainElizaUsd8: bigint | undefined;
  readonly sourceEthUsd8: bigint | undefined;
  readonly sourceElizaUsd8: bigint | undefined;
  /** `push heartbeat`, `skip unchanged`, …: its latest decision. */
  readonly decision: string | undefined;
  /** Why it would push now if it led: its shadow decision. */
  readonly wouldPush: string | undefined;
  /** The directive (pause or resume) that it obeys. */
  readonly directiveId: string | undefined;
  /** Why it pushes nothing: a pause or a hold. */
  readonly pausedBy: string | undefined;
  /** Whether a transaction of its own may still land. */
  readonly inFlight: boolean;
  /** What its updates carry on chain; see {@link OracleSnapshot.tag}. */
  readonly tag: string | undefined;
  /** Whether it reaches the chat services; undefined when it has none. */
  readonly chatReachable: boolean | undefined;
}

export interface FleetMember extends MemberReport {
  readonly botId: string;
  /** New at every process start: tells a restart from a second process with the same id. */
  readonly incarnation: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Digest of the configuration without secrets; members should agree. */
  readonly configHash: string;
  readonly priority: number;
  readonly nofailover: boolean;
  readonly role: "leader" | "follower" | "stopped";
  /** Whether its record changed recently, by this agent's own clock. The first sight of it counts as a change. */
  readonly alive: boolean;
  /** Time in ms since its record last changed, by this agent's own clock; undefined for one not seen to change. */
  readonly silentForMs: number | undefined;
}

export interface FleetView {
  /** Members of this store, this agent included, ordered by id. From memory, no I/O. */
  members(): readonly FleetMember[];
  /** Whether the store answers. False makes the view old. */
  storeReachable(): boolean;
  /** False from when an agent outside this store was seen to update the same oracle: the fleet is not one. */
  storeShared(): boolean;
}
