/**
 * The newest state of Jeju whose author is known, and what time it is: the median of Base head, Jeju head and host clock.
 * Both heads run on by the monotonic clock since they were read, so the price ages although a chain is out of reach, and
 * the host's wall clock alone decides nothing.
 */
import type { Clock } from "@jeju-oracle/kit";
import type { OracleState } from "../oracle/oracle-state.ts";
import { maxOf, medianOfThree } from "../price/fixed-point.ts";

interface SeenTime {
  readonly timestampS: bigint;
  readonly atMs: number;
}

export class ChainNow {
  readonly #clock: Clock;
  #state: OracleState | undefined;
  #jeju: SeenTime | undefined;
  #base: SeenTime | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sawJeju(state: OracleState): void {
    this.#state = state;
    this.#jeju = this.#seen(state.blockTimestampS);
  }

  sawBase(blockTimestampS: bigint): void {
    this.#base = this.#seen(blockTimestampS);
  }

  get state(): OracleState | undefined {
    return this.#state;
  }

  /** Chain time now, s; undefined before Jeju was read. Until Base is read as well, Jeju's own time. */
  get nowS(): bigint | undefined {
    if (this.#jeju === undefined) return undefined;
    const jejuS = this.#runOn(this.#jeju);
    const hostS = BigInt(Math.floor(this.#clock.wallMs() / 1000));
    return this.#base === undefined ? jejuS : medianOfThree(this.#runOn(this.#base), jejuS, hostS);
  }

  /** Age of the price on chain, s; never negative. */
  get priceAgeS(): bigint | undefined {
    const { nowS } = this;
    return nowS === undefined || this.#state === undefined
      ? undefined
      : maxOf(nowS - this.#state.lastUpdateS, 0n);
  }

  /** {@link priceAgeS} in ms. */
  get priceAgeMs(): number | undefined {
    const ageS = this.priceAgeS;
    return ageS === undefined ? undefined : Number(ageS) * 1000;
  }

  #seen(timestampS: bigint): SeenTime {
    return { timestampS, atMs: this.#clock.monotonicMs() };
  }

  #runOn({ timestampS, atMs }: SeenTime): bigint {
    return timestampS + BigInt(Math.max(0, Math.floor((this.#clock.monotonicMs() - atMs) / 1000)));
  }
}
