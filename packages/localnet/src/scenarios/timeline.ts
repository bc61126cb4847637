/** Chain time as a scenario sees it: it waits on a chain that runs, and makes the time pass on one that stands still. */
import { DeadlineError } from "@jeju-oracle/kit";
import type { Localnet } from "../localnet.ts";

/** A chain that shows no new block for this long of host time is stopped, and a scenario does not wait for it. */
const BLOCK_DEADLINE_MS = 60_000;
const BLOCK_POLL_MS = 25;
/** Nominal block time of Base, for chains that stand still. */
const BASE_BLOCK_S = 2;

export class Timeline {
  readonly #net: Localnet;
  readonly #signal: AbortSignal;
  readonly #startS: number;

  constructor(net: Localnet, signal: AbortSignal) {
    this.#net = net;
    this.#signal = signal;
    this.#startS = net.clock.nowS();
  }

  /** Chain seconds since the scenario began. */
  get elapsedS(): number {
    return this.#net.clock.nowS() - this.#startS;
  }

  /** Returns when `elapsedS` has reached this, or at once if it has already. @throws the abort reason. */
  async until(elapsedS: number): Promise<void> {
    this.#signal.throwIfAborted();
    const remainingS = elapsedS - this.elapsedS;
    if (remainingS <= 0) return;
    const { clock } = this.#net;
    if (clock.speedUp === 0) await this.#net.advance(remainingS);
    else
      while (this.elapsedS < elapsedS) await this.#sleep(((elapsedS - this.elapsedS) * 1000) / clock.speedUp);
  }

  /** Returns when Base has `count` more blocks. @throws the abort reason, or {DeadlineError} if none come. */
  async baseBlocks(count: number): Promise<void> {
    const { base } = this.#net;
    if (base.blockTimeMs === "manual") return this.#net.advance(count * BASE_BLOCK_S, { blocks: count });
    const target = (await base.client.getBlockNumber()) + BigInt(count);
    const endMs = performance.now() + BLOCK_DEADLINE_MS + count * base.blockTimeMs;
    while ((await base.client.getBlockNumber()) < target) {
      if (performance.now() > endMs)
        throw new DeadlineError(`waiting for ${count} Base blocks`, BLOCK_DEADLINE_MS);
      await this.#sleep(BLOCK_POLL_MS);
    }
  }

  async #sleep(delayMs: number): Promise<void> {
    const signal = this.#signal;
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, Math.max(1, Math.min(delayMs, 2 ** 30)));
      signal.addEventListener("abort", finish, { once: true });
    });
    signal.throwIfAborted();
  }
}
