/**
 * The contract of a coordination store: named, versioned records shared by the fleet. Implemented by the leader-lock
 * plugin's backends, one file each, all held to one conformance suite.
 *
 * - A lost race is a value; an unknown outcome is a StoreUnavailableError.
 * - Every value that is written is unique: it contains a nonce of its writer. So a caller that does not know whether its
 *   write landed repeats it byte for byte: when the record's value is exactly `next`, the write is adopted as won.
 * - A comparison is of version *and* value: after a wipe and a rewrite no earlier version is ever current again.
 * - Records outlive their writers. A store never expires, moves or rewrites one by itself.
 */

export interface StoreRecord {
  readonly name: string;
  /** Opaque. Two records of one name with equal versions have equal values, also across a wipe of the store. */
  readonly version: string;
  readonly value: string;
}

export type CompareAndSetResult =
  | { readonly won: true; readonly record: StoreRecord | null }
  | { readonly won: false; readonly current: StoreRecord | null };

export type CompareAndSetAndListResult = CompareAndSetResult & {
  /** Every record under the prefix, read after the write. */
  readonly listed: readonly StoreRecord[];
};

export interface CoordinationStore {
  /**
   * True for a store on this host's own file system. There an empty store is a new store; a remote one may have been wiped
   * while a leader still acts.
   */
  readonly local: boolean;
  /** What it is, for people: scheme and host, never a credential. */
  readonly label: string;
  /** The record, or null when it does not exist. @throws {StoreUnavailableError} @throws {StoreUnusableError} */
  read(name: string, signal: AbortSignal): Promise<StoreRecord | null>;
  /**
   * Replaces `previous` (null: must not exist) by `next` (null: delete), atomically. Deleting what is already gone is won.
   * @throws {StoreUnavailableError} when the outcome is unknown. @throws {StoreUnusableError} when nothing was written.
   */
  cas(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    signal: AbortSignal,
  ): Promise<CompareAndSetResult>;
  /** Every record whose name starts with `prefix`, ordered by name. Throws as {@link read}. */
  list(prefix: string, signal: AbortSignal): Promise<readonly StoreRecord[]>;
  /** {@link cas} and then {@link list} in one round trip. Throws as {@link cas}. */
  casAndList(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    prefix: string,
    signal: AbortSignal,
  ): Promise<CompareAndSetAndListResult>;
  /**
   * Calls `onChange` soon after some record under `prefix` changed: a hint that may be late, repeated or lost. Returns a
   * function that ends it. Never throws: a watch that breaks is set up again or stays silent.
   */
  watch(prefix: string, onChange: () => void): () => void;
  /** Ends connections and watches. Idempotent. */
  close(): Promise<void>;
}
