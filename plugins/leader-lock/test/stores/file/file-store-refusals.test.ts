/** Directories that the store does not use, what it says of them, and that it leaves them as they are. */
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type CoordinationStore, StoreUnavailableError, StoreUnusableError } from "@jeju-oracle/kit";
import { openFileStore } from "../../../src/stores/file/file-store.ts";
import {
  live,
  NAME,
  overwrite,
  RECORD_DIRECTORY,
  scratchLock,
  uniqueValue,
  writtenRecord,
} from "./support/scratch-store.ts";
import { errno, type Operation, steppedFileSystem } from "./support/stepped-file-system.ts";

const USER = process.geteuid!();

interface Refusal {
  /** Makes the directory unusable, and tells as which user the store then runs. */
  readonly prepare: (root: string) => { readonly userId?: number } | undefined;
  readonly says: RegExp;
  readonly fix: RegExp;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  "a symbolic link": {
    prepare: (root) => {
      mkdirSync(`${root}.elsewhere`, { mode: 0o700 });
      symlinkSync(`${root}.elsewhere`, root);
      return undefined;
    },
    says: /symbolic link/,
    fix: /Remove the link/,
  },
  "a symbolic link to nothing": {
    prepare: (root) => {
      symlinkSync(`${root}.nowhere`, root);
      return undefined;
    },
    says: /symbolic link/,
    fix: /Remove the link/,
  },
  "a file": {
    prepare: (root) => {
      writeFileSync(root, "");
      return undefined;
    },
    says: /not a directory/,
    fix: /Move that file away/,
  },
  "somebody else's": {
    prepare: (root) => {
      mkdirSync(root, { mode: 0o700 });
      if (USER !== 0) return { userId: USER + 1 };
      chownSync(root, 4321, 4321);
      return undefined;
    },
    says: /belongs to user \d+, and this process runs as user \d+/,
    fix: /as one user, or have user \d+ remove it \(in a sticky directory/,
  },
  "writable by everybody": {
    prepare: (root) => {
      mkdirSync(root);
      chmodSync(root, 0o777);
      return undefined;
    },
    says: /other users may write to it \(mode 0777\)/,
    fix: /chmod 700 \S+leader\.lock\.d$/,
  },
  "writable by everybody, but sticky": {
    prepare: (root) => {
      mkdirSync(root);
      chmodSync(root, 0o1777);
      return undefined;
    },
    says: /other users may write to it \(mode 1777\)/,
    fix: /chmod 700/,
  },
  "writable by its group": {
    prepare: (root) => {
      mkdirSync(root);
      chmodSync(root, 0o770);
      return undefined;
    },
    says: /other users may write to it \(mode 0770\)/,
    fix: /chmod 700/,
  },
};

describe("a store directory that is", () => {
  for (const [what, { prepare, says, fix }] of Object.entries(REFUSALS)) {
    test(`${what} is refused by every call, named with the fix, and left as it was`, async () => {
      using scratch = scratchLock();
      const { lockFile, root } = scratch;
      const store = openFileStore(lockFile, prepare(root) ?? {});
      const before = lstatSync(root);
      const calls = [
        store.read(NAME, live),
        store.cas(NAME, null, uniqueValue(), live),
        store.list("", live),
        store.casAndList(NAME, null, uniqueValue(), "", live),
      ];
      for (const call of calls) {
        const refusal = await thrownBy(call);
        expect(refusal).toBeInstanceOf(StoreUnusableError);
        expect(refusal.message).toContain(root);
        expect(refusal.message).toMatch(says);
        expect(refusal.nextStep).toMatch(fix);
      }
      const after = lstatSync(root);
      expect([after.ino, after.mode, after.uid]).toEqual([before.ino, before.mode, before.uid]);
      if (after.isDirectory()) expect(readdirSync(root)).toEqual([]);
      if (existsSync(`${root}.elsewhere`)) expect(readdirSync(`${root}.elsewhere`)).toEqual([]);
      expect(existsSync(`${root}.nowhere`)).toBe(false);
    });
  }

  test("replaced by a symbolic link while the store is open is refused", async () => {
    using scratch = scratchLock();
    const store = openFileStore(scratch.lockFile);
    const record = await overwrite(store);
    mkdirSync(`${scratch.root}.elsewhere`, { mode: 0o700 });
    rmSync(scratch.root, { recursive: true });
    symlinkSync(`${scratch.root}.elsewhere`, scratch.root);
    expect(await thrownBy(store.cas(NAME, record, uniqueValue(), live))).toBeInstanceOf(StoreUnusableError);
    expect(readdirSync(`${scratch.root}.elsewhere`)).toEqual([]);
  });

  test("put right is used without a restart", async () => {
    using scratch = scratchLock();
    mkdirSync(scratch.root);
    chmodSync(scratch.root, 0o777);
    const store = openFileStore(scratch.lockFile);
    expect(await thrownBy(store.read(NAME, live))).toBeInstanceOf(StoreUnusableError);
    chmodSync(scratch.root, 0o700);
    expect(await overwrite(store)).toMatchObject({ name: NAME });
  });

  test("readable by others, but not writable, is used", async () => {
    using scratch = scratchLock();
    mkdirSync(scratch.root);
    chmodSync(scratch.root, 0o755);
    expect(await overwrite(openFileStore(scratch.lockFile))).toMatchObject({ name: NAME });
  });
});

test("a lock file in a directory that does not exist: a read finds nothing, a write names the directory", async () => {
  using scratch = scratchLock();
  const lockFile = join(dirname(scratch.lockFile), "missing", "leader.lock");
  const store = openFileStore(lockFile);
  expect(await store.read(NAME, live)).toBeNull();
  expect(await store.list("", live)).toEqual([]);
  const refusal = await thrownBy(store.cas(NAME, null, uniqueValue(), live));
  expect(refusal).toBeInstanceOf(StoreUnusableError);
  expect(refusal.message).toContain(`${dirname(lockFile)} does not exist`);
  expect(refusal.nextStep).toMatch(/Create that directory/);
});

test.each(["", "x".repeat(201), "🦊".repeat(20)])("a record cannot be named %p", async (name) => {
  using scratch = scratchLock();
  const store = openFileStore(scratch.lockFile);
  expect(await thrownBy(store.read(name, live))).toBeInstanceOf(StoreUnusableError);
  expect((await thrownBy(store.cas(name, null, uniqueValue(), live))).nextStep).toMatch(/BOT_ID/);
});

describe("a system call that is forbidden", () => {
  const FORBIDDEN: readonly (readonly [string, Operation, RegExp, RegExp])[] = [
    ["EPERM", "link", /another user in a sticky directory/, /Remove it as its owner/],
    ["EACCES", "readText", /this user may not/, /as one user/],
    ["EACCES", "writeNew", /this user may not/, /as one user/],
    ["ENOTDIR", "names", /is a file, not a directory/, /Move that file away/],
  ];
  for (const [code, operation, says, fix] of FORBIDDEN) {
    test(`${code} on ${operation}: unusable, says what and where, and nothing was written`, async () => {
      using scratch = scratchLock();
      const record = await writtenRecord(scratch.lockFile, 2);
      const fileSystem = steppedFileSystem((step) => {
        if (step.operation === operation) throw errno(code, step);
      });
      const store = openFileStore(scratch.lockFile, { fileSystem });
      const refusal = await thrownBy(store.cas(NAME, record, uniqueValue(), live));
      expect(refusal).toBeInstanceOf(StoreUnusableError);
      expect(refusal.message).toMatch(says);
      expect(refusal.message).toContain(`${code} on ${operation} ${scratch.root}`);
      expect(refusal.nextStep).toMatch(fix);
      expect(await openFileStore(scratch.lockFile).read(NAME, live)).toEqual(record);
    });
  }

  test("a file in place of a record's directory is unusable and says so", async () => {
    using scratch = scratchLock();
    mkdirSync(scratch.root, { mode: 0o700 });
    writeFileSync(join(scratch.root, RECORD_DIRECTORY), "");
    const refusal = await thrownBy(openFileStore(scratch.lockFile).read(NAME, live));
    expect(refusal).toBeInstanceOf(StoreUnusableError);
    expect(refusal.message).toContain(join(scratch.root, RECORD_DIRECTORY));
  });
});

describe("a caller that had given up", () => {
  test("gets no answer, and nothing is written", async () => {
    using scratch = scratchLock();
    const store = openFileStore(scratch.lockFile);
    const reason = new Error("enough");
    const gone = AbortSignal.abort(reason);
    const calls: readonly ((store: CoordinationStore) => Promise<unknown>)[] = [
      (to) => to.read(NAME, gone),
      (to) => to.cas(NAME, null, uniqueValue(), gone),
      (to) => to.list("", gone),
      (to) => to.casAndList(NAME, null, uniqueValue(), "", gone),
    ];
    for (const call of calls) {
      const refusal = await thrownBy(call(store));
      expect(refusal).toBeInstanceOf(StoreUnavailableError);
      expect(refusal.cause).toBe(reason);
    }
    expect(existsSync(scratch.root)).toBe(false);
  });
});

async function thrownBy(call: Promise<unknown>): Promise<StoreUnusableError | StoreUnavailableError> {
  const result = await call.catch((error: unknown) => error);
  if (result instanceof StoreUnusableError || result instanceof StoreUnavailableError) return result;
  throw new Error(`threw no error of a store: ${String(result)}`);
}
