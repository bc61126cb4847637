/** Keeps the operator's file in step with the lease, and notices when an operator removed it. */
import { BaseError, type Logger } from "@jeju-oracle/kit";
import type { LeaseRecord } from "../election/lease-record.ts";
import { LockFile, type LockFileView } from "./lock-file.ts";

/** Often enough that the file is young, rarely enough that it costs nothing. */
const REPUBLISH_MS = 5_000;

export class LockFileKeeper {
  readonly #file: LockFile;
  readonly #place: string | undefined;
  readonly #logger: Logger;
  #shownNonce: string | undefined;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  failure: { readonly message: string; readonly nextStep: string } | undefined;

  constructor(path: string, place: string | undefined, logger: Logger) {
    this.#file = new LockFile(path);
    this.#place = place;
    this.#logger = logger;
  }

  /**
   * Whether an operator removed the file and it is for this agent to act: the leader where the leader shows it, every agent
   * where it shows another host's leader.
   */
  wasRemoved(lease: LeaseRecord | undefined, leads: boolean): boolean {
    if (!leads && this.#shownByLeader(lease)) return false;
    return this.#file.wasRemoved();
  }

  /** Shows the lease when it changed or the file gets old. */
  show(lease: LeaseRecord | undefined, leads: boolean, wallMs: number, nowMs: number): void {
    if (lease === undefined || (!leads && this.#shownByLeader(lease))) {
      this.#shownNonce = undefined;
      return;
    }
    if (lease.nonce === this.#shownNonce && nowMs - this.#shownAtMs < REPUBLISH_MS) return;
    try {
      this.#file.publish(viewOf(lease, wallMs));
      this.#shownNonce = lease.nonce;
      this.#shownAtMs = nowMs;
      this.failure = undefined;
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
      if (this.failure === undefined) {
        this.#logger.error(error.message, { code: error.code, nextStep: error.nextStep });
      }
      this.failure = { message: error.message, nextStep: error.nextStep };
    }
  }

  /** The leader's process shows the very same file: two writers would hide an operator's `rm` from each other. */
  #shownByLeader(lease: LeaseRecord | undefined): boolean {
    return lease?.holder != null && lease.lockPlace !== undefined && lease.lockPlace === this.#place;
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
