/**
 * Every system call fails in turn, with every error that a disk or a limit may give: the error is typed, the record is the one
 * of before or the new one, and the write can be repeated when the disk works again.
 */
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { StoreUnavailableError, StoreUnusableError } from "@jeju-oracle/kit";
import { openFileStore } from "../../../src/stores/file/file-store.ts";
import { runDiskScenario } from "./support/disk-scenario.ts";
import {
  live,
  NAME,
  overwrite,
  readableFiles,
  scratchLock,
  uniqueValue,
  writtenRecord,
} from "./support/scratch-store.ts";
import { errno, type Operation, quickFileSystem, steppedFileSystem } from "./support/stepped-file-system.ts";

const MAY_PASS = ["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENOMEM", "ESTALE"];
const STAYS = ["EACCES", "EPERM", "EFBIG", "ENOTSUP"];

const WRITES: Readonly<
  Record<
    string,
    { readonly prepare: (lockFile: string) => Promise<unknown>; readonly next: () => string | null }
  >
> = {
  "the first create of all": { prepare: async () => undefined, next: uniqueValue },
  "a replacement": { prepare: (lockFile) => writtenRecord(lockFile, 3), next: uniqueValue },
  "a replacement that prunes": { prepare: (lockFile) => writtenRecord(lockFile, 66), next: uniqueValue },
  "a delete": { prepare: (lockFile) => writtenRecord(lockFile, 3), next: () => null },
};

for (const [what, { prepare, next }] of Object.entries(WRITES)) {
  describe(`one system call fails in ${what}`, () => {
    for (const code of [...MAY_PASS, ...STAYS]) {
      test(`with ${code}`, async () => {
        let index = 0;
        while (await runFailing(index, code)) index++;
        expect(index).toBeGreaterThan(8);
      });
    }
  });

  /** False when the write had no step `index`. */
  async function runFailing(index: number, code: string): Promise<boolean> {
    using scratch = scratchLock();
    const { lockFile, root } = scratch;
    await prepare(lockFile);
    const before = await openFileStore(lockFile, { fileSystem: quickFileSystem }).read(NAME, live);
    let failed: Operation | undefined;
    const fileSystem = steppedFileSystem((step) => {
      if (step.index !== index) return;
      failed = step.operation;
      throw errno(code, step);
    });
    const value = next();
    const result = await openFileStore(lockFile, { fileSystem })
      .cas(NAME, before, value, live)
      .catch((error: unknown) => error);
    if (failed === undefined) return false;

    const store = openFileStore(lockFile, { fileSystem: quickFileSystem });
    const after = await store.read(NAME, live);
    const context = { index, failed, result };
    if (result instanceof StoreUnusableError) {
      expect({ ...context, after }).toEqual({ ...context, after: before });
      expect(STAYS).toContain(code);
    } else if (result instanceof StoreUnavailableError) {
      expect([before?.value ?? null, value]).toContain(after?.value ?? null);
    } else {
      // Housekeeping failed; the write did not.
      expect(result).toEqual({ won: true, record: after });
      expect(after?.value ?? null).toBe(value);
    }
    for (const { text } of readableFiles(root)) JSON.parse(text);
    expect(await store.cas(NAME, before, value, live)).toEqual({
      won: true,
      record: await store.read(NAME, live),
    });
    expect(await overwrite(store)).toMatchObject({ name: NAME });
    return true;
  }
}

test("while nothing can be written, reads go on, and nothing is left of the tries", async () => {
  using scratch = scratchLock();
  const record = await writtenRecord(scratch.lockFile, 3);
  const fileSystem = steppedFileSystem((step) => {
    if (step.operation === "writeRest") throw errno("ENOSPC", step);
  });
  const store = openFileStore(scratch.lockFile, { fileSystem });
  for (let tries = 0; tries < 5; tries++) {
    const failure = await store.cas(NAME, record, uniqueValue(), live).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreUnavailableError);
    expect(await store.read(NAME, live)).toEqual(record);
  }
  expect(readdirSync(join(scratch.root, ".tmp"))).toEqual([]);
});

describe("a disk that fills up and is remounted read-only", () => {
  // A small file system of its own, where this user may mount one; else the errors alone.
  const story = runDiskScenario();

  test("full: says so and how to help, reads go on, the repeated write is won after space was freed", async () => {
    const { full } = await story;
    expect(full.failure).toMatchObject({
      code: "store-unavailable",
      message: expect.stringMatching(/no space is left.*ENOSPC/),
    });
    expect(full.failure.nextStep).toMatch(/Free some space/);
    expect(full.readMeanwhile).toEqual(full.before);
    expect(full.filesMeanwhile.map((text) => typeof JSON.parse(text))).not.toContain("undefined");
    expect(full.repeatedWon).toBe(true);
  });

  test("read-only: says so and how to help, reads go on, the repeated write is won once it is writable", async () => {
    const { readOnly } = await story;
    expect(readOnly.failure).toMatchObject({
      code: "store-unavailable",
      message: expect.stringMatching(/read-only.*EROFS/),
    });
    expect(readOnly.failure.nextStep).toMatch(/remount it writable/);
    expect(readOnly.readMeanwhile).toEqual(readOnly.before);
    expect(readOnly.repeatedWon).toBe(true);
  });
});
