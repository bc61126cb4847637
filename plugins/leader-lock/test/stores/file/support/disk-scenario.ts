/**
 * A disk that fills up and is freed, turns read-only and is writable again, in a process that has a mount of its own; where
 * the kernel grants this user none, the same errors are injected. Started by its path: `bun disk-scenario.ts <directory>`.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BaseError, type CoordinationStore, type StoreRecord } from "@jeju-oracle/kit";
import { openFileStore } from "../../../../src/stores/file/file-store.ts";
import type { FileSystem } from "../../../../src/stores/file/file-system.ts";
import { live, NAME, overwrite, readableFiles, uniqueValue } from "./scratch-store.ts";
import { errno, steppedFileSystem } from "./stepped-file-system.ts";

interface Episode {
  readonly before: StoreRecord;
  readonly failure: { readonly code: string; readonly message: string; readonly nextStep: string };
  readonly readMeanwhile: StoreRecord | null;
  readonly filesMeanwhile: readonly string[];
  readonly repeatedWon: boolean;
}

interface Story {
  readonly full: Episode;
  readonly readOnly: Episode;
}

interface Disk {
  readonly fileSystem?: FileSystem;
  fill(): void;
  free(): void;
  setReadOnly(readOnly: boolean): void;
}

const STARTED = "the disk is mounted";
const MOUNT_AND_PLAY = `mount -t tmpfs -o size=128k,mode=700 tmpfs "$0" && echo "${STARTED}" >&2 && exec "$1" "$2" "$0"`;

/** Plays it. */
export async function runDiskScenario(): Promise<Story> {
  const directory = mkdtempSync(join(tmpdir(), "file-store-disk-"));
  try {
    return (await playMounted(directory)) ?? (await play(directory, injectedDisk()));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Undefined when this user may not mount. The mount ends with the process that sees it. */
async function playMounted(directory: string): Promise<Story | undefined> {
  if (Bun.which("unshare") === null) return undefined;
  const child = Bun.spawn(
    [
      "unshare",
      "--mount",
      "--map-root-user",
      "sh",
      "-c",
      MOUNT_AND_PLAY,
      directory,
      process.execPath,
      import.meta.path,
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  const [output, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) === 0) return JSON.parse(output) as Story;
  if (errors.includes(STARTED)) throw new Error(`the scenario failed: ${errors}`);
  return undefined;
}

async function play(directory: string, disk: Disk): Promise<Story> {
  const lockFile = join(directory, "leader.lock");
  const store = openFileStore(lockFile, disk.fileSystem === undefined ? {} : { fileSystem: disk.fileSystem });
  await overwrite(store);
  await overwrite(store);
  const full = await episode(store, `${lockFile}.d`, disk.fill, disk.free);
  const readOnly = await episode(
    store,
    `${lockFile}.d`,
    () => disk.setReadOnly(true),
    () => disk.setReadOnly(false),
  );
  return { full, readOnly };
}

async function episode(
  store: CoordinationStore,
  root: string,
  spoil: () => void,
  mend: () => void,
): Promise<Episode> {
  const before = await overwrite(store);
  const value = uniqueValue();
  spoil();
  const failure = await store.cas(NAME, before, value, live).catch((error: unknown) => error);
  if (!(failure instanceof BaseError)) throw new Error(`did not fail as a store: ${String(failure)}`);
  const readMeanwhile = await store.read(NAME, live);
  const filesMeanwhile = readableFiles(root).map(({ text }) => text);
  mend();
  const repeated = await store.cas(NAME, before, value, live);
  const { code, message, nextStep } = failure;
  return {
    before,
    failure: { code, message, nextStep },
    readMeanwhile,
    filesMeanwhile,
    repeatedWon: repeated.won,
  };
}

function mountedDisk(directory: string): Disk {
  const filler = join(directory, "filler");
  return {
    fill() {
      try {
        writeFileSync(filler, Buffer.alloc(1 << 20));
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      }
      if (!existsSync(filler)) throw new Error("the disk did not fill up");
    },
    free: () => rmSync(filler),
    setReadOnly(readOnly) {
      const remounted = Bun.spawnSync(["mount", "-o", `remount,bind,${readOnly ? "ro" : "rw"}`, directory]);
      if (remounted.exitCode !== 0) throw new Error(`remount failed: ${remounted.stderr}`);
    },
  };
}

function injectedDisk(): Disk {
  let isFull = false;
  let isReadOnly = false;
  const changes = ["writeNew", "makeDirectory", "link", "rename", "removeFile", "removeDirectory"];
  return {
    fileSystem: steppedFileSystem((step) => {
      if (isFull && step.operation === "writeRest") throw errno("ENOSPC", step);
      // What exists is found first: https://man7.org/linux/man-pages/man2/mkdir.2.html
      if (isReadOnly && changes.includes(step.operation) && !existsSync(step.path))
        throw errno("EROFS", step);
    }),
    fill: () => {
      isFull = true;
    },
    free: () => {
      isFull = false;
    },
    setReadOnly: (readOnly) => {
      isReadOnly = readOnly;
    },
  };
}

if (import.meta.main) {
  const [, , directory = ""] = process.argv;
  process.stdout.write(JSON.stringify(await play(directory, mountedDisk(directory))));
}
