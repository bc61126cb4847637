/**
 * Makes the blocks of one chain, on a schedule and on demand, one request at a time. Every block's timestamp is
 * decided here, from the shared {@link ChainClock}; anvil's own clock is never used.
 */
import { LocalRpcError } from "../errors.ts";
import { quantity, rpcRequest } from "../json-rpc.ts";
import type { ChainClock } from "./chain-clock.ts";

export interface MineOptions {
  /** Timestamp of the first block; not before the latest block's. Default: the chain clock's time. */
  readonly timestampS?: number;
  /** Seconds between the blocks of one call. Default 0: all get the same timestamp. */
  readonly intervalS?: number;
}

export interface BlockProducerOptions {
  readonly rpcUrl: string;
  readonly clock: ChainClock;
  readonly genesisTimestampS: number;
  /** Host milliseconds between scheduled blocks, or none on a schedule. */
  readonly blockTimeMs: number | "manual";
}

export class BlockProducer {
  readonly #rpcUrl: string;
  readonly #clock: ChainClock;
  readonly #blockTimeMs: number | "manual";
  readonly #stopped = new AbortController();
  #lastTimestampS: number;
  #nextTimestampS: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Identity of the current schedule; one that was paused while making a block must not go on. */
  #schedule: symbol | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #lastError: unknown;

  constructor(options: BlockProducerOptions) {
    this.#rpcUrl = options.rpcUrl;
    this.#clock = options.clock;
    this.#blockTimeMs = options.blockTimeMs;
    this.#lastTimestampS = options.genesisTimestampS;
  }

  /** True while blocks come on a schedule. */
  get running(): boolean {
    return this.#schedule !== undefined;
  }

  /** Why the last scheduled block failed, if it did. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Starts the schedule. Nothing to do on a manual chain. */
  start(): void {
    if (this.running || this.#blockTimeMs === "manual" || this.#stopped.signal.aborted) return;
    const schedule = Symbol("schedule");
    this.#schedule = schedule;
    this.#scheduleBlock(schedule, performance.now() + this.#blockTimeMs, this.#blockTimeMs);
  }

  /** Ends the schedule after the block being made, if any. */
  async pause(): Promise<void> {
    this.#schedule = undefined;
    clearTimeout(this.#timer);
    await this.#queue;
  }

  /** Ends everything at once. Requests under way are given up. */
  stop(): void {
    this.#schedule = undefined;
    clearTimeout(this.#timer);
    this.#stopped.abort(new LocalRpcError("mine", "the chain was stopped", false));
  }

  /** The next block, scheduled or not, gets exactly this timestamp. */
  setNextTimestamp(timestampS: number): void {
    this.#nextTimestampS = timestampS;
  }

  /** Makes `count` blocks now. @throws {LocalRpcError} when the chain does not answer, or refuses the timestamp. */
  mine(count: number, { timestampS, intervalS = 0 }: MineOptions): Promise<void> {
    return this.#serialize(async () => {
      const first = timestampS ?? this.#takeTimestamp();
      if (count === 1) await this.#call("evm_mine", first);
      else {
        await this.#call("evm_setNextBlockTimestamp", first);
        await this.#call("anvil_mine", count, intervalS);
      }
      this.#lastTimestampS = first + (count - 1) * intervalS;
      // Time on the other chain follows a jump on this one.
      this.#clock.advanceTo(this.#lastTimestampS);
    });
  }

  #takeTimestamp(): number {
    const timestampS = this.#nextTimestampS ?? Math.max(this.#clock.nowS(), this.#lastTimestampS);
    this.#nextTimestampS = undefined;
    return timestampS;
  }

  #scheduleBlock(schedule: symbol, dueMs: number, periodMs: number): void {
    const delayMs = Math.max(0, dueMs - performance.now());
    this.#timer = setTimeout(async () => {
      await this.#makeScheduledBlock();
      if (this.#schedule !== schedule) return;
      // After a stall of this process the missed blocks are not made up for, as on a real chain.
      const behind = performance.now() - dueMs;
      this.#scheduleBlock(schedule, behind > periodMs ? performance.now() : dueMs + periodMs, periodMs);
    }, delayMs);
  }

  async #makeScheduledBlock(): Promise<void> {
    try {
      await this.mine(1, {});
      this.#lastError = undefined;
    } catch (error) {
      // The schedule goes on: a chain stopped by a signal answers again after SIGCONT. A snapshot restored or a
      // block mined behind our back can leave our idea of the last timestamp too low, so it is read again.
      this.#lastError = error;
      if (this.running) await this.#refreshLastTimestamp();
    }
  }

  async #refreshLastTimestamp(): Promise<void> {
    try {
      const block = await this.#call("eth_getBlockByNumber", "latest", false);
      const timestamp =
        typeof block === "object" && block !== null ? Reflect.get(block, "timestamp") : undefined;
      this.#lastTimestampS = Number(quantity(timestamp, "latest block timestamp"));
    } catch (error) {
      this.#lastError = error;
    }
  }

  #call(method: string, ...params: unknown[]): Promise<unknown> {
    return rpcRequest(this.#rpcUrl, method, params, { signal: this.#stopped.signal });
  }

  #serialize<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
