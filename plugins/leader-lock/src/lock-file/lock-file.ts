/**
 * The operator's file: `cat` shows who leads, `rm` asks for another leader. A view, whatever the store; nothing is decided by
 * what it says. Written whole by rename, so that a reader never sees half of it, and again at each heartbeat, so that a cleaner
 * of /tmp finds it young. A link in its place is replaced, never followed.
 */
import { existsSync, linkSync, lstatSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
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
    const code = codeOf(cause);
    // Without the name of the temporary file, which is another one at each try.
    const [what] = describeError(cause).split(", ");
    super(`the lock file ${path} cannot be written: ${what}`, {
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
    this.#write(view, (temporary) => renameSync(temporary, this.path));
  }

  /**
   * Whether the file that this process showed has been removed since; if so, shows `view` in its place. True for one of the
   * processes that show this file, and once per removal: whoever puts it back.
   * @throws {LockFileError} when it was removed and cannot be put back, once.
   */
  replaceRemoved(view: LockFileView): boolean {
    if (!this.#shown || exists(this.path)) return false;
    this.#shown = false;
    try {
      this.#write(view, (temporary) => linkSync(temporary, this.path));
      return true;
    } catch (error) {
      if (error instanceof LockFileError && codeOf(error.cause) === "EEXIST") return false;
      throw error;
    }
  }

  /** Another process shows the file from now on, and a removal is for that one to notice. */
  leaveToOthers(): void {
    this.#shown = false;
  }

  #write(view: LockFileView, put: (temporary: string) => void): void {
    const temporary = `${this.path}.${process.pid}.${crypto.randomUUID().slice(0, 8)}.tmp`;
    try {
      writeFileSync(temporary, `${JSON.stringify(view, null, 1)}\n`, { flag: "wx", mode: 0o644 });
      put(temporary);
    } catch (error) {
      throw new LockFileError(this.path, error);
    } finally {
      removeQuietly(temporary);
    }
    this.#shown = true;
  }
}

/** What is left of a failed write is small, and its name says what it is: the failure itself is what an operator must hear of. */
function removeQuietly(temporary: string): boolean {
  try {
    rmSync(temporary, { force: true });
    return true;
  } catch {
    return false;
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

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
