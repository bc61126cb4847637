/** Bounds how often somebody without rights is answered: a few times a minute, then in silence. */
import type { Clock } from "@jeju-oracle/kit";

const WINDOW_MS = 60_000;
const TOLD_PER_WINDOW = 5;
/** Far above a team's size; whoever fills it is no team. */
const REMEMBERED = 1_000;

export class RefusalMeter {
  readonly #clock: Clock;
  readonly #told = new Map<string, { sinceMs: number; count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one refusal. @returns whether it should be answered. */
  mayTell(who: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const entry = this.#told.get(who);
    if (entry === undefined || nowMs - entry.sinceMs >= WINDOW_MS) {
      this.#told.delete(who);
      this.#told.set(who, { sinceMs: nowMs, count: 1 });
      const oldest = this.#told.keys().next().value;
      if (this.#told.size > REMEMBERED && oldest !== undefined) this.#told.delete(oldest);
      return true;
    }
    entry.count += 1;
    return entry.count <= TOLD_PER_WINDOW;
  }
}
