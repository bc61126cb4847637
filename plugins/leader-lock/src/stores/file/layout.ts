/**
 * The names of a file store:
 *
 *     <lock file>.d/
 *       fleet%2Flease%2Foracle/           a record, its name percent-encoded
 *         life.3f9c2a71                   which life of the record this directory holds; a deletion ends a life
 *         v000000000041.3f9c2a71.json     a version, never changed; the highest one is current
 *       .tmp/                             what is being written
 *       .corrupt/                         damaged versions, kept for people to look at
 *
 * A life has a random name, and every file of a record carries it: whoever stood still while the record was deleted and
 * created again can neither add to the new life nor remove from it.
 */
import { randomBytes } from "node:crypto";

export const TEMPORARY = ".tmp";
export const KEPT_ASIDE = ".corrupt";

/** Leaves room in a file name (255 bytes on Linux file systems) for what temporary names append. */
export const ENCODED_NAME_MAX_BYTES = 200;

const VERSION_FILE = /^v(\d{12})\.([0-9a-f]{8})\.json$/;
const LIFE_FILE = /^life\.([0-9a-f]{8})$/;

/** A record's directory: everything but letters, digits, `_` and `-` percent-encoded, so no name starts with a dot. */
export function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replaceAll(
    /[.!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The record that a directory is of, or undefined when no record has such a directory. */
export function decodeName(directory: string): string | undefined {
  // `encodeName` writes upper-case pairs only, and never an invalid sequence.
  if (!/^(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+$/.test(directory)) return undefined;
  const bytes = Buffer.from(
    directory.replaceAll(/%([0-9A-F]{2})/g, (_, pair: string) =>
      String.fromCharCode(Number.parseInt(pair, 16)),
    ),
    "latin1",
  );
  const name = bytes.toString("utf8");
  return encodeName(name) === directory ? name : undefined;
}

export function newLife(): string {
  return randomBytes(4).toString("hex");
}

export function newNonce(): string {
  return randomBytes(12).toString("hex");
}

/** A name below {@link TEMPORARY} that tells which record is being written: watchers read it. */
export function temporaryName(encodedName: string, nonce: string): string {
  return `${encodedName}~${nonce}`;
}

/** The record that a temporary name belongs to, or undefined. */
export function recordOfTemporary(name: string): string | undefined {
  return decodeName(name.slice(0, Math.max(0, name.lastIndexOf("~"))));
}

export function lifeFile(life: string): string {
  return `life.${life}`;
}

/** Sorts, as text, after the life file and after every lower number. */
export function versionFile(number: number, life: string): string {
  return `v${String(number).padStart(12, "0")}.${life}.json`;
}

export function parseLifeFile(name: string): string | undefined {
  return LIFE_FILE.exec(name)?.[1];
}

export function parseVersionFile(
  name: string,
): { readonly number: number; readonly life: string } | undefined {
  const [, digits, life] = VERSION_FILE.exec(name) ?? [];
  return digits === undefined || life === undefined ? undefined : { number: Number(digits), life };
}
