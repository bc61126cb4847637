/**
 * The contract of a coordination store: named, versioned records shared by the fleet. Implemented by the leader-lock
 * plugin's backends.
 *
 * A lost race is a value; an unknown outcome is a StoreUnavailableError. A caller that does not know whether its write
 * landed repeats it with the byte-identical record, which the store recognises by its nonce.
 */

export interface StoreRecord {
  readonly name: string;
  /** Opaque; contains a record nonce, so that a wiped and rewritten store never repeats a version. */
  readonly version: string;
  readonly value: string;
}

export type CompareAndSetResult =
  | { readonly won: true; readonly record: StoreRecord | null }
  | { readonly won: false; readonly current: StoreRecord | null };

export interface CoordinationStore {
  /** The record, or null when it does not exist. */
  read(name: string, signal: AbortSignal): Promise<StoreRecord | null>;
  /** Replaces `previous` (null: must not exist) by `next` (null: delete), atomically. */
  cas(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    signal: AbortSignal,
  ): Promise<CompareAndSetResult>;
  /** Every record whose name starts with `prefix`. */
  list(prefix: string, signal: AbortSignal): Promise<readonly StoreRecord[]>;
  close(): Promise<void>;
}
