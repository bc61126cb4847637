/**
 * One writer stands still before each of its steps in turn, while others do all that others may do. The store answers as if
 * the write had happened at one moment: before them, after them, or not at all.
 */
import { describe, expect, test } from "bun:test";
import { appendFileSync, existsSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CompareAndSetResult,
  type StoreRecord,
  StoreUnavailableError,
  systemClock,
} from "@jeju-oracle/kit";
import { openFileStore } from "../../../src/stores/file/file-store.ts";
import type { FileSystem } from "../../../src/stores/file/file-system.ts";
import { versionFile } from "../../../src/stores/file/layout.ts";
import { serialiseVersion } from "../../../src/stores/file/version-content.ts";
import { atOnce } from "./support/at-once.ts";
import {
  live,
  NAME,
  newestFile,
  RECORD_DIRECTORY,
  scratchLock,
  uniqueValue,
} from "./support/scratch-store.ts";
import { interruptedAt, Killed, quickFileSystem, steppedFileSystem } from "./support/stepped-file-system.ts";

/** A write takes at least: look at the directory, list, read, write, rename or link. */
const FEWEST_STEPS = 8;

interface Write {
  /** Makes the record as the writer finds it. */
  readonly prepare: (lockFile: string) => void;
  readonly next: () => string | null;
}

const WRITES: Readonly<Record<string, Write>> = {
  "the first create of all": { prepare: () => undefined, next: uniqueValue },
  "a create after another's interrupted delete": {
    prepare: (lockFile) => {
      overwrite(lockFile, 3);
      removeAndDie(lockFile, 0);
    },
    next: uniqueValue,
  },
  "a replacement": { prepare: (lockFile) => overwrite(lockFile, 3), next: uniqueValue },
  "a replacement that prunes": { prepare: (lockFile) => overwrite(lockFile, 70), next: uniqueValue },
  "a replacement of a damaged version": {
    prepare: (lockFile) => {
      overwrite(lockFile, 3);
      truncateSync(newestFile(`${lockFile}.d`), 20);
    },
    next: uniqueValue,
  },
  "a delete": { prepare: (lockFile) => overwrite(lockFile, 3), next: () => null },
};

/** What the others do in the meantime. Each returns the record as it leaves it. */
const MEANWHILES: Readonly<Record<string, (lockFile: string) => void>> = {
  "replaces it": (lockFile) => overwrite(lockFile, 1),
  "replaces it so often that every version of before is pruned": (lockFile) => overwrite(lockFile, 70),
  "deletes it": remove,
  "deletes it and creates it again": (lockFile) => {
    remove(lockFile);
    overwrite(lockFile, 1);
  },
  "deletes it and creates it again with more versions than before": (lockFile) => {
    remove(lockFile);
    overwrite(lockFile, 8);
  },
  "is killed halfway through deleting it": (lockFile) => removeAndDie(lockFile, 1),
  "is killed near the end of deleting it": (lockFile) => removeAndDie(lockFile, 4),
  "removes the whole store": removeStore,
  "removes the whole store and begins a new one": (lockFile) => {
    removeStore(lockFile);
    overwrite(lockFile, 4);
  },
  "moves the store away and begins a new one": (lockFile) => {
    if (existsSync(`${lockFile}.d`)) renameSync(`${lockFile}.d`, `${lockFile}.moved`);
    overwrite(lockFile, 3);
  },
  "has a clock that is an hour ahead, and sweeps": (lockFile) => {
    const clock = { ...systemClock, wallMs: () => Date.now() + 3_600_000 };
    const store = openFileStore(lockFile, { clock, fileSystem: quickFileSystem });
    const other = atOnce(store.cas("other", null, uniqueValue(), live));
    if (other.won) atOnce(store.cas("other", other.record, uniqueValue(), live));
  },
};

for (const [what, write] of Object.entries(WRITES)) {
  describe(`while a writer stands still in the middle of ${what}`, () => {
    for (const [others, meanwhile] of Object.entries(MEANWHILES)) {
      test(`another one ${others}`, () => {
        let index = 0;
        while (runInterrupted(index, write, meanwhile)) index++;
        expect(index).toBeGreaterThan(FEWEST_STEPS);
      });
    }
  });
}

/** False when the write had no step of that index. */
function runInterrupted(index: number, write: Write, meanwhile: (lockFile: string) => void): boolean {
  using scratch = scratchLock();
  const { lockFile } = scratch;
  write.prepare(lockFile);
  const previous = current(lockFile);
  const next = write.next();

  let seen: StoreRecord | null | undefined;
  let left: StoreRecord | null | undefined;
  const fileSystem = interruptedAt(index, () => {
    seen = current(lockFile);
    meanwhile(lockFile);
    left = current(lockFile);
  });
  const result = outcome(lockFile, fileSystem, previous, next);
  if (seen === undefined || left === undefined) return false;

  const hadLanded = (seen?.value ?? null) === next;
  const couldLandAfter = left?.version === previous?.version;
  const after = current(lockFile);
  const context = { index, hadLanded, couldLandAfter, result: String(result), seen, left, after };
  if (result instanceof StoreUnavailableError) {
    // Repeating it tells: won if it is what stands.
    const repeated = outcome(lockFile, quickFileSystem, previous, next);
    if (repeated instanceof StoreUnavailableError) throw repeated;
    const stands = current(lockFile);
    expect({ ...context, won: repeated.won }).toEqual({ ...context, won: (stands?.value ?? null) === next });
    if (!couldLandAfter) expect({ ...context, stands }).toEqual({ ...context, stands: left });
  } else if (result.won) {
    // Before the others, who then had the last word; or after them, and only if they left what was compared with. Deleting
    // what others deleted is won too.
    const isGone = next === null && left === null;
    expect({ ...context, allowed: hadLanded || couldLandAfter || isGone }).toEqual({
      ...context,
      allowed: true,
    });
    expect({ ...context, stands: after?.value }).toEqual({
      ...context,
      stands: hadLanded ? left?.value : (next ?? undefined),
    });
  } else {
    expect({ ...context, allowed: !hadLanded && !couldLandAfter }).toEqual({ ...context, allowed: true });
    expect({ ...context, current: result.current, stands: after }).toEqual({
      ...context,
      current: left,
      stands: left,
    });
  }
  return true;
}

describe("writers that stood still for long", () => {
  test("a version that a killed writer left in a place that was used before is nobody's evidence", () => {
    using scratch = scratchLock();
    const { lockFile, root } = scratch;
    overwrite(lockFile, 10);
    const compared = current(lockFile);
    const life = compared?.version.slice("10-".length, "10-".length + 8) ?? "";
    let left: StoreRecord | null = null;
    const fileSystem = steppedFileSystem((step) => {
      if (step.operation !== "link") return;
      overwrite(lockFile, 80);
      left = current(lockFile);
      // Another writer, which had compared with version 9, links its version 10 now and is killed.
      const text = serialiseVersion(NAME, `10-${life}`, "nonce-of-the-other", uniqueValue());
      writeFileSync(join(root, RECORD_DIRECTORY, versionFile(10, life)), text);
    });
    const result = outcome(lockFile, fileSystem, compared, uniqueValue());
    expect(result).toBeInstanceOf(StoreUnavailableError);
    expect(current(lockFile)).toEqual(left);
  });

  test("a write whose predecessor somebody edited meanwhile may have landed: it stays, and repeating it tells so", () => {
    using scratch = scratchLock();
    const { lockFile, root } = scratch;
    overwrite(lockFile, 3);
    const compared = current(lockFile);
    const fileSystem = steppedFileSystem((step) => {
      if (step.operation === "link") appendFileSync(newestFile(root), " ");
    });
    const value = uniqueValue();
    expect(outcome(lockFile, fileSystem, compared, value)).toBeInstanceOf(StoreUnavailableError);
    const stands = current(lockFile);
    expect(stands?.value).toBe(value);
    expect(outcome(lockFile, quickFileSystem, compared, value)).toEqual({ won: true, record: stands });
  });

  test("a name that was used before, and is free again, is won by nobody", () => {
    using scratch = scratchLock();
    const { lockFile } = scratch;
    overwrite(lockFile, 5);
    const compared = current(lockFile);
    const fileSystem = steppedFileSystem((step) => {
      if (step.operation === "link") overwrite(lockFile, 70);
    });
    const value = uniqueValue();
    const result = outcome(lockFile, fileSystem, compared, value);
    expect(result).toBeInstanceOf(StoreUnavailableError);
    expect(outcome(lockFile, quickFileSystem, compared, value)).toEqual({
      won: false,
      current: current(lockFile),
    });
  });
});

function outcome(
  lockFile: string,
  fileSystem: FileSystem,
  previous: StoreRecord | null,
  next: string | null,
): CompareAndSetResult | StoreUnavailableError {
  const store = openFileStore(lockFile, { fileSystem });
  try {
    return atOnce(store.cas(NAME, previous, next, live));
  } catch (error) {
    if (error instanceof StoreUnavailableError) return error;
    throw error;
  }
}

function current(lockFile: string): StoreRecord | null {
  return atOnce(openFileStore(lockFile, { fileSystem: quickFileSystem }).read(NAME, live));
}

function overwrite(lockFile: string, times: number): void {
  const store = openFileStore(lockFile, { fileSystem: quickFileSystem });
  for (let time = 0; time < times; time++) {
    const result = atOnce(store.cas(NAME, atOnce(store.read(NAME, live)), uniqueValue(), live));
    if (!result.won) throw new Error("lost without a rival");
  }
}

function remove(lockFile: string): void {
  const store = openFileStore(lockFile, { fileSystem: quickFileSystem });
  atOnce(store.cas(NAME, current(lockFile), null, live));
}

/** Deletes the record, but is killed before the `removals`-th file is removed. */
function removeAndDie(lockFile: string, removals: number): void {
  let links = 0;
  let removed = 0;
  const counted = steppedFileSystem((step) => {
    if (step.operation === "link") links++;
    if (links > 0 && step.operation === "removeFile" && removed++ >= removals) throw new Killed();
  });
  try {
    atOnce(openFileStore(lockFile, { fileSystem: counted }).cas(NAME, current(lockFile), null, live));
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

function removeStore(lockFile: string): void {
  rmSync(`${lockFile}.d`, { recursive: true, force: true });
}
