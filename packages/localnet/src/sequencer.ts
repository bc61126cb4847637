/** Chainlink's L2 sequencer uptime feed on Base: https://docs.chain.link/data-feeds/l2-sequencer-feeds */
import { mockAggregatorAbi } from "@jeju-oracle/contracts/MockAggregator";
import type { Address } from "viem";
import { call, type Transactor } from "./transactor.ts";

const UP = 0n;
const DOWN = 1n;

export class Sequencer {
  readonly #publisher: Transactor;
  readonly #feed: Address;

  constructor(publisher: Transactor, feed: Address) {
    this.#publisher = publisher;
    this.#feed = feed;
  }

  /** The feed says: down, since now. */
  async goDown(): Promise<void> {
    await this.#publisher.send(call(this.#feed, mockAggregatorAbi, "setAnswer", [DOWN]));
  }

  /** The feed says: up, since now. Grace periods count from here. */
  async comeUp(): Promise<void> {
    await this.#publisher.send(call(this.#feed, mockAggregatorAbi, "setAnswer", [UP]));
  }
}
