/** Keeps the operator's file in step with the lease, and notices when an operator removed it. */
import type { BaseError, Logger } from "@jeju-oracle/kit";
import type { LeaseRecord } from "../election/lease-record.ts";
import { LockFile, LockFileError, type LockFileView } from "./lock-file.ts";

/** Often enough that the file is young, rarely enough that it costs nothing. */
const REPUBLISH_MS = 5_000;

/** The lease as this agent knows it, and when. */
export interface LeaseSight {
  readonly lease: LeaseRecord | undefined;
  /** Whether this agent holds it. */
  readonly leads: boolean;
  readonly wallMs: number;
  /** By the monotonic clock. */
  readonly nowMs: number;
}

export class LockFileKeeper {
  readonly #file: LockFile;
  readonly #place: string | undefined;
  readonly #logger: Logger;
  #shownNonce: string | undefined;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #failure: BaseError | undefined;

  constructor(path: string, place: string | undefined, logger: Logger) {
    this.#file = new LockFile(path);
    this.#place = place;
    this.#logger = logger;
  }

  /** Why the file cannot be written; undefined while it can. */
  get failure(): Pick<BaseError, "message" | "nextStep"> | undefined {
    return this.#failure;
  }

  /**
   * Whether an operator removed the file while somebody led, and it is for this agent to act: the leader where the leader shows
   * it, one of the agents where it shows another host's leader.
   */
  wasRemoved(sight: LeaseSight): boolean {
    const { lease, wallMs } = sight;
    if (lease === undefined || !this.#isShownHere(sight)) {
      this.#file.leaveToOthers();
      return false;
    }
    try {
      if (!this.#file.replaceRemoved(viewOf(lease, wallMs))) return false;
      this.#succeeded(sight);
    } catch (error) {
      // Removed all the same, although it cannot be put back.
      this.#failed(error);
    }
    return lease.holder !== null;
  }

  /** Shows the lease when it changed or the file gets old. */
  show(sight: LeaseSight): void {
    const { lease, wallMs, nowMs } = sight;
    if (lease === undefined || !this.#isShownHere(sight)) {
      this.#shownNonce = undefined;
      return;
    }
    if (lease.nonce === this.#shownNonce && nowMs - this.#shownAtMs < REPUBLISH_MS) return;
    try {
      this.#file.publish(viewOf(lease, wallMs));
      this.#succeeded(sight);
    } catch (error) {
      this.#failed(error);
    }
  }

  #succeeded({ lease, nowMs }: LeaseSight): void {
    this.#shownNonce = lease?.nonce;
    this.#shownAtMs = nowMs;
    if (this.#failure !== undefined) this.#logger.info("The lock file can be written again");
    this.#failure = undefined;
  }

  #failed(error: unknown): void {
    if (!(error instanceof LockFileError)) throw error;
    const { message, code, nextStep } = error;
    if (this.#failure?.message !== message) this.#logger.error(message, { code, nextStep });
    this.#failure = error;
  }

  /** Not where the leader's process shows the very same file: two writers would hide an operator's `rm` from each other. */
  #isShownHere({ lease, leads }: LeaseSight): boolean {
    if (leads || lease?.holder == null) return true;
    return lease.lockPlace === undefined || lease.lockPlace !== this.#place;
  }
}

function viewOf({ holder, term, timestamp, ttlMs }: LeaseRecord, wallMs: number): LockFileView {
  return {
    botId: holder?.botId ?? null,
    term,
    timestamp,
    host: holder?.host ?? null,
    pid: holder?.pid ?? null,
    expiresInMs: holder === null ? 0 : Math.max(0, Math.min(ttlMs, timestamp + ttlMs - wallMs)),
  };
}
