/**
 * What a version file holds: JSON that a person can read, whose `version` proves that it is whole. Values are JSON text and
 * are embedded as such; any other text is embedded as a string.
 *
 * A file that does not hold exactly what this module wrote is damaged. It counts as a record with a value that nobody can
 * parse, never as absent and never as the version before: a reader must not take over what a damaged file may have held.
 */
import { createHash } from "node:crypto";
import { versionOf } from "../version.ts";

export type VersionContent =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "deleted" }
  /** `value` names the file and a digest of what is in it; it is no JSON and holds nothing of the damage itself. */
  | { readonly kind: "corrupt"; readonly value: string };

/** The text of a version file. `nonce` makes it unlike any other file, the deletion of an equal record included. */
export function serialiseVersion(name: string, revision: string, nonce: string, next: string | null): string {
  const file =
    next === null
      ? { record: name, version: deletionOf(revision), nonce, deleted: true }
      : { record: name, version: versionOf(revision, next), nonce, ...embed(next) };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Reads a version file's text. Never throws. */
export function parseVersion(text: string, name: string, revision: string): VersionContent {
  const file = parseObject(text);
  if (file !== undefined && file.record === name) {
    if (file.deleted === true && file.version === deletionOf(revision)) return { kind: "deleted" };
    const value = extract(file);
    if (value !== undefined && file.version === versionOf(revision, value)) return { kind: "value", value };
  }
  const digest = createHash("sha256").update(text, "utf8").digest("hex");
  return { kind: "corrupt", value: `damaged version ${revision} of ${name}, sha256 ${digest}` };
}

function deletionOf(revision: string): string {
  return `${revision}.deleted`;
}

function embed(value: string): { readonly value: unknown } | { readonly text: string } {
  const parsed = parseObject(value);
  return parsed !== undefined && JSON.stringify(parsed) === value ? { value: parsed } : { text: value };
}

function extract(file: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof file.text === "string") return file.text;
  return typeof file.value === "object" ? JSON.stringify(file.value) : undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
