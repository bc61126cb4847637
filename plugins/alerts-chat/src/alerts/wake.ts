/** Wakes a loop that waits for something to do. A ring while nobody waits is not lost. */
import type { Clock } from "@jeju-oracle/kit";

export class Wake {
  #isRung = false;
  #finish: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#finish?.();
  }

  /** Returns when it was rung, after `longestMs`, or when `signal` aborts. For one waiter. */
  async wait(clock: Clock, longestMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#isRung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const finish = () => {
          cancel();
          signal.removeEventListener("abort", finish);
          this.#finish = undefined;
          resolve();
        };
        const cancel = clock.setTimer(longestMs, finish);
        signal.addEventListener("abort", finish, { once: true });
        this.#finish = finish;
      });
    }
    this.#isRung = false;
  }
}
