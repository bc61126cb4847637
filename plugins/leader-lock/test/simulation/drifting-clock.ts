/**
 * The clocks of one host, as far from the truth as is assumed to be possible: the monotonic one starts anywhere and runs too
 * fast or too slow, the wall clock shows anything and jumps.
 */

export class DriftingClock {
  #rate: number;
  /** The last change of rate, in real time, and what the clock showed then. */
  #changedMs: number;
  #shownMs: number;
  wallOffsetMs: number;

  constructor(realMs: number, shownMs: number, rate: number, wallOffsetMs: number) {
    this.#changedMs = realMs;
    this.#shownMs = shownMs;
    this.#rate = rate;
    this.wallOffsetMs = wallOffsetMs;
  }

  get rate(): number {
    return this.#rate;
  }

  /** What the monotonic clock shows. */
  shownMs(realMs: number): number {
    return this.#shownMs + (realMs - this.#changedMs) * this.#rate;
  }

  /** The real time at which the monotonic clock shows `shownMs`, at its present rate. */
  realMs(shownMs: number): number {
    return this.#changedMs + (shownMs - this.#shownMs) / this.#rate;
  }

  wallMs(realMs: number): number {
    return this.shownMs(realMs) + this.wallOffsetMs;
  }

  setRate(realMs: number, rate: number): void {
    this.#shownMs = this.shownMs(realMs);
    this.#changedMs = realMs;
    this.#rate = rate;
  }
}
