/**
 * Every transaction this agent signs, written to disk before it is sent and kept until its nonce is long used up. A
 * forgotten transaction could land later with an old price; the journal is what makes a restarted agent remember it.
 * Also keeps the few settings that must survive a restart (pause, pool pin).
 */
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BaseError, type Clock } from "@jeju-oracle/kit";
import type { Hex } from "viem";
import type { Fees, OpenTransaction } from "./in-flight.ts";

export interface JournalEntry extends Fees {
  readonly hash: Hex;
  readonly nonce: number;
  readonly kind: "update" | "cancel";
  readonly raw: Hex;
  readonly ethUsd8: bigint | undefined;
  readonly elizaUsd8: bigint | undefined;
  readonly reason: string;
}

/** One chain, one sender: entries of another are invisible. */
export interface JournalScope {
  readonly chainId: number;
  readonly sender: Hex;
}

/** The journal cannot be opened or written. Nothing is sent without it. */
export class JournalError extends BaseError {
  constructor(path: string, cause: unknown) {
    super(`the transaction journal ${path} cannot be used`, {
      code: "journal-unusable",
      retryable: true,
      nextStep: "Check that STATE_DIR exists, is writable by the agent's user and that the disk is not full.",
      details: { path },
      cause,
    });
  }
}

const KEEP_NONCES_BEHIND = 1_000;

interface Row {
  readonly hash: string;
  readonly nonce: number;
  readonly max_fee: string;
  readonly max_priority_fee: string;
  readonly kind: string;
  readonly outcome: string;
  readonly run: string;
  readonly signed_at_monotonic_ms: number;
  readonly raw: string;
}

export class Journal {
  readonly #db: Database;
  readonly #path: string;
  readonly #scope: JournalScope;
  readonly #clock: Clock;
  /** Tells entries of this run from those of an earlier one, whose monotonic times mean nothing now. */
  readonly #run = crypto.randomUUID();

  /** @throws {JournalError} when the directory or file cannot be used. */
  constructor(stateDir: string, botId: string, scope: JournalScope, clock: Clock) {
    this.#path = join(stateDir, `journal-${botId}.sqlite`);
    this.#scope = scope;
    this.#clock = clock;
    this.#db = this.#guarded(() => {
      mkdirSync(stateDir, { recursive: true, mode: 0o700 });
      const db = new Database(this.#path, { create: true, strict: true });
      // FULL: an entry must be on disk before its transaction leaves this host.
      db.run("PRAGMA journal_mode = WAL");
      db.run("PRAGMA synchronous = FULL");
      db.run("PRAGMA busy_timeout = 2000");
      db.run(
        `CREATE TABLE IF NOT EXISTS transactions (
          hash TEXT PRIMARY KEY, chain_id INTEGER NOT NULL, sender TEXT NOT NULL, nonce INTEGER NOT NULL,
          kind TEXT NOT NULL, raw TEXT NOT NULL, max_fee TEXT NOT NULL, max_priority_fee TEXT NOT NULL,
          eth_usd8 TEXT, eliza_usd8 TEXT, reason TEXT NOT NULL, outcome TEXT NOT NULL,
          signed_at_wall_ms INTEGER NOT NULL, signed_at_monotonic_ms REAL NOT NULL, run TEXT NOT NULL)`,
      );
      db.run("CREATE INDEX IF NOT EXISTS by_nonce ON transactions (chain_id, sender, nonce)");
      db.run("CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
      return db;
    });
  }

  /** Writes an entry; it is on disk when this returns. @throws {JournalError} */
  record(entry: JournalEntry): void {
    this.#guarded(() =>
      this.#db
        .query(
          `INSERT INTO transactions VALUES ($hash, $chainId, $sender, $nonce, $kind, $raw, $maxFee, $maxPriorityFee,
            $ethUsd8, $elizaUsd8, $reason, 'signed', $wallMs, $monotonicMs, $run)`,
        )
        .run({
          ...this.#scope,
          hash: entry.hash,
          nonce: entry.nonce,
          kind: entry.kind,
          raw: entry.raw,
          maxFee: entry.maxFeePerGasWei.toString(),
          maxPriorityFee: entry.maxPriorityFeePerGasWei.toString(),
          ethUsd8: entry.ethUsd8?.toString() ?? null,
          elizaUsd8: entry.elizaUsd8?.toString() ?? null,
          reason: entry.reason,
          wallMs: Math.floor(this.#clock.wallMs()),
          monotonicMs: this.#clock.monotonicMs(),
          run: this.#run,
        }),
    );
  }

  /**
   * Notes what became of a transaction. A noted cancellation counts as harmless in {@link open}; a missing note only makes
   * the agent cancel once more.
   */
  noteOutcome(hash: Hex, outcome: string): void {
    this.#guarded(() =>
      this.#db.query("UPDATE transactions SET outcome = ? WHERE hash = ?").run(outcome, hash),
    );
  }

  /** Forgets a transaction that a node refused outright, or that was never sent: it certainly is in no mempool. */
  forgetRefused(hash: Hex): void {
    this.#guarded(() => this.#db.query("DELETE FROM transactions WHERE hash = ?").run(hash));
  }

  /** Own transactions whose nonce is not used up, whatever was noted of them: a reorganisation may revive one. */
  open(latestNonce: number): readonly OpenTransaction[] {
    const nowMs = this.#clock.monotonicMs();
    return this.#rowsFrom(latestNonce).map((row) => ({
      hash: row.hash as Hex,
      nonce: row.nonce,
      harmless: row.kind === "cancel" && row.outcome !== "signed",
      maxFeePerGasWei: BigInt(row.max_fee),
      maxPriorityFeePerGasWei: BigInt(row.max_priority_fee),
      ageMs: row.run === this.#run ? nowMs - row.signed_at_monotonic_ms : Number.POSITIVE_INFINITY,
    }));
  }

  /** Hashes and signed bytes of own transactions at one nonce. */
  at(nonce: number): readonly { readonly hash: Hex; readonly raw: Hex }[] {
    return this.#rowsFrom(nonce)
      .filter((row) => row.nonce === nonce)
      .map((row) => ({ hash: row.hash as Hex, raw: row.raw as Hex }));
  }

  /** Whether this agent signed the transaction. */
  knows(hash: Hex): boolean {
    return this.#guarded(
      () => this.#db.query("SELECT 1 FROM transactions WHERE hash = ?").get(hash) !== null,
    );
  }

  /** Drops entries whose nonce was used up long ago. */
  prune(latestNonce: number): void {
    this.#guarded(() =>
      this.#db
        .query("DELETE FROM transactions WHERE chain_id = $chainId AND sender = $sender AND nonce < $oldest")
        .run({ ...this.#scope, oldest: latestNonce - KEEP_NONCES_BEHIND }),
    );
  }

  readSetting(key: string): string | undefined {
    return this.#guarded(
      () =>
        this.#db.query<{ value: string }, [string]>("SELECT value FROM settings WHERE key = ?").get(key)
          ?.value,
    );
  }

  writeSetting(key: string, value: string | undefined): void {
    this.#guarded(() =>
      value === undefined
        ? this.#db.query("DELETE FROM settings WHERE key = ?").run(key)
        : this.#db.query("INSERT OR REPLACE INTO settings VALUES (?, ?)").run(key, value),
    );
  }

  close(): void {
    this.#db.close();
  }

  #rowsFrom(nonce: number): Row[] {
    return this.#guarded(() =>
      this.#db
        .query<Row, { chainId: number; sender: string; nonce: number }>(
          `SELECT hash, nonce, kind, outcome, raw, max_fee, max_priority_fee, run, signed_at_monotonic_ms FROM transactions
            WHERE chain_id = $chainId AND sender = $sender AND nonce >= $nonce ORDER BY nonce, rowid`,
        )
        .all({ ...this.#scope, nonce }),
    );
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw new JournalError(this.#path, cause);
    }
  }
}
