/** What the conformance suite needs to know of a store to try it: how to open clients, and how to break what is behind. */
import type { CoordinationStore } from "@jeju-oracle/kit";

export interface StoreFixture {
  /** One more client of the same store. Whoever opens it closes it. */
  open(): CoordinationStore;
  /** Loses every record and lets revisions start over: the worst that can happen to a store behind its clients' backs. */
  wipe(): Promise<void>;
  /** Ends what {@link open} talks to. */
  close(): Promise<void>;
  /** For a store that is a server. */
  readonly server?: ServerFixture;
}

export interface ServerFixture {
  /** Ends the server without a goodbye. */
  kill(): Promise<void>;
  /** Starts it again with its data, where it was before. Returns when it answers. */
  start(): Promise<void>;
  /** The server keeps its connections and does nothing (SIGSTOP). */
  freeze(): void;
  thaw(): void;
  /** A client that reaches the server through a wire that can be cut. */
  openThroughWire(): Promise<{ readonly store: CoordinationStore; readonly wire: Wire }>;
}

/** The line between one client and its server. */
export interface Wire {
  /** As if it were not there. */
  pass(): void;
  /** Connections are reset, and new ones refused. */
  cut(): void;
  /** Nothing moves in either direction; connections stay open, and what is under way may still arrive afterwards. */
  hang(): void;
  /** Requests arrive, replies vanish. */
  dropReplies(): void;
  /** Connections that exist hang for ever, as when a firewall has forgotten them; new ones pass. */
  strand(): void;
  close(): Promise<void>;
}
