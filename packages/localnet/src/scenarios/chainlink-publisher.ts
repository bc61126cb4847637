/**
 * Publishes to the feed as Chainlink's ETH/USD on Base does: when the price has moved by 0.15 %, or after 20 minutes.
 * https://data.chain.link/feeds/base/base/eth-usd
 */
import type { Localnet } from "../localnet.ts";

/** 0.15 % in parts per million. */
const DEVIATION_PPM = 1_500n;
const HEARTBEAT_S = 20 * 60;
const MILLION = 1_000_000n;

export class ChainlinkPublisher {
  readonly #net: Localnet;
  #published8: bigint;
  #publishedAtS: number;

  private constructor(net: Localnet, published8: bigint, publishedAtS: number) {
    this.#net = net;
    this.#published8 = published8;
    this.#publishedAtS = publishedAtS;
  }

  /** Goes on from what the feed tells now. */
  static async resume(net: Localnet): Promise<ChainlinkPublisher> {
    const [price8, { updatedAtS }] = await Promise.all([net.feed.ethUsd8(), net.feed.latestRound()]);
    return new ChainlinkPublisher(net, price8, updatedAtS);
  }

  /**
   * Tells the publisher the market's price (USD per ETH, 8 decimals); publishes if that is due.
   * @returns whether a round was published. A stalled feed publishes nothing and stays due.
   */
  async observe(ethUsd8: bigint): Promise<boolean> {
    const nowS = this.#net.clock.nowS();
    const move = ethUsd8 > this.#published8 ? ethUsd8 - this.#published8 : this.#published8 - ethUsd8;
    const due =
      move * MILLION >= this.#published8 * DEVIATION_PPM || nowS - this.#publishedAtS >= HEARTBEAT_S;
    if (!due || !(await this.#net.feed.setAnswer(ethUsd8))) return false;
    this.#published8 = ethUsd8;
    // Read again: at high speed the clock has moved while the round was included.
    this.#publishedAtS = this.#net.clock.nowS();
    return true;
  }
}
