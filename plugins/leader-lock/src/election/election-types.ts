/** The words of the election: what it is told, what it wants done, what it knows. */
import type { StoreRecord } from "@jeju-oracle/kit";
import type { AgentIdentity, LeaseRecord } from "./lease-record.ts";

export interface ElectionConfig {
  readonly self: AgentIdentity;
  /** Identity of the file in which this agent shows the lease; see lock-file. */
  readonly lockPlace: string | undefined;
  readonly ttlMs: number;
  readonly renewMs: number;
  readonly marginMs: number;
  readonly pollMs: number;
  /** How soon a write or read of unknown outcome is repeated. */
  readonly retryMs: number;
  /** How long others leave a released lease to its nominee. */
  readonly nomineeGraceMs: number;
  /** An empty store is a new one. Only for a store that is never wiped while a lease runs. */
  readonly claimEmptyAtOnce: boolean;
}

/** How this agent stands among the others; decided elsewhere, from health and priority. */
export interface Standing {
  /** False: never claims. */
  readonly eligible: boolean;
  /** How long it leaves a free lease to better ones. */
  readonly claimDelayMs: number;
}

/** What every event carries. */
export interface Moment {
  /** CLOCK_BOOTTIME, ms. */
  readonly nowMs: number;
  /** For people; goes into records, decides nothing. */
  readonly wallMs: number;
  /** Fresh random text for a record that this step may write. */
  readonly nonce: string;
  /** Uniform in [0, 1): spreads the polls of a fleet. */
  readonly jitter: number;
  readonly standing: Standing;
  /** What a record that this step may write tells about this agent. */
  readonly report: unknown;
}

export type ElectionEvent = Moment &
  (
    | { readonly type: "tick" }
    /** The record as the store has it. `holderIsDead`: proved for the process that it names. */
    | { readonly type: "looked"; readonly lease: StoreRecord | null; readonly holderIsDead: boolean }
    | { readonly type: "look-failed" }
    /** The outcome of the write of `next`; that of a write which was given up changes nothing. */
    | { readonly type: "write-won"; readonly next: string; readonly record: StoreRecord }
    | {
        readonly type: "write-lost";
        readonly next: string;
        readonly current: StoreRecord | null;
        readonly holderIsDead: boolean;
      }
    | { readonly type: "write-unknown"; readonly next: string }
    /** Let the lease go, if held, and stay out of the election for `sitOutMs`. */
    | { readonly type: "resign"; readonly why: string; readonly nominee?: string; readonly sitOutMs: number }
    /** Let the lease go, if held, and take no further part. */
    | { readonly type: "stop"; readonly why: string }
  );

/** An event without what every event carries. */
export type EventBody = ElectionEvent extends infer Event
  ? Event extends ElectionEvent
    ? Omit<Event, keyof Moment>
    : never
  : never;

export type Effect =
  | { readonly kind: "look" }
  | {
      readonly kind: "write";
      readonly purpose: Attempt["purpose"];
      readonly previous: StoreRecord | null;
      readonly next: string;
    }
  | {
      readonly kind: "elected";
      readonly term: number;
      readonly from: string | undefined;
      readonly why: string;
      readonly how: HowFree;
    }
  | { readonly kind: "demoted"; readonly term: number; readonly why: string; readonly voluntary: boolean }
  | { readonly kind: "claim-failed"; readonly why: "lost-race" | "store-unavailable" };

/** Why a lease could be claimed. */
export type HowFree = "empty" | "unreadable" | "released" | "dead" | "expired" | "own";

/** A version of the record, and since when this agent has watched it unchanged. */
interface Seen {
  readonly record: StoreRecord | null;
  readonly lease: LeaseRecord | undefined;
  readonly sinceMs: number;
  /** Since when this agent knows that the holder's process is dead. */
  readonly deadSinceMs: number | undefined;
}

/** A write whose outcome is not known yet. Repeated byte for byte, so that landing twice is landing once. */
export interface Attempt {
  /** `mark`: the quarantined record that is laid on an empty store. */
  readonly purpose: "claim" | "renew" | "release" | "mark";
  readonly previous: StoreRecord | null;
  readonly lease: LeaseRecord;
  /** The lease as it is written. */
  readonly next: string;
  readonly firstSentMs: number;
  /** False between an unknown outcome and the repetition. */
  readonly underWay: boolean;
  readonly repeatAtMs: number;
}

export interface Memory {
  /** The highest term ever seen: terms grow across a wipe, too. */
  readonly highestTerm: number;
  /** The longest ttl that a holder promised: what to wait for when the record is gone. */
  readonly longestTtlMs: number;
}

interface Watching {
  readonly seen: Seen | undefined;
  readonly looking: boolean;
  /** The mark whose outcome is awaited. */
  readonly marking: string | undefined;
  readonly lookAtMs: number;
}

export type ElectionState = Memory &
  (
    | ({ readonly role: "follower" } & Watching)
    /** As a follower, but claims nothing before `untilMs`, and lets a lease go that names this process. */
    | ({ readonly role: "cooldown"; readonly untilMs: number } & Watching)
    | {
        readonly role: "acquiring";
        readonly claim: Attempt;
        readonly term: number;
        readonly from: string | undefined;
        readonly how: HowFree;
      }
    | {
        readonly role: "leader";
        readonly term: number;
        readonly held: StoreRecord;
        readonly lease: LeaseRecord;
        readonly validUntilMs: number;
        readonly renewAtMs: number;
        readonly renewal: Attempt | undefined;
      }
    | {
        readonly role: "draining";
        readonly why: string;
        readonly nominee: string | undefined;
        readonly after:
          | { readonly kind: "cooldown"; readonly untilMs: number }
          | { readonly kind: "stopped" };
        readonly giveUpAtMs: number;
        /** What was under way when draining began, then the release. */
        readonly attempt: Attempt;
      }
    | { readonly role: "stopped" }
  );

export interface Step {
  readonly state: ElectionState;
  readonly effects: readonly Effect[];
}

/** The state in one role. */
export type In<Role extends ElectionState["role"]> = Extract<ElectionState, { role: Role }>;
