/** A loop that cannot die: an escaped error is logged and the loop restarts after a growing, bounded pause. */
import type { Clock } from "./clock.ts";
import { sleep } from "./clock.ts";
import { describeError } from "./errors.ts";
import type { Logger } from "./log.ts";

export interface Supervised {
  /** Aborts the loop and waits until it has returned. */
  stop(): Promise<void>;
}

const FIRST_RESTART_DELAY_MS = 500;
const MAX_RESTART_DELAY_MS = 30_000;

/**
 * Runs `loop` until it returns or `stop` is called. `loop` must return soon after its signal aborts.
 * @param what names the loop in the log.
 */
export function supervise(
  clock: Clock,
  logger: Logger,
  what: string,
  loop: (signal: AbortSignal) => Promise<void>,
): Supervised {
  const controller = new AbortController();
  const { signal } = controller;
  const finished = (async () => {
    let restartDelayMs = FIRST_RESTART_DELAY_MS;
    while (!signal.aborted) {
      const startedAtMs = clock.monotonicMs();
      try {
        await loop(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (clock.monotonicMs() - startedAtMs > MAX_RESTART_DELAY_MS) restartDelayMs = FIRST_RESTART_DELAY_MS;
        logger.error(`${what} failed and restarts`, { error: describeError(error), restartDelayMs });
        await sleep(clock, restartDelayMs, signal);
        restartDelayMs = Math.min(restartDelayMs * 2, MAX_RESTART_DELAY_MS);
      }
    }
  })();
  return {
    async stop() {
      controller.abort();
      await finished;
    },
  };
}
