/** For how long this host has known each proposal, by its monotonic clock: where wall clocks disagree, it expires early, never late. */
import type { Clock } from "@jeju-oracle/kit";

export class SeenSince {
  readonly #clock: Clock;
  readonly #firstMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Time in ms since `id` was first asked for; 0 the first time. */
  forMs(id: string): number {
    const nowMs = this.#clock.monotonicMs();
    const firstMs = this.#firstMs.get(id) ?? nowMs;
    this.#firstMs.set(id, firstMs);
    return nowMs - firstMs;
  }

  forget(id: string): void {
    this.#firstMs.delete(id);
  }
}
