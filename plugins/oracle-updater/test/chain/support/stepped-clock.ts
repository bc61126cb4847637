/**
 * A clock that moves only when told to, for agents that talk to real chains. Time stands still while a request is
 * under way, so an answer takes no time at all and no deadline passes because the machine is slow.
 */
import type { Clock } from "@jeju-oracle/kit";

interface Timer {
  readonly dueMs: number;
  readonly delayMs: number;
  readonly callback: () => void;
}

/** Every timer of this length is taken for the deadline of a request, and one of the retry round's length. */
export const REQUEST_DEADLINE_MS = 29_989;
const RETRY_ROUND_DEADLINE_MS = 4 * REQUEST_DEADLINE_MS;
/** Real time that one answer may take before the test is given up. */
const PATIENCE_MS = 20_000;
/** Turns of the event loop between two requests of one cycle: nothing but promises lies between them. */
const TURNS_BETWEEN_REQUESTS = 3;

export class SteppedClock implements Clock {
  #nowMs = 0;
  #wallErrorMs = 0;
  readonly #startWallMs: number;
  readonly #timers = new Set<Timer>();
  #onRequestEnded: () => void = () => undefined;

  constructor(startWallMs: number) {
    this.#startWallMs = startWallMs;
  }

  wallMs(): number {
    return this.#startWallMs + this.#nowMs + this.#wallErrorMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, delayMs), delayMs, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      if (isRequest(timer)) this.#onRequestEnded();
    };
  }

  /** Makes the host's wall clock wrong by so much more. */
  jumpWall(ms: number): void {
    this.#wallErrorMs += ms;
  }

  /** Passes so much time. After each timer on the way, everything that it set off comes to rest. */
  async pass(ms: number): Promise<void> {
    const targetMs = this.#nowMs + ms;
    await this.atRest();
    for (let next = this.#nextTimer(targetMs); next !== undefined; next = this.#nextTimer(targetMs)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
      await this.atRest();
    }
    this.#nowMs = targetMs;
  }

  /** Until no request is under way and everybody waits for time to pass. @throws when an answer takes too long. */
  async atRest(): Promise<void> {
    for (let calmTurns = 0; calmTurns < TURNS_BETWEEN_REQUESTS; calmTurns++) {
      if ([...this.#timers].some(isRequest)) {
        await this.#requestEnded();
        calmTurns = 0;
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #requestEnded(): Promise<void> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(
        () => reject(new Error(`a request got no answer within ${PATIENCE_MS} ms of real time`)),
        PATIENCE_MS,
      );
      this.#onRequestEnded = () => {
        clearTimeout(patience);
        this.#onRequestEnded = () => undefined;
        resolve();
      };
    });
  }

  #nextTimer(limitMs: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= limitMs && (earliest === undefined || timer.dueMs < earliest.dueMs))
        earliest = timer;
    }
    return earliest;
  }
}

function isRequest({ delayMs }: Timer): boolean {
  return delayMs === REQUEST_DEADLINE_MS || delayMs === RETRY_ROUND_DEADLINE_MS;
}
