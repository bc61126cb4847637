import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withInstallLock } from "../../scripts/setup/install-lock.mjs";

const HOLDER = join(import.meta.dir, "support", "hold-lock.mjs");

let folder: string;
let lock: string;
let journal: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "install-lock-"));
  lock = join(folder, "lock");
  journal = join(folder, "journal");
  writeFileSync(journal, "");
});

afterEach(() => rmSync(folder, { recursive: true }));

/** In Node, as in real life. */
function startHolder(times: number, mode = "") {
  return Bun.spawn(["node", HOLDER, lock, journal, String(times), mode], {
    stdout: "pipe",
    stderr: "inherit",
  });
}

test("six processes that want the lock at once hold it one after the other", async () => {
  const rounds = 4;
  const holders = Array.from({ length: 6 }, () => startHolder(rounds));
  const codes = await Promise.all(holders.map((holder) => holder.exited));
  expect(codes).toEqual([0, 0, 0, 0, 0, 0]);

  const lines = readFileSync(journal, "utf8").trim().split("\n");
  expect(lines).toHaveLength(6 * rounds * 2);
  for (let index = 0; index < lines.length; index += 2) {
    expect(lines[index + 1]).toBe(lines[index]!.replace("enter", "leave"));
  }
});

test("the lock of a killed process is taken over", async () => {
  const holder = startHolder(1, "hang");
  await holder.stdout.getReader().read();
  holder.kill("SIGKILL");
  await holder.exited;
  expect(await withInstallLock(lock, async () => "mine", { waitDeadlineMs: 5_000 })).toBe("mine");
});

test("a living holder is waited for up to the deadline, and then named", async () => {
  const holder = startHolder(1, "hang");
  await holder.stdout.getReader().read();
  const waited: number[] = [];
  const attempt = withInstallLock(lock, async () => "mine", {
    waitDeadlineMs: 250,
    onWait: (pid: number) => waited.push(pid),
  });
  await expect(attempt).rejects.toThrow(`Process ${holder.pid} has been installing`);
  expect(waited).toEqual([holder.pid]);
  holder.kill("SIGKILL");
  await holder.exited;
});

test("a holder whose process id belongs to another process by now counts as dead", async () => {
  mkdirSync(lock);
  writeFileSync(
    join(lock, "7.json"),
    JSON.stringify({ pid: process.pid, startedAt: "another boot 1", released: false }),
  );
  expect(await withInstallLock(lock, async () => "mine", { waitDeadlineMs: 1_000 })).toBe("mine");
});

test("work that throws releases the lock, and one file is all that remains", async () => {
  const failing = withInstallLock(lock, async () => {
    throw new Error("no network");
  });
  await expect(failing).rejects.toThrow("no network");
  await withInstallLock(lock, async () => undefined, { waitDeadlineMs: 1_000 });
  expect(readdirSync(lock)).toEqual(["2.json"]);
});
