/** Files that somebody cut, overwrote or removed by hand: the record is present, unreadable and can be replaced. */
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openFileStore } from "../../../src/stores/file/file-store.ts";
import {
  live,
  NAME,
  newestFile,
  overwrite,
  RECORD_DIRECTORY,
  scratchLock,
  uniqueValue,
  versionFiles,
  writtenRecord,
} from "./support/scratch-store.ts";

const DAMAGES: Readonly<Record<string, (file: string) => void>> = {
  "cut off": (file) => truncateSync(file, 30),
  emptied: (file) => truncateSync(file, 0),
  "overwritten with garbage": (file) => writeFileSync(file, Buffer.from([0xff, 0x00, 0xfe, 0x7b])),
  "overwritten with JSON of somebody else": (file) => writeFileSync(file, '{"botId":"bot-9","term":99}'),
  "edited by hand": (file) =>
    writeFileSync(file, readFileSync(file, "utf8").replace(/"nonce": "(.)/g, '"nonce": "!$1')),
};

describe("the current version of a record was", () => {
  for (const [what, damage] of Object.entries(DAMAGES)) {
    test(`${what}: it is present with a version that stays, unlike any before, and its value is no JSON`, async () => {
      using scratch = scratchLock();
      const before = await writtenRecord(scratch.lockFile, 3);
      damage(newestFile(scratch.root));
      const [one, other] = [openFileStore(scratch.lockFile), openFileStore(scratch.lockFile)];
      const record = await one.read(NAME, live);
      expect(record?.version).not.toBe(before.version);
      expect(() => JSON.parse(record?.value ?? "{}")).toThrow();
      expect(await other.read(NAME, live)).toEqual(record);
      expect(await other.list("fleet/", live)).toEqual([record!]);
    });

    test(`${what}: the holder's renewal and a create are lost; a replacement of the damaged record is won, once`, async () => {
      using scratch = scratchLock();
      const before = await writtenRecord(scratch.lockFile, 3);
      const file = newestFile(scratch.root);
      damage(file);
      const damagedText = readFileSync(file);
      const store = openFileStore(scratch.lockFile);
      const damaged = await store.read(NAME, live);
      expect(await store.cas(NAME, before, uniqueValue(), live)).toEqual({ won: false, current: damaged });
      expect(await store.cas(NAME, null, uniqueValue(), live)).toEqual({ won: false, current: damaged });

      const claimed = await store.cas(NAME, damaged, uniqueValue(), live);
      if (!claimed.won) throw new Error("lost without a rival");
      expect(claimed.record?.version).toStartWith("4-");
      expect(await store.cas(NAME, damaged, uniqueValue(), live)).toEqual({
        won: false,
        current: claimed.record,
      });

      const kept = readdirSync(join(scratch.root, ".corrupt"));
      expect(kept).toHaveLength(1);
      expect(readFileSync(join(scratch.root, ".corrupt", kept[0]!))).toEqual(damagedText);
    });

    test(`${what}: it can be deleted`, async () => {
      using scratch = scratchLock();
      await writtenRecord(scratch.lockFile, 3);
      damage(newestFile(scratch.root));
      const store = openFileStore(scratch.lockFile);
      expect(await store.cas(NAME, await store.read(NAME, live), null, live)).toEqual({
        won: true,
        record: null,
      });
      expect(await store.read(NAME, live)).toBeNull();
      expect(readdirSync(join(scratch.root, ".corrupt"))).toHaveLength(1);
    });
  }

  test("removed with all versions: it is present and unreadable, and can be replaced", async () => {
    using scratch = scratchLock();
    await writtenRecord(scratch.lockFile, 3);
    for (const file of versionFiles(scratch.root)) rmSync(join(scratch.root, RECORD_DIRECTORY, file));
    const store = openFileStore(scratch.lockFile);
    const damaged = await store.read(NAME, live);
    expect(() => JSON.parse(damaged?.value ?? "{}")).toThrow();
    const record = await overwrite(store);
    expect(record.version).toStartWith("1-");
    expect(await overwrite(store)).toMatchObject({ name: NAME });
  });
});

test("a damaged older version changes nothing", async () => {
  using scratch = scratchLock();
  const record = await writtenRecord(scratch.lockFile, 3);
  truncateSync(join(scratch.root, RECORD_DIRECTORY, versionFiles(scratch.root)[0]!), 5);
  const store = openFileStore(scratch.lockFile);
  expect(await store.read(NAME, live)).toEqual(record);
  expect((await store.cas(NAME, record, uniqueValue(), live)).won).toBe(true);
});

test("a damaged record leaves the others readable and writable", async () => {
  using scratch = scratchLock();
  await writtenRecord(scratch.lockFile, 3);
  truncateSync(newestFile(scratch.root), 3);
  const store = openFileStore(scratch.lockFile);
  const member = await overwrite(store, "fleet/member/bot-1");
  expect(await store.list("fleet/member/", live)).toEqual([member]);
  expect(await store.list("", live)).toHaveLength(2);
});

test("files that are no part of a store are left alone", async () => {
  using scratch = scratchLock();
  const record = await writtenRecord(scratch.lockFile, 3);
  const strangers = [join(scratch.root, "README.txt"), join(scratch.root, RECORD_DIRECTORY, "notes.txt")];
  for (const stranger of strangers) writeFileSync(stranger, "hello");
  chmodSync(strangers[0]!, 0o600);
  const store = openFileStore(scratch.lockFile);
  expect(await store.list("", live)).toEqual([record]);
  await overwrite(store);
  for (const stranger of strangers) expect(readFileSync(stranger, "utf8")).toBe("hello");
});

test("of damaged versions the last sixteen are kept", async () => {
  using scratch = scratchLock();
  const store = openFileStore(scratch.lockFile);
  await overwrite(store);
  for (let damage = 0; damage < 20; damage++) {
    writeFileSync(newestFile(scratch.root), `damage ${damage}`);
    // File times may be too coarse to tell which came first.
    utimesSync(newestFile(scratch.root), damage, damage);
    await overwrite(store);
  }
  const directory = join(scratch.root, ".corrupt");
  const kept = readdirSync(directory).map((name) => readFileSync(join(directory, name), "utf8"));
  expect(kept.toSorted()).toEqual(Array.from({ length: 16 }, (_, index) => `damage ${index + 4}`).toSorted());
});
