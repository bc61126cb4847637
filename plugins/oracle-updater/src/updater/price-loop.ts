/**
 * The cadence. One cycle at a time; between cycles it sleeps until the next poll, the next heartbeat or a hint,
 * whichever comes first. Heartbeats have their own due time and do not wait for the poll grid.
 */
import { BaseError, type Clock, describeError, type Logger, type Requester } from "@jeju-oracle/kit";
import type { OracleConfig } from "../config.ts";
import type { BlockTimeEstimate } from "./block-time.ts";
import type { CycleOutcome } from "./cycle-outcome.ts";
import type { PriceUpdater } from "./price-updater.ts";

export interface PriceLoopOptions {
  readonly updater: Pick<PriceUpdater, "runCycle" | "recordBrokenCycle" | "lastLook" | "backOffMs">;
  readonly config: OracleConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly blockTime: BlockTimeEstimate;
  /** After every cycle, with the time it took. */
  readonly onCycle: (durationMs: number) => void;
}

interface ForcedCycle {
  readonly requester: Requester;
  readonly resolve: (outcome: CycleOutcome) => void;
}

/** Lost races are looked at again at once, but not endlessly: after this many in a row a block is waited. */
const IMMEDIATE_RETRIES = 5;
/** A heartbeat is due to the second of chain time: wake a little after, not a little before. */
const HEARTBEAT_SLACK_MS = 50;
const MAX_FORCED_WAITING = 8;

export class PriceLoop {
  readonly #options: PriceLoopOptions;
  readonly #forced: ForcedCycle[] = [];
  #wake: () => void = () => undefined;
  #hinted = false;
  #racesInARow = 0;
  #stopped = false;

  constructor(options: PriceLoopOptions) {
    this.#options = options;
  }

  /** Asks for a cycle as soon as the running one is over. Hints do not pile up. */
  hint(): void {
    this.#hinted = true;
    this.#wake();
  }

  /** Runs one cycle that counts as due and returns how it ended. @throws {BaseError} when too many wait already. */
  force(requester: Requester): Promise<CycleOutcome> {
    if (this.#stopped) return Promise.resolve(stoppedOutcome());
    if (this.#forced.length >= MAX_FORCED_WAITING) {
      throw new BaseError("too many forced updates are waiting", {
        code: "busy",
        retryable: true,
        nextStep: "Wait for the running update to finish.",
      });
    }
    return new Promise((resolve) => {
      this.#forced.push({ requester, resolve });
      this.hint();
    });
  }

  /** Cycles until `signal` aborts. Never throws: a failed cycle is logged and the next one follows. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#hinted = false;
      const forced = this.#forced.shift();
      const outcome = await this.#cycle(forced?.requester, signal);
      forced?.resolve(outcome);
      if (this.#forced.length > 0) continue;
      await this.#sleep(this.#delayAfter(outcome), signal);
    }
    this.#stopped = true;
    for (const { resolve } of this.#forced.splice(0)) resolve(stoppedOutcome());
  }

  async #cycle(requester: Requester | undefined, signal: AbortSignal): Promise<CycleOutcome> {
    const { updater, clock, logger } = this.#options;
    const startedAtMs = clock.monotonicMs();
    try {
      return await updater.runCycle(requester, signal);
    } catch (error) {
      if (signal.aborted) return stoppedOutcome();
      const failure = asBaseError(error);
      logger.error("Cycle failed", {
        code: failure.code,
        error: describeError(error),
        nextStep: failure.nextStep,
      });
      updater.recordBrokenCycle(failure);
      return { kind: "failed", error: failure };
    } finally {
      this.#report(clock.monotonicMs() - startedAtMs);
    }
  }

  /** A cycle that cannot be reported still happened: whoever forced it gets its outcome and the next one follows. */
  #report(durationMs: number): void {
    const { onCycle, logger } = this.#options;
    try {
      onCycle(durationMs);
    } catch (error) {
      logger.error("A cycle could not be reported", { error: describeError(error) });
    }
  }

  #delayAfter(outcome: CycleOutcome): number {
    const { config, blockTime, updater } = this.#options;
    this.#racesInARow = outcome.kind === "lost-race" ? this.#racesInARow + 1 : 0;
    switch (outcome.kind) {
      case "lost-race":
        return this.#racesInARow <= IMMEDIATE_RETRIES ? 0 : blockTime.ms;
      case "waiting":
      case "cancelled":
        return Math.min(blockTime.ms, config.pollIntervalMs);
      case "failed":
        return Math.min(
          updater.backOffMs > 0 ? updater.backOffMs : config.transaction.retryDelayMs,
          config.pollIntervalMs,
        );
      case "landed":
        return Math.min(config.pollIntervalMs, config.decision.heartbeatMs);
      case "skipped":
        return Math.min(config.pollIntervalMs, this.#untilHeartbeatMs());
      default:
        return outcome satisfies never;
    }
  }

  /** Time until the price on chain reaches the heartbeat; the poll interval when it is past it and something forbids. */
  #untilHeartbeatMs(): number {
    const { updater, config } = this.#options;
    const look = updater.lastLook;
    if (look === undefined) return config.pollIntervalMs;
    const ageMs = Number(look.nowS - look.state.lastUpdateS) * 1000;
    const leftMs = config.decision.heartbeatMs - ageMs;
    return leftMs > 0 ? leftMs + HEARTBEAT_SLACK_MS : config.pollIntervalMs;
  }

  #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    if (this.#hinted || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        cancel();
        signal.removeEventListener("abort", finish);
        this.#wake = () => undefined;
        resolve();
      };
      const cancel = this.#options.clock.setTimer(delayMs, finish);
      this.#wake = finish;
      signal.addEventListener("abort", finish, { once: true });
    });
  }
}

function stoppedOutcome(): CycleOutcome {
  const error = new BaseError("the agent is stopping", {
    code: "stopping",
    retryable: true,
    nextStep: "Ask another agent, or start this one again.",
  });
  return { kind: "failed", error };
}

function asBaseError(error: unknown): BaseError {
  if (error instanceof BaseError) return error;
  return new BaseError("a cycle failed unexpectedly", {
    code: "unexpected",
    retryable: true,
    nextStep: "The next cycle follows by itself. If it repeats, report it with the log.",
    cause: error,
  });
}
