/**
 * What may be removed, and in which order.
 *
 * Invariant: the name of version n + 1 is free only if it was never used or version n is gone. So versions are removed from
 * the lowest up, and removal stops at the first that fails. Nothing here changes what a reader sees, and whoever is
 * interrupted leaves the rest to the next writer.
 */
import { join } from "node:path";
import { attempt, ifPresent } from "./file-errors.ts";
import type { FileSystem } from "./file-system.ts";
import { KEPT_ASIDE, parseLifeFile, parseVersionFile, TEMPORARY } from "./layout.ts";
import type { NewestVersion } from "./record-state.ts";

/** Versions kept per record: a history for people. Correctness does not depend on it. */
const VERSIONS_KEPT = 64;
/** Damaged versions kept in the whole store. */
const DAMAGED_KEPT = 16;
/** Age at which a temporary file counts as left by a dead writer; a living writer whose file goes starts again. */
const TEMPORARY_AGE_MS = 60_000;
/** Most removals in one call, so that a write stays short. */
const REMOVALS_MAX = 256;

/** Removes versions that are older than the last {@link VERSIONS_KEPT}, and files of lives that ended. */
export function pruneVersions(
  fileSystem: FileSystem,
  directory: string,
  before: NewestVersion,
  number: number,
): void {
  const outdated = before.names.filter((name) => {
    const version = parseVersionFile(name);
    if (version === undefined) return false;
    return version.life !== before.life || version.number <= number - VERSIONS_KEPT;
  });
  removeInOrder(fileSystem, directory, outdated.sort().slice(0, REMOVALS_MAX));
}

/**
 * Removes the directory of a record without a life. `names` is what was in it when a deletion ended its life; without
 * them it is listed here, and removed only while it has no life file.
 */
export function removeEnded(fileSystem: FileSystem, directory: string, names?: readonly string[]): void {
  const listed = names ?? ifPresent(() => fileSystem.names(directory)) ?? [];
  // It may be another directory than the one that was seen without a life.
  if (names === undefined && listed.some((name) => parseLifeFile(name) !== undefined)) return;
  // The life file sorts first: without it nobody takes a version here for the record.
  if (removeInOrder(fileSystem, directory, listed.toSorted())) {
    attempt(() => fileSystem.removeDirectory(directory));
  }
}

/** Gives a damaged version a further name that pruning does not touch; the oldest of these go. */
export function keepAside(fileSystem: FileSystem, root: string, encodedName: string, file: string): void {
  const directory = join(root, KEPT_ASIDE);
  attempt(() => fileSystem.makeDirectory(directory));
  attempt(() => fileSystem.link(join(root, encodedName, file), join(directory, `${encodedName}~${file}`)));
  attempt(() => {
    const byAge = fileSystem
      .names(directory)
      .map((name) => ({ name, modifiedMs: fileSystem.status(join(directory, name)).modifiedMs }))
      .sort((left, right) => left.modifiedMs - right.modifiedMs);
    for (const { name } of byAge.slice(0, -DAMAGED_KEPT)) fileSystem.removeFile(join(directory, name));
  });
}

/** Removes what writers left that were killed. A directory is moved first, so that its slow owner cannot put it in place. */
export function sweepTemporary(fileSystem: FileSystem, root: string, nonce: string, nowMs: number): void {
  const directory = join(root, TEMPORARY);
  const names = ifPresent(() => fileSystem.names(directory)) ?? [];
  for (const [index, name] of names.slice(0, REMOVALS_MAX).entries()) {
    const path = join(directory, name);
    attempt(() => {
      const found = fileSystem.status(path);
      if (nowMs - found.modifiedMs < TEMPORARY_AGE_MS) return;
      if (found.kind !== "directory") {
        fileSystem.removeFile(path);
        return;
      }
      const moved = join(directory, `${nonce}-${index}`);
      fileSystem.rename(path, moved);
      removeInOrder(fileSystem, moved, fileSystem.names(moved));
      fileSystem.removeDirectory(moved);
    });
  }
}

/** Removes files one by one. False when one could not be removed: the ones after it were left. */
function removeInOrder(fileSystem: FileSystem, directory: string, names: readonly string[]): boolean {
  return names.every((name) => attempt(() => ifPresent(() => fileSystem.removeFile(join(directory, name)))));
}
