/**
 * Keeps a defect in one part from stopping another: an election outlasts a report or a listener that throws. Each defect is
 * logged and counted, and logged again at most once a minute, since most come back at every step.
 */
import { type Clock, describeError, type Logger } from "@jeju-oracle/kit";

const REPEAT_MS = 60_000;
/** More different ones than this are no longer told apart. */
const REMEMBERED = 50;

export class Defects {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #count: () => void;
  readonly #loggedAtMs = new Map<string, number>();

  constructor(clock: Clock, logger: Logger, count: () => void) {
    this.#clock = clock;
    this.#logger = logger;
    this.#count = count;
  }

  /** What `work` gives, or `otherwise` when it throws. `what` completes "… failed". */
  isolate<T>(what: string, otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.report(what, error);
      return otherwise;
    }
  }

  report(what: string, error: unknown): void {
    this.#count();
    const cause = describeError(error);
    const nowMs = this.#clock.monotonicMs();
    const key = `${what}: ${cause}`;
    const lastMs = this.#loggedAtMs.get(key);
    if (lastMs !== undefined && nowMs - lastMs < REPEAT_MS) return;
    if (this.#loggedAtMs.size >= REMEMBERED) this.#loggedAtMs.clear();
    this.#loggedAtMs.set(key, nowMs);
    const [, frame] = (error instanceof Error ? (error.stack ?? "") : "").split("\n");
    this.#logger.error(`${what} failed; the election goes on. This is a defect`, {
      error: cause,
      at: frame?.trim(),
    });
  }
}
