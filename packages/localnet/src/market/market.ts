/** The elizaOS/WETH pool: its price, and everything a market can do to it, by real transactions of the trader. */
import { poolCallerAbi } from "@jeju-oracle/contracts/PoolCaller";
import type { Address } from "viem";
import type { LocalChain } from "../chain/chain.ts";
import { LocalnetInputError } from "../errors.ts";
import { requireWhole } from "../require-whole.ts";
import { call, type Transactor } from "../transactor.ts";
import {
  elizaPerEth18Of,
  fullRangeLiquidity,
  MAX_TICK,
  MIN_TICK,
  type PoolLayout,
  sqrtPriceX96Of,
  sqrtRatioX96InsideTick,
} from "./price-math.ts";
import { uniswapV3PoolAbi } from "./uniswap-v3.ts";

export interface MarketOptions extends PoolLayout {
  readonly chain: LocalChain;
  readonly trader: Transactor;
  readonly pool: Address;
  readonly poolCaller: Address;
  readonly tickSpacing: number;
}

export interface PoolState {
  readonly sqrtPriceX96: bigint;
  readonly tick: number;
  readonly liquidity: bigint;
  readonly observationCardinality: number;
  readonly observationCardinalityNext: number;
}

interface Position {
  readonly tickLower: number;
  readonly tickUpper: number;
  readonly liquidity: bigint;
}

const BPS = 10_000n;
// Far enough from any real price not to stop a swap by amount.
const LOWEST_SQRT_PRICE = 4_295_128_740n;
const HIGHEST_SQRT_PRICE = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341n;

export class Market {
  readonly layout: PoolLayout;
  readonly #options: MarketOptions;
  readonly #spikes: Position[] = [];
  #fullRangeLiquidity = 0n;

  constructor(options: MarketOptions) {
    this.#options = options;
    this.layout = { elizaIsToken0: options.elizaIsToken0, elizaDecimals: options.elizaDecimals };
  }

  /** The widest range that the tick spacing allows. */
  get fullRange(): { readonly tickLower: number; readonly tickUpper: number } {
    const spacing = this.#options.tickSpacing;
    return {
      tickLower: Math.ceil(MIN_TICK / spacing) * spacing,
      tickUpper: Math.floor(MAX_TICK / spacing) * spacing,
    };
  }

  /** What the pool tells at the latest block. */
  async state(): Promise<PoolState> {
    const contract = { address: this.#options.pool, abi: uniswapV3PoolAbi } as const;
    const { client } = this.#options.chain;
    const [[sqrtPriceX96, tick, , observationCardinality, observationCardinalityNext], liquidity] =
      await Promise.all([
        client.readContract({ ...contract, functionName: "slot0" }),
        client.readContract({ ...contract, functionName: "liquidity" }),
      ]);
    return { sqrtPriceX96, tick, liquidity, observationCardinality, observationCardinalityNext };
  }

  /** Spot price at the latest block: elizaOS per ETH, 18 decimals. */
  async elizaPerEth18(): Promise<bigint> {
    return elizaPerEth18Of((await this.state()).sqrtPriceX96, this.layout);
  }

  /** Spot tick at the latest block, as the pool tells it: log_1.0001 of token1 per token0. */
  async tick(): Promise<number> {
    return (await this.state()).tick;
  }

  /** Swaps until the price is this many elizaOS per ETH, 18 decimals. */
  async moveTo(elizaPerEth18: bigint): Promise<void> {
    if (elizaPerEth18 <= 0n) {
      throw new LocalnetInputError(
        `elizaPerEth18 is ${elizaPerEth18}`,
        "Give a positive price with 18 decimals, for example 30_000n * 10n ** 18n.",
      );
    }
    await this.#swapTo(sqrtPriceX96Of(elizaPerEth18, this.layout));
  }

  /** Swaps until the pool tells exactly this tick. */
  async moveToTick(tick: number): Promise<void> {
    requireWhole("tick", tick, MIN_TICK + 1, MAX_TICK - 2);
    await this.#swapTo(sqrtRatioX96InsideTick(tick));
  }

  /** Swaps until elizaOS per ETH has changed by so many basis points (negative: elizaOS got dearer). */
  async moveByBps(bps: number): Promise<void> {
    requireWhole("bps", bps, 1 - Number(BPS));
    await this.moveTo(((await this.elizaPerEth18()) * (BPS + BigInt(bps))) / BPS);
  }

  /** Sells exactly `amount` smallest units of one token for the other. */
  async swap({ sell, amount }: { readonly sell: "weth" | "eliza"; readonly amount: bigint }): Promise<void> {
    const zeroForOne = (sell === "eliza") === this.layout.elizaIsToken0;
    const limit = zeroForOne ? LOWEST_SQRT_PRICE : HIGHEST_SQRT_PRICE;
    await this.#call("swap", [zeroForOne, amount, limit]);
  }

  /** Adds liquidity over the full range: `wethWei` and as much elizaOS as that is worth. */
  async addLiquidity(wethWei: bigint): Promise<void> {
    const { sqrtPriceX96 } = await this.state();
    await this.addFullRange(fullRangeLiquidity(wethWei, sqrtPriceX96, this.layout));
  }

  /** Adds full-range liquidity in the pool's own units. */
  async addFullRange(liquidity: bigint): Promise<void> {
    await this.#mint({ ...this.fullRange, liquidity });
    this.#fullRangeLiquidity += liquidity;
  }

  /** Takes a share of the full-range liquidity out: 10,000 basis points is all of it. */
  async removeLiquidity(shareBps: number): Promise<void> {
    requireWhole("shareBps", shareBps, 1, Number(BPS));
    const liquidity = (this.#fullRangeLiquidity * BigInt(shareBps)) / BPS;
    await this.#burn({ ...this.fullRange, liquidity });
    this.#fullRangeLiquidity -= liquidity;
  }

  /**
   * Just-in-time liquidity: `liquidity` more in the one tick spacing around the price. The pool looks deep at this
   * instant; a harmonic mean over time is not impressed.
   */
  async mintOneTick(liquidity: bigint): Promise<void> {
    const spacing = this.#options.tickSpacing;
    const tickLower = Math.floor((await this.tick()) / spacing) * spacing;
    const position = { tickLower, tickUpper: tickLower + spacing, liquidity };
    await this.#mint(position);
    this.#spikes.push(position);
  }

  /** Takes all of {@link mintOneTick} out again. */
  async burnOneTick(): Promise<void> {
    for (let spike = this.#spikes.pop(); spike !== undefined; spike = this.#spikes.pop())
      await this.#burn(spike);
  }

  #swapTo(sqrtPriceX96: bigint): Promise<void> {
    return this.#call("swapTo", [sqrtPriceX96]);
  }

  #mint({ tickLower, tickUpper, liquidity }: Position): Promise<void> {
    return this.#call("mint", [tickLower, tickUpper, liquidity]);
  }

  #burn({ tickLower, tickUpper, liquidity }: Position): Promise<void> {
    return this.#call("burn", [tickLower, tickUpper, liquidity]);
  }

  async #call(functionName: "swap" | "swapTo" | "mint" | "burn", args: readonly unknown[]): Promise<void> {
    const { trader, poolCaller, pool } = this.#options;
    await trader.send(call(poolCaller, poolCallerAbi, functionName, [pool, ...args]));
  }
}
