/**
 * Which head is too old to be believed. Remembers the newest head that any endpoint of the chain has shown, and when
 * each endpoint's head last moved. It only raises suspicion: whether a head really stalled is decided by asking another
 * endpoint, because a stopped chain and a wrong host clock look alike from one endpoint.
 */
import type { Clock } from "@jeju-oracle/kit";

export interface BlockHead {
  readonly number: bigint;
  readonly timestampS: bigint;
}

export type HeadSuspicion = "none" | "behind" | "stalled";

/** Endpoints behind a load balancer differ by a few blocks; more than this is a node that lags. */
const LAG_TOLERANCE_S = 10n;
/** A head that does not move for this long is compared with other endpoints. */
const STALL_MS = 12_000;
/** A head this much older than the host clock is compared as well (a syncing node moves, hours behind). */
const OLD_HEAD_S = 20n;
/** Comparison costs a request per other endpoint: at most one per this time. */
const COMPARE_EVERY_MS = 5_000;
/** The memory of the newest head fades, so that a chain that was rolled back is believed again. */
const MEMORY_MS = 60_000;

interface EndpointHead {
  number: bigint;
  movedAtMs: number;
  comparedAtMs: number;
}

export class HeadTracker {
  readonly #clock: Clock;
  readonly #byEndpoint = new Map<number, EndpointHead>();
  #newest: BlockHead | undefined;
  #newestSeenAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Records a head of an endpoint and says what is suspicious about it. */
  observe(endpointIndex: number, head: BlockHead): HeadSuspicion {
    const nowMs = this.#clock.monotonicMs();
    if (this.isBehindSeen(head)) return "behind";
    this.#remember(head, nowMs);
    const known = this.#byEndpoint.get(endpointIndex);
    if (known === undefined) {
      this.#byEndpoint.set(endpointIndex, {
        number: head.number,
        movedAtMs: nowMs,
        comparedAtMs: Number.NEGATIVE_INFINITY,
      });
    } else if (head.number > known.number) {
      known.number = head.number;
      known.movedAtMs = nowMs;
    }
    return this.#suspect(endpointIndex, head, nowMs) ? "stalled" : "none";
  }

  /** Whether `head` is clearly behind what some endpoint has shown within the last minute. */
  isBehindSeen(head: BlockHead): boolean {
    if (this.#newest === undefined) return false;
    if (this.#clock.monotonicMs() - this.#newestSeenAtMs > MEMORY_MS) return false;
    return this.isAhead(this.#newest, head);
  }

  /** Whether `other` is ahead of `head` by more than load balancers explain. */
  isAhead(other: BlockHead, head: BlockHead): boolean {
    return other.number > head.number && other.timestampS > head.timestampS + LAG_TOLERANCE_S;
  }

  /** Forgets an endpoint's history after it recovered. */
  forget(endpointIndex: number): void {
    this.#byEndpoint.delete(endpointIndex);
  }

  #remember(head: BlockHead, nowMs: number): void {
    const faded = nowMs - this.#newestSeenAtMs > MEMORY_MS;
    if (this.#newest === undefined || faded || head.number >= this.#newest.number) {
      this.#newest = head;
      this.#newestSeenAtMs = nowMs;
    }
  }

  #suspect(endpointIndex: number, head: BlockHead, nowMs: number): boolean {
    const known = this.#byEndpoint.get(endpointIndex);
    if (known === undefined) return false;
    const stoodStill = nowMs - known.movedAtMs > STALL_MS;
    const looksOld = BigInt(Math.floor(this.#clock.wallMs() / 1000)) - head.timestampS > OLD_HEAD_S;
    if (!stoodStill && !looksOld) return false;
    if (nowMs - known.comparedAtMs < COMPARE_EVERY_MS) return false;
    known.comparedAtMs = nowMs;
    return true;
  }
}
