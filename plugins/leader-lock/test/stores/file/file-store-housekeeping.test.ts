/** What a store leaves on the disk, and with which rights. */
import { expect, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "@jeju-oracle/kit";
import { openFileStore } from "../../../src/stores/file/file-store.ts";
import {
  live,
  NAME,
  overwrite,
  RECORD_DIRECTORY,
  scratchLock,
  uniqueValue,
  versionFiles,
  writtenRecord,
} from "./support/scratch-store.ts";
import { quickFileSystem } from "./support/stepped-file-system.ts";

test("opening, reading, listing and closing create nothing", async () => {
  using scratch = scratchLock();
  const store = openFileStore(scratch.lockFile);
  expect(store.local).toBe(true);
  expect(store.label).toBe(`file://${scratch.lockFile}`);
  expect(await store.read(NAME, live)).toBeNull();
  expect(await store.list("", live)).toEqual([]);
  await store.close();
  expect(existsSync(scratch.root)).toBe(false);
});

test("only the owner can read or write, whatever the umask; the lock file itself is not touched", async () => {
  using scratch = scratchLock();
  const umask = process.umask(0);
  try {
    await writtenRecord(scratch.lockFile, 2);
  } finally {
    process.umask(umask);
  }
  const modeOf = (path: string) => lstatSync(path).mode & 0o777;
  const record = join(scratch.root, RECORD_DIRECTORY);
  expect([scratch.root, join(scratch.root, ".tmp"), record].map(modeOf)).toEqual([0o700, 0o700, 0o700]);
  for (const file of readdirSync(record)) expect(modeOf(join(record, file)) & 0o077).toBe(0);
  expect(existsSync(scratch.lockFile)).toBe(false);
});

test("every file carries the sticky bit, by which cleaners of /tmp leave it however old it is", async () => {
  using scratch = scratchLock();
  await overwrite(openFileStore(scratch.lockFile));
  await overwrite(openFileStore(scratch.lockFile));
  const record = join(scratch.root, RECORD_DIRECTORY);
  const modes = readdirSync(record).map((file) => lstatSync(join(record, file)).mode & 0o7777);
  expect(modes).toEqual([0o1600, 0o1600, 0o1600]);
});

test("the last 64 versions of a record are kept, and nothing else", async () => {
  using scratch = scratchLock();
  const record = await writtenRecord(scratch.lockFile, 200);
  expect(record.version).toStartWith("200-");
  const files = versionFiles(scratch.root);
  expect(files).toHaveLength(64);
  expect(files[0]).toStartWith("v000000000137.");
  expect(readdirSync(join(scratch.root, RECORD_DIRECTORY))).toHaveLength(65);
  expect(readdirSync(join(scratch.root, ".tmp"))).toEqual([]);
});

test("deleted records leave nothing behind, however many there were", async () => {
  using scratch = scratchLock();
  const store = openFileStore(scratch.lockFile, { fileSystem: quickFileSystem });
  for (let index = 0; index < 100; index++) {
    const record = await overwrite(store, `history/${index}`);
    await store.cas(record.name, record, null, live);
  }
  expect(readdirSync(scratch.root)).toEqual([".tmp"]);
  expect(readdirSync(join(scratch.root, ".tmp"))).toEqual([]);
});

test("what killed writers left is swept when it is a minute old, at most once a minute", async () => {
  using scratch = scratchLock();
  let monotonicMs = 0;
  const clock: Clock = { ...systemClock, monotonicMs: () => monotonicMs };
  const store = openFileStore(scratch.lockFile, { clock });
  await overwrite(store);
  const temporary = join(scratch.root, ".tmp");
  const leave = (name: string, ageMs: number) => {
    const seconds = (Date.now() - ageMs) / 1000;
    mkdirSync(join(temporary, `${name}-directory`));
    writeFileSync(join(temporary, `${name}-directory`, "life.3f9c2a71"), "");
    utimesSync(join(temporary, `${name}-directory`), seconds, seconds);
    writeFileSync(join(temporary, name), "{");
    utimesSync(join(temporary, name), seconds, seconds);
  };
  leave("young", 30_000);
  leave("old", 61_000);
  await overwrite(store);
  expect(readdirSync(temporary).toSorted()).toEqual(["young", "young-directory"]);

  leave("old", 61_000);
  monotonicMs = 59_999;
  await overwrite(store);
  expect(readdirSync(temporary)).toHaveLength(4);
  monotonicMs = 60_000;
  await overwrite(store);
  expect(readdirSync(temporary).toSorted()).toEqual(["young", "young-directory"]);
});

test("a record with an equal value but another version is another record", async () => {
  using scratch = scratchLock();
  const store = openFileStore(scratch.lockFile);
  const first = await store.cas(NAME, null, "same", live);
  if (!first.won || first.record === null) throw new Error("lost without a rival");
  await store.cas(NAME, first.record, null, live);
  await store.cas(NAME, null, "same", live);
  const current = await store.read(NAME, live);
  expect(current?.value).toBe("same");
  expect(await store.cas(NAME, first.record, uniqueValue(), live)).toEqual({ won: false, current });
});

test("a wall clock that jumps by an hour changes nothing for records", async () => {
  using scratch = scratchLock();
  for (const jumpMs of [3_600_000, -3_600_000]) {
    const clock: Clock = { ...systemClock, wallMs: () => Date.now() + jumpMs };
    const store = openFileStore(scratch.lockFile, { clock });
    const record = await overwrite(store);
    expect((await store.cas(NAME, record, uniqueValue(), live)).won).toBe(true);
  }
  expect(versionFiles(scratch.root)).toHaveLength(4);
});
