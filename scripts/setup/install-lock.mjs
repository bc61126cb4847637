// One install at a time in one checkout, although commands may be killed while they hold the lock.
//
// The lock is a growing series of files `<n>.json`. Whoever links `<n+1>.json` first holds the lock; link(2)
// lets exactly one process do so and never shows a half written file. The highest file tells who holds it;
// it counts as free when it says `released` or its process is dead. Taking over from a dead process is the
// same link as taking a free lock, so there is no moment at which somebody removes a file that another
// process has meanwhile made its own. Files below the highest are removed only after a win, and a winner that
// finds a higher file than its own has read an old list: it withdraws and starts again.
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "./setup-error.mjs";

const POLL_MS = 100;
const WAIT_DEADLINE_MS = 15 * 60_000;

/** @typedef {{ pid: number, startedAt: string | null, released: boolean }} Holder */

/**
 * Runs `work` while holding the lock; waits for another process that holds it.
 *
 * @template T
 * @param {string} directory of the lock files
 * @param {() => Promise<T>} work
 * @param {{ waitDeadlineMs?: number, onWait?: (pid: number) => void }} [options]
 * @returns {Promise<T>}
 * @throws {SetupError} when a living process holds the lock for longer than `waitDeadlineMs` (15 minutes)
 */
export async function withInstallLock(directory, work, options = {}) {
  const { waitDeadlineMs = WAIT_DEADLINE_MS, onWait = announceWait } = options;
  mkdirSync(directory, { recursive: true });
  const deadlineMs = performance.now() + waitDeadlineMs;
  let generation = tryAcquire(directory);
  for (let announced = false; generation === null; generation = tryAcquire(directory)) {
    const holder = readHolder(directory, highest(directory));
    if (performance.now() > deadlineMs) {
      throw new SetupError(
        `Process ${holder?.pid ?? "?"} has been installing in this checkout for too long (limit ${Math.round(waitDeadlineMs / 1000)} s). ` +
          `End it, or remove ${directory} if that process is something else, and run the command again.`,
      );
    }
    if (!announced && holder !== null) {
      onWait(holder.pid);
      announced = true;
    }
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    place(directory, { ...thisProcess(), released: true }, (file) =>
      renameSync(file, pathOf(directory, generation)),
    );
  }
}

/** @param {number} pid */
function announceWait(pid) {
  process.stderr.write(`Another command (process ${pid}) is installing in this checkout; waiting for it.\n`);
}

/**
 * @param {string} directory
 * @returns {number | null} the generation won
 */
function tryAcquire(directory) {
  const last = highest(directory);
  if (last > 0) {
    const holder = readHolder(directory, last);
    if (holder === null || isHeld(holder)) return null;
  }
  const mine = last + 1;
  try {
    place(directory, { ...thisProcess(), released: false }, (file) =>
      linkSync(file, pathOf(directory, mine)),
    );
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return null;
    throw error;
  }
  if (highest(directory) !== mine) {
    rmSync(pathOf(directory, mine), { force: true });
    return null;
  }
  for (const older of generations(directory)) {
    if (older < mine) rmSync(pathOf(directory, older), { force: true });
  }
  return mine;
}

/**
 * Writes a complete temporary file and lets `move` give it its name.
 * @param {string} directory
 * @param {Holder} holder
 * @param {(file: string) => void} move
 */
function place(directory, holder, move) {
  const temporary = join(directory, `${randomUUID()}.tmp`);
  writeFileSync(temporary, JSON.stringify(holder));
  try {
    move(temporary);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * @param {string} directory
 * @param {number} generation
 */
const pathOf = (directory, generation) => join(directory, `${generation}.json`);

/** @param {string} directory */
function generations(directory) {
  return readdirSync(directory)
    .map((name) => /^(\d+)\.json$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number);
}

/** @param {string} directory */
const highest = (directory) => Math.max(0, ...generations(directory));

/**
 * @param {string} directory
 * @param {number} generation
 * @returns {Holder | null} null when a newer generation has just replaced it
 */
function readHolder(directory, generation) {
  try {
    return JSON.parse(readFileSync(pathOf(directory, generation), "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** @returns {Omit<Holder, "released">} */
const thisProcess = () => ({ pid: process.pid, startedAt: startOf(process.pid) });

/**
 * A process id may have been given to another process since; on Linux its start time tells.
 * @param {Holder} holder
 */
function isHeld(holder) {
  if (holder.released) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return holder.startedAt === null || holder.startedAt === startOf(holder.pid);
}

/**
 * Boot id and start time in clock ticks since boot: field 22 of /proc/<pid>/stat, after the name in brackets.
 * @param {number} pid
 * @returns {string | null} null where the system has no /proc
 */
function startOf(pid) {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return `${boot} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH"))
      return null;
    throw error;
  }
}
