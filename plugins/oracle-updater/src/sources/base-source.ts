/** One look at Base: feed, sequencer feed and pool from one block, in one HTTP request. */
import { type Address, zeroAddress } from "viem";
import type { OracleConfig } from "../config.ts";
import type { SourcePins, SourceReading } from "../price/source-reading.ts";
import { windowLadder } from "../price/twap.ts";
import { batchReadCall, decodeBatchRead } from "../rpc/batch-read.ts";
import type { RpcPool } from "../rpc/rpc-pool.ts";
import { feedReads } from "./chainlink.ts";
import { poolReads } from "./uniswap-v3.ts";

export class BaseSource {
  readonly #pool: RpcPool;
  readonly #chainId: number;
  readonly #feed: ReturnType<typeof feedReads>;
  readonly #sequencer: ReturnType<typeof feedReads> | undefined;
  readonly #market: ReturnType<typeof poolReads>;

  constructor(rpc: RpcPool, config: OracleConfig, pins: SourcePins) {
    this.#pool = rpc;
    this.#chainId = config.base.chainId;
    this.#feed = feedReads(config.feed);
    this.#sequencer = config.sequencerFeed === undefined ? undefined : feedReads(config.sequencerFeed);
    this.#market = poolReads(pins.pool as Address, windowLadder(config.twapWindowS, config.twapMinWindowS));
  }

  /** @throws {ChainUnreachableError} when no endpoint could be read. */
  async read(signal?: AbortSignal): Promise<SourceReading> {
    const sequencerCalls = this.#sequencer?.calls ?? [];
    const calls = [...this.#feed.calls, ...sequencerCalls, ...this.#market.calls];
    const afterFeed = this.#feed.calls.length;
    const afterSequencer = afterFeed + sequencerCalls.length;
    return this.#pool.attempt(async (session) => {
      const [reply] = await session.request([batchReadCall(zeroAddress, calls, "latest")]);
      const snapshot = decodeBatchRead(reply, calls.length, this.#chainId, session.label);
      await session.observeHead({ number: snapshot.blockNumber, timestampS: snapshot.blockTimestampS });
      return {
        blockNumber: snapshot.blockNumber,
        blockTimestampS: snapshot.blockTimestampS,
        feed: this.#feed.decode(snapshot.results),
        sequencer:
          this.#sequencer === undefined
            ? undefined
            : (this.#sequencer.decode(snapshot.results.slice(afterFeed, afterSequencer)) ?? "unreadable"),
        pool: this.#market.decode(snapshot.results.slice(afterSequencer)),
      };
    }, signal);
  }
}
