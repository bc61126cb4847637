/**
 * The coordination store in PostgreSQL 11 or later: one row per record, one statement and one round trip per call.
 *
 * A replica that takes over must have every write that was answered: use synchronous replication, or accept that a
 * failover of the database may take the fleet's records back in time.
 */
import {
  type Clock,
  type CompareAndSetAndListResult,
  type CompareAndSetResult,
  type CoordinationStore,
  InvariantError,
  type Logger,
  registerUrlSecrets,
  type StoreRecord,
  StoreUnavailableError,
} from "@jeju-oracle/kit";
import type { SQL } from "bun";
import { connectorTo } from "./postgres/postgres-connector.ts";
import { mayBeBroken, STANDBY_NEXT_STEP, sqlStateOf, toStoreError } from "./postgres/postgres-errors.ts";
import { PostgresNotifications } from "./postgres/postgres-notifications.ts";
import { PostgresPool } from "./postgres/postgres-pool.ts";
import { CREATE_ALL, NOT_CREATED, TABLE, WRITE_FUNCTION } from "./postgres/postgres-schema.ts";
import { parsePostgresUrl } from "./postgres/postgres-url.ts";
import { untilAborted } from "./until-aborted.ts";
import { revisionOf, versionOf } from "./version.ts";

export interface PostgresStoreOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Calls of one agent that run at the same time; further ones wait for their turn. */
const MAX_CONNECTIONS = 4;

/**
 * Opens the store; nothing is asked of it yet. The URL's form: postgres/postgres-url.ts.
 * @throws {StoreUnusableError} for a URL that is wrong, or a certificate that cannot be read.
 */
export function openPostgresStore(url: string, options: PostgresStoreOptions): CoordinationStore {
  return new PostgresStore(url, options);
}

/** A row of an answer. The first of a write is its outcome; all others are records, with nulls where there is none. */
interface Row {
  readonly part: "won" | "lost" | "listed" | "standby";
  readonly name: string | null;
  readonly revision: string | null;
  readonly value: string | null;
}

/** One row at least: where nothing matches it still tells whether the server may know less than the primary. */
const select = (condition: string) =>
  `SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'listed' END AS part, name, revision, value
   FROM (SELECT 1) AS one LEFT JOIN ${TABLE} ON ${condition} ORDER BY name`;
const READ = select("name = $1");
const LIST = select("starts_with(name, $1)");
const WRITE = `SELECT part, record_name AS name, record_revision AS revision, record_value AS value
   FROM ${WRITE_FUNCTION}($1, $2::bigint, $3, $4, $5)`;

class PostgresStore implements CoordinationStore {
  readonly local = false;
  readonly label: string;
  readonly #pool: PostgresPool;
  readonly #notifications: PostgresNotifications;
  readonly #closed = new AbortController();

  constructor(url: string, { clock, logger }: PostgresStoreOptions) {
    const target = parsePostgresUrl(url);
    // The query holds settings, no secrets.
    registerUrlSecrets(url.split("?", 1).join());
    this.label = `postgres://${new URL(url).host}`;
    const connect = connectorTo(target);
    this.#pool = new PostgresPool(() => connect(MAX_CONNECTIONS));
    this.#notifications = new PostgresNotifications({ connect: () => connect(1), clock, logger });
  }

  async read(name: string, signal: AbortSignal): Promise<StoreRecord | null> {
    return this.#records(await this.#ask(READ, [name], signal))[0] ?? null;
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly StoreRecord[]> {
    return this.#records(await this.#ask(LIST, [prefix], signal));
  }

  async cas(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    signal: AbortSignal,
  ): Promise<CompareAndSetResult> {
    const { listed: _, ...outcome } = await this.#write(name, previous, next, null, signal);
    return outcome;
  }

  async casAndList(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    prefix: string,
    signal: AbortSignal,
  ): Promise<CompareAndSetAndListResult> {
    return this.#write(name, previous, next, prefix, signal);
  }

  watch(prefix: string, onChange: () => void): () => void {
    if (this.#closed.signal.aborted) return () => undefined;
    return this.#notifications.watch(prefix, onChange);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#notifications.close();
    await this.#pool.close();
  }

  async #write(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    prefix: string | null,
    signal: AbortSignal,
  ): Promise<CompareAndSetAndListResult> {
    const revision = previous === null ? null : revisionOf(previous.version);
    const values = [name, revision, previous?.value ?? null, next, prefix];
    const [first, ...rest] = await this.#ask(WRITE, values, signal);
    if (first === undefined) throw new InvariantError("a write was answered without an outcome");
    const [record = null] = this.#records([first]);
    const listed = this.#records(rest);
    return first.part === "won" ? { won: true, record, listed } : { won: false, current: record, listed };
  }

  /** Runs one statement. */
  async #ask(statement: string, values: readonly (string | null)[], signal: AbortSignal): Promise<Row[]> {
    const limits = { label: this.label, signal, closed: this.#closed.signal };
    return this.#pool.use(async (sql) => {
      let asked = false;
      try {
        return await untilAborted(limits, () => {
          asked = true;
          return askCreating(sql, statement, values);
        });
      } catch (error) {
        if (asked && mayBeBroken(error)) this.#pool.retire(sql);
        // Bun notices a connection that ends, but not one that hangs.
        if (asked && error instanceof StoreUnavailableError) this.#notifications.renew();
        throw toStoreError(this.label, error);
      }
    });
  }

  /** @throws {StoreUnavailableError} for the answer of a standby, which may be an old one. */
  #records(rows: readonly Row[]): StoreRecord[] {
    return rows.flatMap(({ part, name, revision, value }) => {
      if (part === "standby") {
        throw new StoreUnavailableError(`${this.label} is a standby`, { nextStep: STANDBY_NEXT_STEP });
      }
      if (name === null || revision === null || value === null) return [];
      return [{ name, version: versionOf(revision, value), value }];
    });
  }
}

/** Runs a statement; where it misses what the store keeps in the database, that is created first. */
async function askCreating(sql: SQL, statement: string, values: readonly (string | null)[]): Promise<Row[]> {
  try {
    return await sql.unsafe<Row[]>(statement, [...values]);
  } catch (error) {
    if (!NOT_CREATED.includes(sqlStateOf(error) ?? "")) throw error;
  }
  await sql.unsafe(CREATE_ALL);
  return sql.unsafe<Row[]>(statement, [...values]);
}
