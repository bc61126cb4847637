/**
 * The connections of one store. A query of Bun's cannot be cancelled once it hangs, and the ones behind it on its connection
 * hang with it. So whatever shows that a connection may be broken ends the whole pool for calls to come: they get a fresh
 * one, and the old one closes as soon as the last call that uses it has ended.
 */
import type { SQL } from "bun";

interface Pool {
  readonly sql: SQL;
  calls: number;
}

export class PostgresPool {
  readonly #connect: () => SQL;
  #current: Pool | undefined;

  /** `connect` only makes a client; it connects when it is used. */
  constructor(connect: () => SQL) {
    this.#connect = connect;
  }

  /** Runs `work` with a client. It may be abandoned, but must settle when its signal says so. */
  async use<T>(work: (sql: SQL) => Promise<T>): Promise<T> {
    this.#current ??= { sql: this.#connect(), calls: 0 };
    const pool = this.#current;
    pool.calls++;
    try {
      return await work(pool.sql);
    } finally {
      pool.calls--;
      // Not awaited: a call ends in its time, whatever closing takes.
      if (pool !== this.#current && pool.calls === 0) void closeAtOnce(pool.sql);
    }
  }

  /** Calls to come use new connections. */
  retire(sql: SQL): void {
    if (this.#current?.sql === sql) this.#current = undefined;
  }

  /** Ends the connections; the calls that use them fail. */
  async close(): Promise<void> {
    const pool = this.#current;
    this.#current = undefined;
    if (pool !== undefined) await closeAtOnce(pool.sql);
  }
}

/** Ends connections without waiting for what runs on them. Never rejects. */
export async function closeAtOnce(sql: SQL): Promise<void> {
  await Promise.allSettled([sql.close({ timeout: 0 })]);
}
