/** What an incident report is made of. Every part says where it comes from, and one that could not be read says why. */
import type { Alert } from "../alerts/alert.ts";
import type { AuditEntry } from "../audit/audit-log.ts";

/** One source, such as an audit file. */
export interface Source {
  /** For people: a file, or the store. */
  readonly name: string;
  /** Why it is missing, in words; undefined when it was read as a whole. */
  readonly problem: string | undefined;
}

/** What was found, and where it was looked for. */
export interface Part<Item> {
  readonly sources: readonly Source[];
  readonly items: readonly Item[];
}

/** The beginning of a leadership. */
export interface Term {
  readonly term: number;
  readonly leader: string;
  readonly from: string | null;
  readonly why: string;
  /** Wall clock of the leader, ms since the epoch. */
  readonly timestamp: number;
}

/** A price that landed on chain. Prices have 8 decimals. */
export interface LandedPrice {
  /** Chain time, ms since the epoch. */
  readonly atMs: number;
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
  readonly transactionHash: string;
  /** `bot-1 in term 6`, `the owner`, or an address; undefined when the transaction could not be read. */
  readonly by: string | undefined;
}

export interface Incident {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly madeAtMs: number;
  readonly alerts: Part<Alert>;
  readonly actions: Part<AuditEntry>;
  readonly terms: Part<Term>;
  readonly prices: Part<LandedPrice>;
}

export function sourcesOf({ alerts, actions, terms, prices }: Incident): readonly Source[] {
  return [alerts, actions, terms, prices].flatMap(({ sources }) => sources);
}
