/** A file store in a directory of its own, and what is in its files. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CoordinationStore, StoreRecord } from "@jeju-oracle/kit";
import { openFileStore } from "../../../../src/stores/file/file-store.ts";
import { quickFileSystem } from "./stepped-file-system.ts";

export const NAME = "fleet/lease/oracle";
export const RECORD_DIRECTORY = "fleet%2Flease%2Foracle";

/** File stores answer at once; a signal is only looked at. */
export const live: AbortSignal = new AbortController().signal;

/** A lock file path in a new directory; `using` removes the directory. */
export function scratchLock(): Disposable & { readonly lockFile: string; readonly root: string } {
  const directory = mkdtempSync(join(tmpdir(), "file-store-"));
  const lockFile = join(directory, "leader.lock");
  return {
    lockFile,
    root: `${lockFile}.d`,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A value as the port asks for: JSON with a nonce. */
export function uniqueValue(): string {
  return JSON.stringify({ nonce: crypto.randomUUID() });
}

/** Replaces whatever is there. @throws when that is lost. */
export async function overwrite(
  store: CoordinationStore,
  name: string = NAME,
  value: string = uniqueValue(),
): Promise<StoreRecord> {
  const result = await store.cas(name, await store.read(name, live), value, live);
  if (result.won && result.record !== null) return result.record;
  throw new Error(`lost without a rival: ${JSON.stringify(result)}`);
}

/** A record that has been written `versions` times. */
export async function writtenRecord(lockFile: string, versions: number): Promise<StoreRecord> {
  const store = openFileStore(lockFile, { fileSystem: quickFileSystem });
  let record = await overwrite(store);
  for (let version = 1; version < versions; version++) record = await overwrite(store);
  return record;
}

/** Names of the version files of {@link NAME}, lowest first. */
export function versionFiles(root: string): string[] {
  return readdirSync(join(root, RECORD_DIRECTORY))
    .filter((name) => name.startsWith("v"))
    .sort();
}

/** The file of the current version of {@link NAME}. */
export function newestFile(root: string): string {
  return join(root, RECORD_DIRECTORY, versionFiles(root).at(-1) ?? "none");
}

/** Every file that a reader may open, with its text. What is being written is left out. */
export function readableFiles(root: string): { readonly file: string; readonly text: string }[] {
  const files: { readonly file: string; readonly text: string }[] = [];
  if (!existsSync(root)) return files;
  for (const directory of readdirSync(root).filter((name) => !name.startsWith("."))) {
    for (const name of readdirSync(join(root, directory))) {
      const file = join(root, directory, name);
      files.push({ file, text: readFileSync(file, "utf8") });
    }
  }
  return files;
}
