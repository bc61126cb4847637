import { SimulatedClock } from "@jeju-oracle/kit/testing";

/** A simulated clock that tells when somebody starts to wait: tests await that instead of sleeping. */
export class WatchedClock extends SimulatedClock {
  #watchers: { readonly delayMs: number; readonly resolve: () => void }[] = [];

  /** Resolves when a timer of exactly `delayMs` is set next. */
  timerSet(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#watchers.push({ delayMs, resolve }));
  }

  override setTimer(delayMs: number, callback: () => void): () => void {
    const cancel = super.setTimer(delayMs, callback);
    const noticed = this.#watchers.filter((watcher) => watcher.delayMs === delayMs);
    this.#watchers = this.#watchers.filter((watcher) => watcher.delayMs !== delayMs);
    for (const { resolve } of noticed) resolve();
    return cancel;
  }
}
