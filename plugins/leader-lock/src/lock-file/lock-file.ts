/**
 * The operator's file: `cat` shows who leads, `rm` asks for another leader. A view, whatever the store; nothing is decided by
 * what it says. Written whole by rename, so that a reader never sees half of it, and again at each heartbeat, so that a cleaner
 * of /tmp finds it young. A link in its place is replaced, never followed.
 */
import { existsSync, lstatSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { BaseError, describeError } from "@jeju-oracle/kit";
import type { ProcessIdentity } from "../election/lease-record.ts";

export interface LockFileView {
  readonly botId: string | null;
  readonly term: number;
  /** Wall clock of the last renewal, ms since the epoch. */
  readonly timestamp: number;
  readonly host: string | null;
  readonly pid: number | null;
  readonly expiresInMs: number;
}

/** The file cannot be written. Leading does not depend on it. */
export class LockFileError extends BaseError {
  constructor(path: string, cause: unknown) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    super(`the lock file ${path} cannot be written: ${describeError(cause)}`, {
      code: "lock-file-unwritable",
      retryable: true,
      nextStep:
        code === "EPERM" || code === "EACCES"
          ? "It belongs to another user: remove it as that user, or set LEADER_LOCK_FILE to another path."
          : "Free space or make the directory writable, or set LEADER_LOCK_FILE to another path.",
      details: { path },
      cause,
    });
  }
}

export class LockFile {
  readonly path: string;
  #shown = false;

  constructor(path: string) {
    this.path = path;
  }

  /** Shows `view`. @throws {LockFileError} and leaves what was there. */
  publish(view: LockFileView): void {
    const temporary = `${this.path}.${process.pid}.${crypto.randomUUID().slice(0, 8)}.tmp`;
    try {
      writeFileSync(temporary, `${JSON.stringify(view, null, 1)}\n`, { flag: "wx", mode: 0o644 });
      renameSync(temporary, this.path);
      this.#shown = true;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new LockFileError(this.path, error);
    }
  }

  /** Whether the file that this process showed has been removed since. True once per removal. */
  wasRemoved(): boolean {
    if (!this.#shown || exists(this.path)) return false;
    this.#shown = false;
    return true;
  }

  /** Takes a file as shown that another process shows: its removal is told, too. */
  noticePresence(): void {
    if (exists(this.path)) this.#shown = true;
  }
}

/**
 * Which file a path is, across the processes of a machine: two agents with equal places share it, two with private /tmp do not.
 * @returns undefined when the directory does not exist or the machine cannot be told.
 */
export function lockPlaceOf(path: string, self: ProcessIdentity | undefined): string | undefined {
  const directory = dirname(path);
  if (self === undefined || !existsSync(directory)) return undefined;
  const { dev, ino } = statSync(directory);
  return `${self.bootId}:${dev}:${ino}:${basename(path)}`;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
