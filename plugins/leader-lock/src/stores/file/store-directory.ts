/**
 * The directory of a file store and whether it may be trusted: it must be a real directory that belongs to this process's
 * user and that nobody else may write to. Then everything below it was put there by this user.
 */

import { dirname, join } from "node:path";
import { StoreUnusableError } from "@jeju-oracle/kit";
import { ifPresent, isErrno } from "./file-errors.ts";
import type { FileSystem } from "./file-system.ts";
import { TEMPORARY } from "./layout.ts";

/** Bits that let the group or everybody change what is in a directory. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * False when the directory does not exist.
 * @throws {StoreUnusableError} when it exists and may not be trusted.
 */
export function isUsable(fileSystem: FileSystem, root: string, userId: number): boolean {
  const found = ifPresent(() => fileSystem.status(root));
  if (found === undefined) return false;
  if (found.kind === "symlink") {
    throw refusal(root, "it is a symbolic link", "Remove the link; the agent creates the directory itself.");
  }
  if (found.kind !== "directory") {
    throw refusal(
      root,
      "it is not a directory",
      "Move that file away; the agent creates the directory itself.",
    );
  }
  if (found.uid !== userId) {
    throw refusal(
      root,
      `it belongs to user ${found.uid}, and this process runs as user ${userId}`,
      `Run every agent and the command line of this host as one user, or have user ${found.uid} remove it (in a sticky directory such as /tmp nobody else can), or put the lock file elsewhere with LEADER_LOCK_URL.`,
    );
  }
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw refusal(
      root,
      `other users may write to it (mode ${found.mode.toString(8).padStart(4, "0")})`,
      `Check who wrote to it, then: chmod 700 ${root}`,
    );
  }
  return true;
}

/**
 * Creates what is missing of the directory. It may be gone again when this returns; whoever uses it has to look.
 * Throws as {@link isUsable}, and the file system's errors.
 */
export function makeUsable(fileSystem: FileSystem, root: string, userId: number): void {
  if (!isUsable(fileSystem, root, userId)) {
    if (!makeDirectory(fileSystem, root)) {
      throw refusal(
        root,
        `${dirname(root)} does not exist`,
        "Create that directory, or put the lock file elsewhere with LEADER_LOCK_URL.",
      );
    }
    fileSystem.syncDirectory(dirname(root));
    isUsable(fileSystem, root, userId);
  }
  makeDirectory(fileSystem, join(root, TEMPORARY));
}

/** False when the directory above it does not exist. */
function makeDirectory(fileSystem: FileSystem, path: string): boolean {
  try {
    fileSystem.makeDirectory(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    if (!isErrno(error, "EEXIST")) throw error;
  }
  return true;
}

function refusal(root: string, why: string, nextStep: string): StoreUnusableError {
  return new StoreUnusableError(`lock store ${root} is not used: ${why}`, {
    nextStep,
    details: { path: root },
  });
}
