/** A map with a fixed number of entries: the one least recently used makes room for a new one. */

export interface BoundedMapOptions<V> {
  readonly maxEntries: number;
  /** Entries that must stay. They count towards the bound and must be few. */
  readonly keep?: (value: V) => boolean;
}

export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #maxEntries: number;
  readonly #keep: (value: V) => boolean;

  constructor({ maxEntries, keep = () => false }: BoundedMapOptions<V>) {
    this.#maxEntries = maxEntries;
    this.#keep = keep;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, which counts as used now. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** Whether the key is present. Does not count as a use. */
  has(key: K): boolean {
    return this.#entries.has(key);
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#maxEntries) this.#evictOne();
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Values from the least to the most recently used. */
  values(): V[] {
    return [...this.#entries.values()];
  }

  /** Entries from the least to the most recently used. */
  entries(): [K, V][] {
    return [...this.#entries];
  }

  /** When every entry must stay, the newest goes: the bound holds in any case. */
  #evictOne(): void {
    let newest: K | undefined;
    for (const [key, value] of this.#entries) {
      if (!this.#keep(value)) {
        this.#entries.delete(key);
        return;
      }
      newest = key;
    }
    if (newest !== undefined) this.#entries.delete(newest);
  }
}
