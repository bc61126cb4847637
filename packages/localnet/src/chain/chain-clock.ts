/**
 * The time of the simulated world, shared by both chains so that their block timestamps agree. It runs at a constant
 * multiple of the host's monotonic clock (0: only when told to) and never goes back.
 */
import { LocalnetInputError } from "../errors.ts";

export interface ChainClockOptions {
  /** Chain time now, seconds since the epoch. */
  readonly startTimestampS: number;
  /** Chain seconds per host second; 0 stands still until advanced. */
  readonly speedUp: number;
  /** Host monotonic milliseconds; replaceable for tests. */
  readonly monotonicMs?: () => number;
}

// Half a second off the boundary: a block due every whole number of seconds then tolerates 500 ms of timer jitter
// before its timestamp repeats or skips.
const PHASE_MS = 500;

export class ChainClock {
  readonly #monotonicMs: () => number;
  #speedUp: number;
  #anchorMs: number;
  #startTimestampS: number;

  /** @throws {LocalnetInputError} for a fractional start or a negative speed. */
  constructor({ startTimestampS, speedUp, monotonicMs }: ChainClockOptions) {
    if (!Number.isSafeInteger(startTimestampS) || startTimestampS < 0) {
      throw new LocalnetInputError(
        `startTimestampS is ${startTimestampS}`,
        "Give whole seconds since the epoch, for example 1700000000.",
      );
    }
    this.#speedUp = requireSpeed(speedUp);
    this.#monotonicMs = monotonicMs ?? (() => performance.now());
    this.#anchorMs = this.#monotonicMs();
    this.#startTimestampS = startTimestampS;
  }

  /** A clock that agrees with the host's wall clock now, and is never ahead of it. */
  static realTime(): ChainClock {
    return new ChainClock({ startTimestampS: Math.floor((Date.now() - PHASE_MS) / 1000), speedUp: 1 });
  }

  /** Chain seconds per host second. */
  get speedUp(): number {
    return this.#speedUp;
  }

  /** From now on time runs at this multiple of the host's. @throws {LocalnetInputError} for a negative one. */
  run(speedUp: number): void {
    this.#startTimestampS = this.nowS();
    this.#anchorMs = this.#monotonicMs();
    this.#speedUp = requireSpeed(speedUp);
  }

  /** Whole seconds since the epoch: the timestamp of a block mined now. */
  nowS(): number {
    const elapsedMs = (this.#monotonicMs() - this.#anchorMs) * this.#speedUp;
    return this.#startTimestampS + Math.floor((elapsedMs + PHASE_MS) / 1000);
  }

  /** Jumps ahead by whole seconds. */
  advanceBy(seconds: number): void {
    if (!Number.isSafeInteger(seconds) || seconds < 0) {
      throw new LocalnetInputError(
        `cannot advance the clock by ${seconds} s`,
        "Give a whole number of seconds, 0 or more: chain time never goes back.",
      );
    }
    this.#startTimestampS += seconds;
  }

  /** Jumps ahead to `timestampS` when that lies in the future; otherwise does nothing. */
  advanceTo(timestampS: number): void {
    this.advanceBy(Math.max(0, timestampS - this.nowS()));
  }
}

function requireSpeed(speedUp: number): number {
  if (Number.isFinite(speedUp) && speedUp >= 0) return speedUp;
  throw new LocalnetInputError(
    `speedUp is ${speedUp}`,
    "Give a number above 0, for example 1 for real time or 60 for a minute a second.",
  );
}
