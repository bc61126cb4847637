/**
 * Alerts on this host's disk: what this agent saw or told, so that a kill loses nothing and an outage of the store holds nothing up.
 * SQLite in WAL mode: what was committed survives the end of the process.
 */
import { Database } from "bun:sqlite";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { BaseError, decodeJson, describeError, type Logger } from "@jeju-oracle/kit";
import { type Alert, alertSchema } from "./alert.ts";

export interface LedgerEntry {
  readonly alert: Alert;
  /** The store may not know it as it stands here. */
  readonly dirty: boolean;
  /** Its episode began here, and the store may know of another one. */
  readonly isNew: boolean;
}

/** Alerts cannot be kept on disk. They are kept in memory and delivered all the same. */
export class LedgerError extends BaseError {
  constructor(path: string, cause: unknown) {
    super(`alerts cannot be kept in ${path}: ${describeError(cause)}`, {
      code: "alert-ledger-unwritable",
      retryable: true,
      nextStep: "Free space or make STATE_DIR writable: alerts of this agent would not survive its restart.",
      cause,
    });
  }
}

/** Ended episodes that are remembered for `oracle-agent incident`. */
const KEPT_EPISODES = 5_000;
/** Another process (a report) may read meanwhile; nobody else writes. */
const BUSY_TIMEOUT_MS = 200;

/** Values of the column `dirty`. */
const CLEAN = 0;
const DIRTY = 1;
const NEW = 2;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
  CREATE TABLE IF NOT EXISTS alert(fingerprint TEXT PRIMARY KEY, record TEXT NOT NULL, dirty INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS episode(
    fingerprint TEXT NOT NULL, episode INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY(fingerprint, episode)
  );
`;

export class Ledger {
  readonly #path: string;
  readonly #logger: Logger;
  #database: Database | undefined;

  /** Nothing is opened before it is needed; a file that is damaged is put aside, never deleted. */
  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** @throws {LedgerError} */
  load(): readonly LedgerEntry[] {
    const rows = this.#run((database) =>
      database.query<{ record: string; dirty: number }, []>("SELECT record, dirty FROM alert").all(),
    );
    return rows.flatMap(({ record, dirty }) => {
      const alert = decodeAlert(record);
      return alert === undefined ? [] : [{ alert, dirty: dirty !== CLEAN, isNew: dirty === NEW }];
    });
  }

  /** Writes all of them or none. @throws {LedgerError} */
  save(entries: readonly LedgerEntry[], forgotten: readonly string[]): void {
    this.#run((database) => {
      const put = database.query("INSERT OR REPLACE INTO alert VALUES (?, ?, ?)");
      // An episode that is written again keeps its place: trimming counts episodes, not writes.
      const keep = database.query(
        "INSERT INTO episode VALUES (?, ?, ?) ON CONFLICT(fingerprint, episode) DO UPDATE SET record = excluded.record",
      );
      const drop = database.query("DELETE FROM alert WHERE fingerprint = ?");
      const trim = database.query("DELETE FROM episode WHERE rowid <= (SELECT max(rowid) FROM episode) - ?");
      database.transaction(() => {
        for (const { alert, dirty, isNew } of entries) {
          const record = JSON.stringify(alert);
          put.run(alert.fingerprint, record, isNew ? NEW : dirty ? DIRTY : CLEAN);
          if (alert.resolvedAtMs !== undefined) keep.run(alert.fingerprint, alert.episode, record);
        }
        for (const fingerprint of forgotten) drop.run(fingerprint);
        trim.run(KEPT_EPISODES);
      })();
    });
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #run<Result>(work: (database: Database) => Result): Result {
    try {
      try {
        return work(this.#opened());
      } catch (error) {
        if (!isDamaged(error)) throw error;
        this.close();
        this.#putAside(error);
        return work(this.#opened());
      }
    } catch (error) {
      // Opened anew next time: the disk may have been full, or the file replaced.
      this.close();
      throw new LedgerError(this.#path, error);
    }
  }

  #opened(): Database {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    this.#database ??= prepared(this.#path);
    return this.#database;
  }

  /** With what SQLite keeps beside it while somebody else reads: a log that is left would be played into the new file. */
  #putAside(error: unknown): void {
    const aside = `${this.#path}.damaged-${Date.now()}`;
    for (const suffix of ["", "-wal", "-shm"])
      if (existsSync(this.#path + suffix)) renameSync(this.#path + suffix, aside + suffix);
    this.#logger.error("The ledger of alerts is damaged and was put aside; a new one begins", {
      aside,
      error: describeError(error),
    });
  }
}

function prepared(path: string): Database {
  const database = new Database(path, { create: true, strict: true });
  try {
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isDamaged(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "SQLITE_NOTADB" || error.code === "SQLITE_CORRUPT")
  );
}

/** @returns undefined for what is no alert: of another version, or damaged. */
export function decodeAlert(text: string): Alert | undefined {
  return decodeJson(alertSchema, text);
}
