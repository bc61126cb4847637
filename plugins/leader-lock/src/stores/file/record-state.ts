/**
 * Reading one record. A directory is listed in one call of the kernel (up to 8 KiB of names, about 170 files, which is more
 * than twice what pruning leaves), under the directory's lock: a listing is one moment, and the highest version in it was
 * current then.
 */

import { join } from "node:path";
import { type StoreRecord, StoreUnavailableError } from "@jeju-oracle/kit";
import { versionOf } from "../version.ts";
import { ifPresent } from "./file-errors.ts";
import type { FileSystem } from "./file-system.ts";
import { parseLifeFile, parseVersionFile, versionFile } from "./layout.ts";
import { parseVersion, type VersionContent } from "./version-content.ts";

/** The newest version of a record's present life. */
export interface NewestVersion {
  readonly life: string;
  readonly number: number;
  /** What is in its file, byte for byte: no other file ever holds the same. Undefined when somebody removed it by hand. */
  readonly text: string | undefined;
  readonly content: VersionContent;
  /** Every name in the record's directory at that moment. */
  readonly names: readonly string[];
}

/** Each try needs the version it saw to be pruned away in the meantime: 64 changes of one record. */
const READ_ATTEMPTS = 16;

export function revisionOf(number: number, life: string): string {
  return `${number}-${life}`;
}

/**
 * The newest version in `directory`, or undefined when the record has no life. A life without versions (somebody removed
 * them by hand) is damaged: version 0.
 * @throws {StoreUnavailableError} when it changes faster than it can be read.
 */
export function readNewest(
  fileSystem: FileSystem,
  directory: string,
  name: string,
): NewestVersion | undefined {
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
    const names = ifPresent(() => fileSystem.names(directory));
    const life = names?.map(parseLifeFile).find((found) => found !== undefined);
    if (names === undefined || life === undefined) return undefined;
    const number = highest(names, life);
    const text = ifPresent(() => fileSystem.readText(join(directory, versionFile(number, life))));
    if (text === undefined && number > 0) continue;
    return { life, number, text, content: parseVersion(text ?? "", name, revisionOf(number, life)), names };
  }
  throw new StoreUnavailableError(`lock store: ${directory} changes faster than it can be read`);
}

/** The record as the port tells it: null when it was deleted or never there. */
export function recordOf(name: string, newest: NewestVersion | undefined): StoreRecord | null {
  if (newest === undefined || newest.content.kind === "deleted") return null;
  const { value } = newest.content;
  return { name, version: versionOf(revisionOf(newest.number, newest.life), value), value };
}

function highest(names: readonly string[], life: string): number {
  let number = 0;
  for (const name of names) {
    const version = parseVersionFile(name);
    if (version?.life === life && version.number > number) number = version.number;
  }
  return number;
}
