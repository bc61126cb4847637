/**
 * Alerts on this host's disk: what this agent saw or told, so that a kill loses nothing and an outage of the store holds nothing up.
 * SQLite in WAL mode: what was committed survives the end of the process.
 */
import { Database } from "bun:sqlite";
import { mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { BaseError, describeError, type Logger } from "@jeju-oracle/kit";
import { type Alert, alertSchema } from "./alert.ts";

/** An alert that the store may not know as it stands here is `dirty`. */
export interface LedgerEntry {
  readonly alert: Alert;
  readonly dirty: boolean;
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
      return alert === undefined ? [] : [{ alert, dirty: dirty !== 0 }];
    });
  }

  /** Writes all of them or none. @throws {LedgerError} */
  save(entries: readonly LedgerEntry[], forgotten: readonly string[]): void {
    this.#run((database) => {
      const put = database.query("INSERT OR REPLACE INTO alert VALUES (?, ?, ?)");
      const keep = database.query("INSERT OR REPLACE INTO episode VALUES (?, ?, ?)");
      const drop = database.query("DELETE FROM alert WHERE fingerprint = ?");
      const trim = database.query("DELETE FROM episode WHERE rowid <= (SELECT max(rowid) FROM episode) - ?");
      database.transaction(() => {
        for (const { alert, dirty } of entries) {
          const record = JSON.stringify(alert);
          put.run(alert.fingerprint, record, dirty ? 1 : 0);
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
      this.#database ??= this.#open();
      return work(this.#database);
    } catch (error) {
      // Opened anew next time: the disk may have been full, or the file replaced.
      this.#database?.close();
      this.#database = undefined;
      throw new LedgerError(this.#path, error);
    }
  }

  #open(): Database {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    try {
      return prepared(this.#path);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      const aside = `${this.#path}.damaged-${Date.now()}`;
      renameSync(this.#path, aside);
      this.#logger.error("The ledger of alerts is damaged and was put aside; a new one begins", {
        aside,
        error: describeError(error),
      });
      return prepared(this.#path);
    }
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
  try {
    const parsed = alertSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
