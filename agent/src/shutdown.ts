/**
 * An orderly end: every step in its order, each with its own deadline, a failing or hanging one never keeps the next
 * from running, and the whole is over within {@link SHUTDOWN_DEADLINE_MS}.
 */
import { type Clock, describeError, type Logger, withDeadline } from "@jeju-oracle/kit";

/** The bound is 5 s from the signal; the rest is for leaving the process. */
export const SHUTDOWN_DEADLINE_MS = 4_800;

export interface ShutdownStep {
  readonly name: string;
  /** Steps run in ascending order. */
  readonly order: number;
  readonly deadlineMs: number;
  readonly run: () => Promise<void>;
}

export interface ShutdownReport {
  readonly completed: readonly string[];
  /** Steps that threw, passed their deadline, or had no time left. */
  readonly failed: readonly string[];
}

/** Collects what has to be ended while an agent starts, and ends it once. */
export class Shutdown {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #steps: ShutdownStep[] = [];
  readonly #controller = new AbortController();
  #running: Promise<ShutdownReport> | undefined;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Aborts when the end is asked for: what is still starting gives up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Adds a step, also while others run. Call it right before starting what the step ends. */
  add(step: ShutdownStep): void {
    this.#steps.push(step);
  }

  /** Runs all steps; a second call gets the first one's result. Never throws. */
  run(reason: string): Promise<ShutdownReport> {
    this.#running ??= this.#runSteps(reason);
    return this.#running;
  }

  async #runSteps(reason: string): Promise<ShutdownReport> {
    const startedAtMs = this.#clock.monotonicMs();
    this.#logger.info("Shutting down", { reason });
    this.#controller.abort();
    const completed: string[] = [];
    const failed: string[] = [];
    for (let step = this.#takeNext(); step !== undefined; step = this.#takeNext()) {
      const leftMs = SHUTDOWN_DEADLINE_MS - (this.#clock.monotonicMs() - startedAtMs);
      try {
        await withDeadline(this.#clock, step.name, Math.max(0, Math.min(step.deadlineMs, leftMs)), step.run);
        completed.push(step.name);
      } catch (error) {
        failed.push(step.name);
        this.#logger.error("A shutdown step failed; the next one runs", {
          step: step.name,
          error: describeError(error),
        });
      }
    }
    const tookMs = Math.round(this.#clock.monotonicMs() - startedAtMs);
    this.#logger.info("Shut down", { tookMs, failedSteps: failed.length });
    return { completed, failed };
  }

  #takeNext(): ShutdownStep | undefined {
    this.#steps.sort((a, b) => a.order - b.order);
    return this.#steps.shift();
  }
}
