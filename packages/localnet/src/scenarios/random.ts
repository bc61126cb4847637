/** A small seeded generator (mulberry32) of whole numbers: the same seed gives the same market on every machine. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor((this.uint32() / 2 ** 32) * (most - least + 1));
  }

  /** About normally distributed around 0: the sum of four uniform numbers, never beyond 2 x `spread` x sqrt(3). */
  noise(spread: number): number {
    const reach = Math.floor((spread * Math.sqrt(3)) / 2);
    let sum = 0;
    for (let i = 0; i < 4; i++) sum += this.between(-reach, reach);
    return sum;
  }
}
