/**
 * Watches by LISTEN, on a connection of their own that is there while somebody watches. Bun listens again when it notices
 * that the connection ended; {@link PostgresNotifications.renew} is for one that nobody noticed.
 */
import { type Clock, describeError, type Logger, sleep } from "@jeju-oracle/kit";
import type { SQL } from "bun";
import { closeAtOnce } from "./postgres-pool.ts";
import { CHANNEL } from "./postgres-schema.ts";

interface Watch {
  readonly prefix: string;
  readonly onChange: () => void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

export interface NotificationContext {
  readonly connect: () => SQL;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class PostgresNotifications {
  readonly #context: NotificationContext;
  readonly #watches = new Set<Watch>();
  #listening: AbortController | undefined;

  constructor(context: NotificationContext) {
    this.#context = context;
  }

  watch(prefix: string, onChange: () => void): () => void {
    const watch = { prefix, onChange };
    this.#watches.add(watch);
    this.#listening ??= this.#listen();
    return () => {
      this.#watches.delete(watch);
      if (this.#watches.size === 0) this.#end();
    };
  }

  /** Listens on a new connection. */
  renew(): void {
    if (this.#listening === undefined) return;
    this.#end();
    this.#listening = this.#listen();
  }

  close(): void {
    this.#watches.clear();
    this.#end();
  }

  #end(): void {
    this.#listening?.abort();
    this.#listening = undefined;
  }

  /** @returns what ends it */
  #listen(): AbortController {
    const ended = new AbortController();
    void this.#keepListening(ended.signal);
    return ended;
  }

  async #keepListening(ended: AbortSignal): Promise<void> {
    const { connect, clock, logger } = this.#context;
    for (let retryMs = FIRST_RETRY_MS; !ended.aborted; retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)) {
      const sql = connect();
      // Closing is the only way to end an attempt to connect that hangs.
      ended.addEventListener("abort", () => void closeAtOnce(sql), { once: true });
      try {
        const notify = (name: string | undefined) => ended.aborted || this.#notify(name);
        // What changed while nobody listened was not heard.
        await sql.listen(CHANNEL, notify, () => notify(undefined));
        return;
      } catch (error) {
        logger.debug("listening for changes failed", { error: describeError(error) });
        await closeAtOnce(sql);
      }
      await sleep(clock, retryMs, ended);
    }
  }

  /** @param name of the record that changed; undefined when any may have */
  #notify(name: string | undefined): void {
    for (const { prefix, onChange } of this.#watches) {
      if (name === undefined || name.startsWith(prefix) || prefix.startsWith(name)) onChange();
    }
  }
}
