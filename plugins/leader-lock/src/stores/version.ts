/**
 * The version of a record as the coordination stores report it: the store's own revision and a digest of the value. A
 * store that was wiped counts its revisions from the start again; since every value is unique, no version returns with it.
 */
import { createHash } from "node:crypto";

/** 64 bits: two of a million values share a digest with a chance below 1 in 10 million. */
const DIGEST_HEX_DIGITS = 16;

/** `<revision>.<first 16 hex digits of the SHA-256 of the value>`. */
export function versionOf(revision: string | number, value: string): string {
  const digest = createHash("sha256").update(value, "utf8").digest("hex").slice(0, DIGEST_HEX_DIGITS);
  return `${revision}.${digest}`;
}

/** The revision that {@link versionOf} was given; null for a version that it did not make. */
export function revisionOf(version: string): string | null {
  return /^(\d+)\.[0-9a-f]+$/.exec(version)?.[1] ?? null;
}
