/** The fleet as one agent sees it. Implemented by the leader-lock plugin. */

export interface FleetMember {
  readonly botId: string;
  /** New at every process start: tells a restart from a second process with the same id. */
  readonly incarnation: string;
  readonly host: string;
  readonly version: string;
  /** Digest of the configuration without secrets; members should agree. */
  readonly configHash: string;
  readonly healthy: boolean;
  readonly role: "leader" | "follower" | "standalone";
}

export interface FleetView {
  /** Members seen alive, this agent included. From memory, no I/O. */
  members(): readonly FleetMember[];
}
