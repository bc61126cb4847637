/** The way between agents and the store: how long a request and its reply take, and whether they arrive at all. */
import type { Random } from "./random.ts";

/** Times in ms; undefined: lost. */
export interface Fate {
  readonly requestMs: number | undefined;
  readonly replyMs: number | undefined;
}

/** Which direction is cut. */
export type Cut = "requests" | "replies" | "both";

export interface Weather {
  /** Delay of one direction, ms. */
  readonly fastestMs: number;
  readonly slowestMs: number;
  /** Chance that one direction loses a message. */
  readonly loss: number;
  /** Chance that a message takes up to seconds. */
  readonly slow: number;
  /** Chance that a request arrives long after its caller gave up. */
  readonly late: number;
}

export const CALM: Weather = { fastestMs: 5, slowestMs: 5, loss: 0, slow: 0, late: 0 };

const SLOW_MS = 6_000;
const LATE_MS = 60_000;

export class Network {
  weather: Weather = CALM;
  /** No request arrives later than this. */
  lastArrivalMs = Number.POSITIVE_INFINITY;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  fate(nowMs: number, cut: Cut | undefined): Fate {
    const requestMs = cut === "requests" || cut === "both" ? undefined : this.#requestMs(nowMs);
    const replyMs = cut === "replies" || cut === "both" ? undefined : this.#delayMs();
    return { requestMs, replyMs };
  }

  #requestMs(nowMs: number): number | undefined {
    const { late } = this.weather;
    if (late > 0 && this.#random.chance(late)) {
      return Math.min(this.#random.spread(1_000, LATE_MS), Math.max(0, this.lastArrivalMs - nowMs));
    }
    return this.#delayMs();
  }

  #delayMs(): number | undefined {
    const { loss, slow, fastestMs, slowestMs } = this.weather;
    if (loss > 0 && this.#random.chance(loss)) return undefined;
    if (slow > 0 && this.#random.chance(slow)) return this.#random.spread(slowestMs, SLOW_MS);
    return this.#random.between(fastestMs, slowestMs);
  }
}
