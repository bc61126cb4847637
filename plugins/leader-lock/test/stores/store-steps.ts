/** Steps that the conformance suite's tests share. */
import type { CoordinationStore, StoreRecord } from "@jeju-oracle/kit";

/** Far above what any store needs, for calls that have to succeed on a loaded machine. */
export const GENEROUS_MS = 20_000;
/** How long a watch has to be silent to be taken as quiet. */
const QUIET_MS = 100;
const PROBE_WAIT_MS = 250;

/** A signal that no healthy store reaches. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(GENEROUS_MS);
}

/** Tests share a server: each works below a prefix of its own. */
export function uniquePrefix(): string {
  return `t-${crypto.randomUUID().slice(0, 13)}/`;
}

/** Values of the port's contract hold a nonce of their writer. */
export function uniqueValue(): string {
  return JSON.stringify({ nonce: crypto.randomUUID() });
}

/** Creates a record. @throws when that is lost. */
export async function created(
  store: CoordinationStore,
  name: string,
  value: string = uniqueValue(),
): Promise<StoreRecord> {
  return won(await store.cas(name, null, value, soon()), `create ${name}`);
}

/** Replaces a record. @throws when that is lost. */
export async function replaced(
  store: CoordinationStore,
  previous: StoreRecord,
  value: string = uniqueValue(),
): Promise<StoreRecord> {
  return won(await store.cas(previous.name, previous, value, soon()), `replace ${previous.name}`);
}

function won(result: Awaited<ReturnType<CoordinationStore["cas"]>>, what: string): StoreRecord {
  if (result.won && result.record !== null) return result.record;
  throw new Error(`${what} was lost: ${JSON.stringify(result)}`);
}

/** Counts what a watch says, and waits for it. */
export class Changes {
  count = 0;
  readonly end: () => void;
  #changed = Promise.withResolvers<void>();

  constructor(store: CoordinationStore, prefix: string) {
    this.end = store.watch(prefix, () => {
      this.count++;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers<void>();
    });
  }

  /** Changes `probe` again and again until the watch has said so, and then waits until it is quiet. */
  async established(writer: CoordinationStore, probe: string): Promise<void> {
    const deadlineMs = performance.now() + GENEROUS_MS;
    while (this.count === 0) {
      if (performance.now() > deadlineMs) throw new Error("the watch said nothing");
      const changed = this.#changed.promise;
      await writer.cas(probe, await writer.read(probe, soon()), uniqueValue(), soon());
      await Promise.race([changed, Bun.sleep(PROBE_WAIT_MS)]);
    }
    await this.quiet();
  }

  /** Waits until the watch has said nothing for a while. */
  async quiet(): Promise<void> {
    for (let seen = -1; seen !== this.count; ) {
      seen = this.count;
      await Bun.sleep(QUIET_MS);
    }
  }

  /** Runs `change`, and waits until the watch has spoken and is quiet again. */
  async after<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changed.promise;
    const result = await change();
    const overdue = Promise.withResolvers<never>();
    const timer = setTimeout(() => overdue.reject(new Error("the watch said nothing")), GENEROUS_MS);
    await Promise.race([changed, overdue.promise]);
    clearTimeout(timer);
    await this.quiet();
    return result;
  }
}
