/**
 * The coordination store of a simulation, as far as the election uses it: one record under compare-and-set, in force at the
 * moment at which an operation is applied. As strict as the port's contract: a repeated write is adopted, a version of the record
 * never returns although revisions start over after a wipe.
 */
import type { CompareAndSetResult, StoreRecord } from "@jeju-oracle/kit";

const NAME = "lease/oracle";

/**
 * `refuses`: answers that it cannot. `silent`: requests are lost. `mute`: requests are applied and not answered. `stalls`:
 * requests are applied when it is back, in any order.
 */
export type Outage = "refuses" | "silent" | "mute" | "stalls";

export class LeaseStore {
  outage: Outage | undefined;
  /** Operations that wait for the end of an outage. */
  readonly stalled: (() => void)[] = [];
  writes = 0;
  #record: StoreRecord | null = null;
  #revision = 0;

  read(): StoreRecord | null {
    return this.#record;
  }

  cas(previous: StoreRecord | null, next: string): CompareAndSetResult {
    const current = this.#record;
    if (current !== null && current.value === next) return { won: true, record: current };
    const unchanged =
      current === null || previous === null
        ? current === previous
        : current.version === previous.version && current.value === previous.value;
    return unchanged ? { won: true, record: this.put(next) } : { won: false, current };
  }

  /** What somebody writes who does not keep to the protocol. */
  put(value: string): StoreRecord {
    this.#revision++;
    this.writes++;
    const version = `${this.#revision}.${Bun.hash(value).toString(16)}`;
    this.#record = { name: NAME, version, value };
    return this.#record;
  }

  /** Everything is lost, and revisions start over. */
  wipe(): void {
    this.#record = null;
    this.#revision = 0;
  }
}
