/**
 * Whether an endpoint may serve, from what it did: one failure takes it out, good probes in a row bring it back, and an
 * endpoint that keeps failing needs ever more of them. Pure state with time as argument.
 */
const MIN_GOOD_PROBES = 2;
const MAX_GOOD_PROBES = 64;
/** An endpoint that was well for this long has its past failures forgiven. */
const FORGIVE_AFTER_MS = 600_000;

export class EndpointHealth {
  #healthy: boolean;
  #proven: boolean;
  #healthySinceMs: number;
  /** Consecutive good probes since the failure. */
  #goodProbes = 0;
  /** Good probes needed to return. Doubles with each failure, so that a flapping endpoint settles as a fallback. */
  #requiredGoodProbes = MIN_GOOD_PROBES / 2;

  /** @param trusted false for an endpoint that must answer one probe before anything else is asked of it. */
  constructor(nowMs: number, trusted: boolean) {
    this.#healthy = trusted;
    this.#proven = trusted;
    this.#healthySinceMs = nowMs;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  /** Whether it is known to be a node of the right chain. */
  get proven(): boolean {
    return this.#proven;
  }

  /** It failed while it was healthy. */
  fail(nowMs: number): void {
    const wellForMs = nowMs - this.#healthySinceMs;
    const required = wellForMs > FORGIVE_AFTER_MS ? MIN_GOOD_PROBES : this.#requiredGoodProbes * 2;
    this.#requiredGoodProbes = Math.min(Math.max(required, MIN_GOOD_PROBES), MAX_GOOD_PROBES);
    this.#healthy = false;
    this.#goodProbes = 0;
  }

  /** A probe of an endpoint that is out went well. @returns whether it may serve again. */
  probedWell(): boolean {
    this.#proven = true;
    this.#goodProbes += 1;
    return this.#goodProbes >= this.#requiredGoodProbes;
  }

  probedBadly(): void {
    this.#goodProbes = 0;
  }

  recover(nowMs: number): void {
    this.#healthy = true;
    this.#healthySinceMs = nowMs;
  }
}
