/**
 * The fleet's store as other plugins use it: records of their own under their own prefix, and the lease that says which one agent
 * answers the chats. Implemented by leader-lock.
 */
import type { CompareAndSetResult, StoreRecord } from "./coordination-store.ts";

export interface SharedRecords {
  /** False when election is off: there is no store, and nothing can be agreed with other hosts. */
  readonly available: boolean;
  /** Whether the store answered lately. */
  reachable(): boolean;
  /** @throws {StoreUnavailableError} {StoreUnusableError} */
  read(name: string): Promise<StoreRecord | null>;
  /** Ordered by name. @throws {StoreUnavailableError} {StoreUnusableError} */
  list(prefix: string): Promise<readonly StoreRecord[]>;
  /**
   * Replaces `previous` (null: must not exist) by `next` (null: delete). An unknown outcome is settled by repeating the same
   * bytes, so every value must be unique. @throws {StoreUnavailableError} when it is still unknown. {StoreUnusableError}
   */
  cas(name: string, previous: StoreRecord | null, next: string | null): Promise<CompareAndSetResult>;
  /** A hint that something under `prefix` changed; may be late, repeated or lost. Returns a function that ends it. */
  watch(prefix: string, onChange: () => void): () => void;
}

export interface ChatLeasePort {
  /** Takes part from now on: only an agent with a chat service does. Idempotent. */
  start(): void;
  /** Whether this agent may poll and answer now. Ask at every use. Always true without an election. */
  holds(): boolean;
  /** Who answers, as last known. */
  holderId(): string | undefined;
  /** Tells whether the chat services answered. A holder cut off for a minute lets go when another member is not. */
  reportReachable(reachable: boolean): void;
}

export interface Coordination {
  readonly records: SharedRecords;
  readonly chatLease: ChatLeasePort;
}
