import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownProcess } from "../../src/identity/own-identity.ts";
import { LockFile, LockFileError, type LockFileView, lockPlaceOf } from "../../src/lock-file/lock-file.ts";

const root = mkdtempSync(join(tmpdir(), "lock-file-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(root, "case-"));
  // The child of some tests is another user.
  for (const each of [root, directory]) chmodSync(each, 0o755);
  path = join(directory, "leader.lock");
});

const view = (changes: Partial<LockFileView> = {}): LockFileView => ({
  botId: "a",
  term: 7,
  timestamp: 1_700_000_000_000,
  host: "one",
  pid: 42,
  expiresInMs: 20_000,
  ...changes,
});
const shown = () => JSON.parse(readFileSync(path, "utf8")) as LockFileView;

describe("the lock file", () => {
  test("shows the lease as JSON that everybody may read, and leaves nothing else behind", () => {
    const file = new LockFile(path);
    file.publish(view());
    file.publish(view({ term: 8 }));
    expect(shown()).toEqual(view({ term: 8 }));
    expect(lstatSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
    expect(readdirSync(directory)).toEqual(["leader.lock"]);
  });

  test("is whole at every moment, for a reader that does nothing but read", async () => {
    const file = new LockFile(path);
    const long = "x".repeat(100_000);
    file.publish(view({ botId: long }));
    const reader = Bun.spawn([process.execPath, "-e", READ_ON, path], { stdin: "pipe", stdout: "pipe" });
    const output = reader.stdout.getReader();
    await output.read();
    for (let term = 0; term < 500; term++) {
      file.publish(view({ botId: term % 2 === 0 ? long : "a", term }));
      if (term % 50 === 0) await Bun.sleep(1);
    }
    void reader.stdin.end();
    const { value } = await output.read();
    const { reads, broken } = JSON.parse(new TextDecoder().decode(value)) as {
      reads: number;
      broken: number;
    };
    expect(await reader.exited).toBe(0);
    expect(reads).toBeGreaterThan(10);
    expect(broken).toBe(0);
  });

  test("replaces a symbolic link and leaves alone what it points to", () => {
    const target = join(directory, "precious");
    writeFileSync(target, "untouched");
    symlinkSync(target, path);
    new LockFile(path).publish(view());
    expect(lstatSync(path).isSymbolicLink()).toBe(false);
    expect(shown()).toEqual(view());
    expect(readFileSync(target, "utf8")).toBe("untouched");
  });

  test("replaces another file of its name, and leaves that file's other names alone", () => {
    const other = join(directory, "other");
    writeFileSync(other, "untouched");
    linkSync(other, path);
    new LockFile(path).publish(view());
    expect(shown()).toEqual(view());
    expect(readFileSync(other, "utf8")).toBe("untouched");
  });

  test.each([
    ["no directory", () => rmSync(directory, { recursive: true }), "ENOENT: no such file or directory"],
    ["a directory in its place", () => mkdirSync(path), "EISDIR: illegal operation on a directory"],
  ])(
    "with %s is a failure that says what to do, the same each time, and leaves nothing behind",
    (_what, breakIt, problem) => {
      breakIt();
      const failures = [1, 2].map(() => {
        try {
          new LockFile(path).publish(view());
        } catch (error) {
          return error as LockFileError;
        }
        throw new Error("it was published");
      });
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(LockFileError);
        expect(failure.message).toBe(`the lock file ${path} cannot be written: ${problem}`);
        expect(failure.nextStep).toBe(
          "Free space or make the directory writable, or set LEADER_LOCK_FILE to another path.",
        );
      }
      if (existsSync(directory)) expect(readdirSync(directory)).toEqual(["leader.lock"]);
    },
  );

  test("of another user is a failure that says so, and stays as it was", async () => {
    // As root: a file of root in a sticky directory, as /tmp is. As anybody else: a directory that is not writable.
    writeFileSync(path, "of another user");
    chmodSync(directory, process.getuid?.() === 0 ? 0o1777 : 0o555);
    const child = Bun.spawn(
      [process.execPath, fileURLToPath(new URL("./support/publish-as-nobody.ts", import.meta.url)), path],
      {
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const output = await new Response(child.stdout).text();
    expect(await child.exited).toBe(0);
    chmodSync(directory, 0o755);
    expect(JSON.parse(output)).toMatchObject({
      code: "lock-file-unwritable",
      nextStep:
        "It belongs to another user: remove it as that user, or set LEADER_LOCK_FILE to another path.",
    });
    expect(readFileSync(path, "utf8")).toBe("of another user");
    expect(readdirSync(directory)).toEqual(["leader.lock"]);
  });
});

const READ_ON = `
const { readFileSync } = require("node:fs");
let reads = 0, broken = 0, isOver = false;
process.stdin.on("end", () => { isOver = true; });
process.stdin.resume();
process.stdout.write("reading\\n");
while (!isOver) {
  for (let i = 0; i < 20; i++) {
    reads++;
    try { JSON.parse(readFileSync(process.argv[1], "utf8")); } catch { broken++; }
  }
  await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write(JSON.stringify({ reads, broken }));
process.exit(0);
`;

describe("a removed lock file", () => {
  test("is noticed once, and put back", () => {
    const file = new LockFile(path);
    file.publish(view());
    expect(file.replaceRemoved(view())).toBe(false);
    rmSync(path);
    expect(file.replaceRemoved(view({ term: 9 }))).toBe(true);
    expect(shown()).toEqual(view({ term: 9 }));
    expect(file.replaceRemoved(view())).toBe(false);
    rmSync(path);
    expect(file.replaceRemoved(view())).toBe(true);
  });

  test("is noticed by one of those that show it", () => {
    const files = [1, 2, 3].map(() => new LockFile(path));
    for (const file of files) file.publish(view());
    for (let time = 0; time < 3; time++) {
      rmSync(path);
      expect(files.filter((file) => file.replaceRemoved(view()))).toHaveLength(1);
      for (const file of files) file.publish(view());
    }
  });

  test("is noticed by one of several processes that look at the same moment", async () => {
    const program = fileURLToPath(new URL("./support/notice-removal.ts", import.meta.url));
    const processes = [1, 2, 3].map(() => {
      const child = Bun.spawn([process.execPath, program, path], { stdin: "pipe", stdout: "pipe" });
      const reader = child.stdout.getReader();
      const answer = async () => new TextDecoder().decode((await reader.read()).value).trim();
      return { child, answer };
    });
    for (const { answer } of processes) expect(await answer()).toBe("ready");
    for (let round = 0; round < 100; round++) {
      rmSync(path);
      const atMs = performance.timeOrigin + performance.now() + 3;
      for (const { child } of processes) {
        child.stdin.write(`${atMs}\n`);
        child.stdin.flush();
      }
      const answers = await Promise.all(processes.map(({ answer }) => answer()));
      expect(answers.sort()).toEqual(["0", "0", "1"]);
    }
    for (const { child } of processes) {
      await child.stdin.end();
      expect(await child.exited).toBe(0);
    }
  });

  test("that this process never showed, or has left to others, was not removed", () => {
    const file = new LockFile(path);
    expect(file.replaceRemoved(view())).toBe(false);
    file.publish(view());
    file.leaveToOthers();
    rmSync(path);
    expect(file.replaceRemoved(view())).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  test("is noticed although it cannot be put back, once", () => {
    const file = new LockFile(path);
    file.publish(view());
    rmSync(directory, { recursive: true });
    expect(() => file.replaceRemoved(view())).toThrow(LockFileError);
    expect(file.replaceRemoved(view())).toBe(false);
  });
});

describe("the place of a lock file", () => {
  const self = ownProcess();
  test("is the same by every path that leads there, and for a file that does not exist yet", () => {
    const link = join(directory, "link");
    symlinkSync(directory, link);
    expect(lockPlaceOf(path, self)).toBe(lockPlaceOf(join(link, "leader.lock"), self)!);
    expect(lockPlaceOf(path, self)).toBeDefined();
  });

  test("differs by directory, by name and by boot", () => {
    const other = join(directory, "other");
    mkdirSync(other);
    const places = [
      lockPlaceOf(path, self),
      lockPlaceOf(join(other, "leader.lock"), self),
      lockPlaceOf(join(directory, "second.lock"), self),
      lockPlaceOf(path, { ...self!, bootId: "another" }),
    ];
    expect(new Set(places).size).toBe(4);
  });

  test("is unknown without a directory, or where the machine cannot be told", () => {
    expect(lockPlaceOf(join(directory, "none", "leader.lock"), self)).toBeUndefined();
    expect(lockPlaceOf(path, undefined)).toBeUndefined();
  });
});
