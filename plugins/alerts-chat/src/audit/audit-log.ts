/**
 * Who did or tried what, when, and what was observed afterwards: one JSON line each, appended and flushed before the effect it
 * tells of. Each line holds a digest of the one before it, so that a line that was taken out or changed is noticed.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { BaseError, type Clock, decodeJson, describeError, scrubSecrets } from "@jeju-oracle/kit";
import { z } from "zod";

const entrySchema = z.object({
  /** Wall clock, ms since the epoch. */
  at: z.number(),
  botId: z.string(),
  who: z.string(),
  /** `proposed`, `confirmed`, `refused`, `executing`, `verified`, `acknowledged`, … */
  what: z.string(),
  action: z.string().optional(),
  proposalId: z.string().optional(),
  /** Where the card of the proposal stands. */
  platform: z.string().optional(),
  /** One approver alone confirmed it. */
  breakGlass: z.literal(true).optional(),
  detail: z.string(),
  before: z.string(),
});

export type AuditEntry = z.output<typeof entrySchema>;
export type AuditNote = Omit<AuditEntry, "at" | "botId" | "before">;

/** Where it is written down. */
export interface Audit {
  /** Returns when it is on disk. @throws {AuditError} */
  write(note: AuditNote): void;
}

/** The audit cannot be written: nothing that it should tell of may be done. */
class AuditError extends BaseError {
  constructor(path: string, cause: unknown) {
    super(`the audit ${path} cannot be written: ${describeError(cause)}`, {
      code: "audit-unwritable",
      retryable: true,
      nextStep: "Free space or make STATE_DIR writable; no action runs meanwhile.",
      cause,
    });
  }
}

/** The end of the file that is read to continue the chain. */
const NO_LINE = "0";

export class AuditLog implements Audit {
  readonly #path: string;
  readonly #botId: string;
  readonly #clock: Clock;
  readonly #copy: (entry: AuditEntry) => void;
  /** Of the last line; undefined while that is not known. */
  #before: string | undefined;

  /**
   * Touches no file: alerts are told also where no audit can be kept.
   * @param copy hears of every entry after it was written, to show it in the chat. It must not throw.
   */
  constructor(
    path: string,
    botId: string,
    clock: Clock,
    copy: (entry: AuditEntry) => void = () => undefined,
  ) {
    this.#path = path;
    this.#botId = botId;
    this.#clock = clock;
    this.#copy = copy;
  }

  /** Reads where the file ends, once. @throws {AuditError} when it cannot be read or its folder not be made. */
  open(): string {
    if (this.#before !== undefined) return this.#before;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      this.#before = digestOfLine(lastLine(this.#path));
      return this.#before;
    } catch (error) {
      throw new AuditError(this.#path, error);
    }
  }

  /** Appends and flushes. @throws {AuditError} */
  write(note: AuditNote): void {
    const entry: AuditEntry = { at: this.#clock.wallMs(), botId: this.#botId, ...note, before: this.open() };
    const text = scrubSecrets(JSON.stringify(entry));
    // What was written of a line before the disk was full stands there, and the next line continues it.
    this.#before = undefined;
    try {
      const file = openSync(this.#path, "a+", 0o600);
      try {
        const line = Buffer.from(`${isCutOff(file) ? "\n" : ""}${text}\n`);
        for (let written = 0; written < line.length; ) written += writeSync(file, line, written);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw new AuditError(this.#path, error);
    }
    this.#before = digestOfLine(text);
    this.#copy(entry);
  }

  /** Entries since a time, oldest first; lines that cannot be read are left out. */
  since(wallMs: number): readonly AuditEntry[] {
    return readAudit(this.#path).filter(({ at }) => at >= wallMs);
  }
}

/** Every entry of an audit file, oldest first. */
export function readAudit(path: string): readonly AuditEntry[] {
  return linesOf(path).flatMap((line) => parseEntry(line) ?? []);
}

/** Numbers (from 1) of the lines that do not continue the one before them: something was changed or taken out. */
export function brokenLines(path: string): readonly number[] {
  let before = NO_LINE;
  return linesOf(path).flatMap((line, index) => {
    const broken = parseEntry(line)?.before !== before;
    before = digestOfLine(line);
    return broken ? [index + 1] : [];
  });
}

/** Whether the last line has no end: its writer died, or its disk was full. */
function isCutOff(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== "\n";
}

function linesOf(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
}

function lastLine(path: string): string | undefined {
  return linesOf(path).at(-1);
}

function digestOfLine(line: string | undefined): string {
  return line === undefined ? NO_LINE : createHash("sha256").update(line).digest("hex").slice(0, 32);
}

function parseEntry(line: string): AuditEntry | undefined {
  return decodeJson(entrySchema, line);
}
