/** The Chainlink-shaped ETH/USD feed: what its operators, and their failures, can do to it. */
import { mockAggregatorAbi } from "@jeju-oracle/contracts/MockAggregator";
import type { Address } from "viem";
import type { LocalChain } from "./chain/chain.ts";
import { call, type Transactor } from "./transactor.ts";

/** A round in the feed's own units: answer in its decimals, times in seconds. */
export interface FeedRound {
  readonly roundId: bigint;
  readonly answer: bigint;
  readonly startedAtS: number;
  readonly updatedAtS: number;
  readonly answeredInRound: bigint;
}

export interface FeedOptions {
  readonly chain: LocalChain;
  readonly publisher: Transactor;
  readonly address: Address;
  readonly decimals: number;
}

export class Feed {
  readonly decimals: number;
  readonly #options: FeedOptions;
  #stalled = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.decimals = options.decimals;
  }

  /** True between {@link stall} and {@link unstall}. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /**
   * Completes a new round with this answer, USD per ETH with 8 decimals whatever the feed's own decimals.
   * @returns false, and nothing happens, while the feed is stalled.
   */
  async setAnswer(ethUsd8: bigint): Promise<boolean> {
    if (this.#stalled) return false;
    await this.#call("setAnswer", [this.toOwnDecimals(ethUsd8)]);
    return true;
  }

  /** Makes exactly these values the latest round, plausible or not; what is not given stays as it is. */
  async setRound(round: Partial<FeedRound>): Promise<void> {
    const { roundId, answer, startedAtS, updatedAtS, answeredInRound } = {
      ...(await this.latestRound()),
      ...round,
    };
    await this.#call("setRoundData", [
      roundId,
      answer,
      BigInt(startedAtS),
      BigInt(updatedAtS),
      answeredInRound,
    ]);
  }

  /** The feed suddenly tells other decimals; its answer stays the same number. {@link setAnswer} keeps the old ones. */
  async setDecimals(decimals: number): Promise<void> {
    await this.#call("setDecimals", [decimals]);
  }

  /** From now on the feed does not publish, whatever the market does: {@link setAnswer} is without effect. */
  stall(): void {
    this.#stalled = true;
  }

  /** Undoes {@link stall}. Publishes nothing by itself. */
  unstall(): void {
    this.#stalled = false;
  }

  /** The latest round at the latest block. */
  async latestRound(): Promise<FeedRound> {
    const [roundId, answer, startedAt, updatedAt, answeredInRound] =
      await this.#options.chain.client.readContract({
        address: this.#options.address,
        abi: mockAggregatorAbi,
        functionName: "latestRoundData",
      });
    return { roundId, answer, startedAtS: Number(startedAt), updatedAtS: Number(updatedAt), answeredInRound };
  }

  /** USD per ETH, 8 decimals, at the latest block. */
  async ethUsd8(): Promise<bigint> {
    const { answer } = await this.latestRound();
    return this.decimals >= 8
      ? answer / 10n ** BigInt(this.decimals - 8)
      : answer * 10n ** BigInt(8 - this.decimals);
  }

  /** An 8-decimals price in the feed's own decimals. */
  toOwnDecimals(ethUsd8: bigint): bigint {
    return this.decimals >= 8
      ? ethUsd8 * 10n ** BigInt(this.decimals - 8)
      : ethUsd8 / 10n ** BigInt(8 - this.decimals);
  }

  async #call(functionName: string, args: readonly unknown[]): Promise<void> {
    await this.#options.publisher.send(call(this.#options.address, mockAggregatorAbi, functionName, args));
  }
}
