/**
 * A writer is killed before each of its steps in turn. What it leaves is either the record of before or the new one, whole;
 * its write can be repeated, and the next writers work on.
 */
import { describe, expect, test } from "bun:test";
import { readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type StoreRecord, systemClock } from "@jeju-oracle/kit";
import { openFileStore } from "../../../src/stores/file/file-store.ts";
import {
  live,
  NAME,
  newestFile,
  overwrite,
  RECORD_DIRECTORY,
  readableFiles,
  scratchLock,
  uniqueValue,
  writtenRecord,
} from "./support/scratch-store.ts";
import { Killed, killedAt, quickFileSystem } from "./support/stepped-file-system.ts";

interface Write {
  readonly prepare: (lockFile: string) => Promise<unknown>;
  readonly next: () => string | null;
  /** Steps of the write when nothing ends it; a lower bound, so that a test that tries none fails. */
  readonly fewestSteps: number;
}

const WRITES: Readonly<Record<string, Write>> = {
  "the first create of all": { prepare: async () => undefined, next: uniqueValue, fewestSteps: 10 },
  "a create beside other records": {
    prepare: (lockFile) =>
      overwrite(openFileStore(lockFile, { fileSystem: quickFileSystem }), "fleet/member/bot-2"),
    next: uniqueValue,
    fewestSteps: 9,
  },
  "a replacement": { prepare: (lockFile) => writtenRecord(lockFile, 3), next: uniqueValue, fewestSteps: 9 },
  "a replacement that prunes": {
    prepare: (lockFile) => writtenRecord(lockFile, 70),
    next: uniqueValue,
    fewestSteps: 10,
  },
  "a replacement of a damaged version": {
    prepare: async (lockFile) => {
      await writtenRecord(lockFile, 3);
      truncateSync(newestFile(`${lockFile}.d`), 25);
    },
    next: uniqueValue,
    fewestSteps: 12,
  },
  "a delete": { prepare: (lockFile) => writtenRecord(lockFile, 5), next: () => null, fewestSteps: 15 },
};

for (const [what, write] of Object.entries(WRITES)) {
  describe(`a writer is killed in the middle of ${what}`, () => {
    test("the record is the one of before or the new one, whole, and can be written again", async () => {
      let index = 0;
      while (await runKilled(index, write)) index++;
      expect(index).toBeGreaterThanOrEqual(write.fewestSteps);
    });
  });
}

/** False when the write ended before step `index`. */
async function runKilled(index: number, { prepare, next }: Write): Promise<boolean> {
  using scratch = scratchLock();
  const { lockFile, root } = scratch;
  await prepare(lockFile);
  const before = await openFileStore(lockFile, { fileSystem: quickFileSystem }).read(NAME, live);
  const value = next();

  const wasKilled = await isKilled(
    openFileStore(lockFile, { fileSystem: killedAt(index) }).cas(NAME, before, value, live),
  );
  const store = openFileStore(lockFile, { clock: inAnHour, fileSystem: quickFileSystem });
  const found = await store.read(NAME, live);
  expect([before?.value ?? null, value]).toContain(found?.value ?? null);
  if (!wasKilled) expect(found?.value ?? null).toBe(value);
  for (const { text } of readableFiles(root)) if (!isDamagedOnPurpose(text)) JSON.parse(text);

  const repeated = await store.cas(NAME, before, value, live);
  expect(repeated).toEqual({ won: true, record: await store.read(NAME, live) });
  let current: StoreRecord | null = repeated.won ? repeated.record : null;
  // Over the whole life of a record: replaced, deleted, created again.
  for (const then of [uniqueValue(), uniqueValue(), null, uniqueValue(), uniqueValue()]) {
    const result = await store.cas(NAME, current, then, live);
    expect({ index, won: result.won }).toEqual({ index, won: true });
    current = result.won ? result.record : null;
  }
  expect(await store.read(NAME, live)).toEqual(current);
  expect((await store.list("fleet/lease/", live)).map(({ value: listed }) => listed)).toEqual([
    current?.value ?? "",
  ]);
  expectNothingLeft(root);
  return wasKilled;
}

/** What the killed writer left is gone once others have worked on, an hour later. */
function expectNothingLeft(root: string): void {
  expect(readdirSync(join(root, ".tmp"))).toEqual([]);
  expect(readdirSync(join(root, RECORD_DIRECTORY))).toHaveLength(3);
}

const inAnHour = { ...systemClock, wallMs: () => Date.now() + 3_600_000 };

function isDamagedOnPurpose(text: string): boolean {
  return text.length === 25;
}

async function isKilled(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}
