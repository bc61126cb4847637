/**
 * The dead-man's switch: tells an outside watch that this agent makes progress, and is silent when it does not. Every agent tells, not
 * only the leader: with one address for all, the watch calls the team when no agent is left.
 */
import {
  type AlertSink,
  type Clock,
  type Logger,
  type OracleSnapshot,
  type Secret,
  type Supervised,
  sleep,
  supervise,
} from "@jeju-oracle/kit";
import { obstacleToProgress, type ProgressLimits } from "./judge-progress.ts";
import { ping } from "./ping.ts";

export interface HeartbeatOptions {
  readonly url: Secret;
  /** Least time in ms between two tellings that were heard. */
  readonly intervalMs: number;
  readonly limits: ProgressLimits;
  /** Undefined before the price loop has started. */
  readonly snapshot: () => OracleSnapshot | undefined;
  /** Monotonic time, ms, at which the alert pipeline last went round. */
  readonly pipelineProgressMs: () => number;
  readonly alerts: AlertSink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

const HEARTBEAT_ALERT = "heartbeat-url-failing";

/** While there is no progress: how soon it is noticed when there is. */
const LOOK_EVERY_MS = 5_000;
/** A telling that fails is tried again; after all of these it is missed. */
const ATTEMPTS = 3;
const LONGEST_RETRY_PAUSE_MS = 5_000;
/** Outside watches wait for a few before they call; by then somebody should know why. */
const WARN_AFTER_MISSES = 3;

export function startHeartbeat(options: HeartbeatOptions): Supervised {
  return supervise(options.clock, options.logger, "The dead-man's switch", (signal) =>
    new Heartbeat(options).run(signal),
  );
}

class Heartbeat {
  readonly #options: HeartbeatOptions;
  #misses = 0;
  #isSilent = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#options;
    while (!signal.aborted) {
      const startedAtMs = clock.monotonicMs();
      const isTold = this.#mayTell() && (await this.#tell(signal));
      const nextInMs = isTold ? intervalMs : Math.min(LOOK_EVERY_MS, intervalMs);
      await sleep(clock, startedAtMs + nextInMs - clock.monotonicMs(), signal);
    }
  }

  /** Says in the log when silence begins and ends, once. */
  #mayTell(): boolean {
    const { clock, limits, logger, pipelineProgressMs, snapshot } = this.#options;
    const pipelineAgeMs = clock.monotonicMs() - pipelineProgressMs();
    const obstacle = obstacleToProgress({ snapshot: snapshot(), pipelineAgeMs }, limits);
    const isSilent = obstacle !== undefined;
    if (isSilent && !this.#isSilent)
      logger.warn("No progress: the outside watch is not told", { reason: obstacle });
    if (!isSilent && this.#isSilent) logger.info("Progress again: the outside watch is told");
    this.#isSilent = isSilent;
    return !isSilent;
  }

  /** @returns true: this turn is over, whether it was heard or missed. False: stopped meanwhile. */
  async #tell(signal: AbortSignal): Promise<boolean> {
    const { clock, intervalMs, random, url } = this.#options;
    let problem: string | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      problem = await ping(url, clock, signal);
      if (signal.aborted) return false;
      if (problem === undefined) break;
      const longestMs = Math.min(LONGEST_RETRY_PAUSE_MS, intervalMs / ATTEMPTS);
      if (attempt < ATTEMPTS) await sleep(clock, longestMs * (0.5 + random() / 2), signal);
      if (signal.aborted) return false;
    }
    this.#record(problem);
    return true;
  }

  #record(problem: string | undefined): void {
    const { alerts, logger } = this.#options;
    if (problem === undefined) {
      if (this.#misses > 0) logger.info("The outside watch hears this agent again");
      this.#misses = 0;
      alerts.clear(HEARTBEAT_ALERT);
      return;
    }
    this.#misses += 1;
    alerts.raise({
      key: HEARTBEAT_ALERT,
      severity: this.#misses < WARN_AFTER_MISSES ? "info" : "warning",
      summary: `The address in HEARTBEAT_URL did not answer ${timesInARow(this.#misses)}: ${problem}`,
      nextStep: "Check HEARTBEAT_URL and that this host reaches it; the watch will call this agent dead.",
    });
  }
}

function timesInARow(misses: number): string {
  return misses === 1 ? "once" : `${misses} times in a row`;
}
