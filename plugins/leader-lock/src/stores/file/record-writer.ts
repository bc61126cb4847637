/**
 * How one record changes. A life of a record begins by rename(2) of a finished directory onto its name, goes on by link(2) of
 * a finished file to the name of the next version, and ends with a version that says "deleted". Of any number of
 * processes one gets the name. None waits for another, so one that stands still or dies holds up nobody.
 *
 * A process may stand still before its link until the version it compared with, and the name it is about to take, were both
 * pruned. It then takes a name that others had used. Versions are pruned from the lowest up, so that is recognised
 * afterwards: unless the version it compared with is still there, byte for byte, its write counts for nothing. The
 * same holds for a record, or the whole store, that was removed and created again meanwhile.
 *
 * Two waits for the disk per change, both needed after a power cut: one for the file before it gets its name, else a reader
 * finds a name with half a file; one for the name before the change is reported, else a pause that a person saw
 * confirmed is gone. Removals need none.
 */

import { join } from "node:path";
import { StoreUnavailableError } from "@jeju-oracle/kit";
import { attempt, ifPresent, isErrno } from "./file-errors.ts";
import type { FileSystem } from "./file-system.ts";
import { lifeFile, newLife, newNonce, TEMPORARY, temporaryName, versionFile } from "./layout.ts";
import { type NewestVersion, readNewest, revisionOf } from "./record-state.ts";
import { serialiseVersion } from "./version-content.ts";

/** Where a record is, and whose it is. */
export interface RecordPlace {
  readonly root: string;
  readonly name: string;
  readonly encodedName: string;
  readonly directory: string;
}

/** The version that now stands, or undefined when another process was first: then look again. */
export type Written = { readonly life: string; readonly number: number } | undefined;

/** Begins a life of the record with its first version. */
export function createRecord(fileSystem: FileSystem, place: RecordPlace, value: string): Written {
  const life = newLife();
  const nonce = newNonce();
  const building = join(place.root, TEMPORARY, temporaryName(place.encodedName, nonce));
  const text = serialiseVersion(place.name, revisionOf(1, life), nonce, value);
  const parts = [join(building, versionFile(1, life)), join(building, lifeFile(life))] as const;
  try {
    fileSystem.makeDirectory(building);
    fileSystem.writeNew(parts[0], text);
    fileSystem.writeNew(parts[1], `${JSON.stringify({ record: place.name, life })}\n`);
    fileSystem.syncDirectory(building);
    fileSystem.rename(building, place.directory);
  } catch (error) {
    for (const part of parts) attempt(() => fileSystem.removeFile(part));
    attempt(() => fileSystem.removeDirectory(building));
    if (isErrno(error, "EEXIST", "ENOTEMPTY", "ENOENT")) return undefined;
    throw error;
  }
  afterwards(place, () => fileSystem.syncDirectory(place.root));
  return { life, number: 1 };
}

/** Adds the version after `before`. `next` null ends the life. */
export function appendVersion(
  fileSystem: FileSystem,
  place: RecordPlace,
  before: NewestVersion,
  next: string | null,
): Written {
  const { life } = before;
  const number = before.number + 1;
  const nonce = newNonce();
  const text = serialiseVersion(place.name, revisionOf(number, life), nonce, next);
  const temporary = join(place.root, TEMPORARY, temporaryName(place.encodedName, nonce));
  const target = join(place.directory, versionFile(number, life));
  try {
    if (!writeAndLink(fileSystem, place, temporary, target, text)) return undefined;
    afterwards(place, () => {
      confirm(fileSystem, place, before, target);
      fileSystem.syncDirectory(place.directory);
    });
    return { life, number };
  } finally {
    attempt(() => fileSystem.removeFile(temporary));
  }
}

/** True when `text` has the name `target`; false when it has not and another try may succeed. */
function writeAndLink(
  fileSystem: FileSystem,
  place: RecordPlace,
  temporary: string,
  target: string,
  text: string,
): boolean {
  try {
    fileSystem.writeNew(temporary, text);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
  try {
    fileSystem.link(temporary, target);
    return true;
  } catch (error) {
    if (!isErrno(error)) throw error;
    // An error is not proof of failure: a file system over a network may lose the reply and repeat the request.
    const landed = afterwards(place, () =>
      error.code === "EEXIST"
        ? ifPresent(() => fileSystem.readText(target)) === text
        : ifPresent(() => fileSystem.status(temporary).linkCount) === 2,
    );
    if (landed || error.code === "EEXIST" || error.code === "ENOENT") return landed;
    throw error;
  }
}

/** Throws unless the version that was compared with is still what it was: see the top of this file. */
function confirm(fileSystem: FileSystem, place: RecordPlace, before: NewestVersion, target: string): void {
  const compared = join(place.directory, versionFile(before.number, before.life));
  if (ifPresent(() => fileSystem.readText(compared)) === before.text) return;
  const newest = readNewest(fileSystem, place.directory, place.name);
  const isPassed = newest?.life !== before.life || newest.number > before.number + 1;
  if (isPassed) attempt(() => fileSystem.removeFile(target));
  throw unknownOutcome(place, undefined, "the record was changed many times while this process stood still");
}

/** Runs what follows a write that may have landed: whatever fails from here on, the outcome is unknown. */
function afterwards<T>(place: RecordPlace, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw unknownOutcome(place, error, `${error.code} on ${error.syscall}`);
  }
}

function unknownOutcome(place: RecordPlace, cause: unknown, why: string): StoreUnavailableError {
  return new StoreUnavailableError(`lock store ${place.root}: ${place.name} may have been written: ${why}`, {
    nextStep: "Nothing needs to be done: the agent repeats the write and learns which it was.",
    details: { path: place.directory },
    cause,
  });
}
