/** The block interval of a chain, learned from the heads that are read anyway. */
import type { OracleState } from "../oracle/oracle-state.ts";

const DEFAULT_BLOCK_TIME_MS = 1_000;
const MIN_BLOCK_TIME_MS = 250;
const MAX_BLOCK_TIME_MS = 12_000;

export class BlockTimeEstimate {
  #first: { number: bigint; timestampS: bigint } | undefined;
  #estimateMs = DEFAULT_BLOCK_TIME_MS;

  observe(state: Pick<OracleState, "blockNumber" | "blockTimestampS">): void {
    const first = this.#first;
    if (first === undefined || state.blockNumber < first.number) {
      this.#first = { number: state.blockNumber, timestampS: state.blockTimestampS };
      return;
    }
    const blocks = state.blockNumber - first.number;
    const seconds = state.blockTimestampS - first.timestampS;
    if (blocks < 2n || seconds <= 0n) return;
    const meanMs = Number((seconds * 1000n) / blocks);
    this.#estimateMs = Math.min(Math.max(meanMs, MIN_BLOCK_TIME_MS), MAX_BLOCK_TIME_MS);
  }

  /** Estimated time between blocks in ms. */
  get ms(): number {
    return this.#estimateMs;
  }
}
