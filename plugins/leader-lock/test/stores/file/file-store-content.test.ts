/** Names of directories and contents of files, as pure functions. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  decodeName,
  encodeName,
  parseVersionFile,
  recordOfTemporary,
  temporaryName,
  versionFile,
} from "../../../src/stores/file/layout.ts";
import { parseVersion, serialiseVersion } from "../../../src/stores/file/version-content.ts";

const names = fc.oneof(
  fc.string({ minLength: 1, unit: "grapheme" }),
  fc.constantFrom(".", "..", ".tmp", "a/../b", "%2F", "a~b"),
);
const values = fc.oneof(fc.string({ unit: "binary" }), fc.json());
const REVISION = "41-3f9c2a71";

describe("the directory of a record", () => {
  test("names come back from their directories, and no directory is hidden, above or below", () => {
    fc.assert(
      fc.property(names, (name) => {
        const directory = encodeName(name);
        expect(decodeName(directory)).toBe(name);
        expect(directory).toMatch(/^[A-Za-z0-9_%-]+$/);
        expect(recordOfTemporary(temporaryName(directory, "0123456789ab"))).toBe(name);
      }),
    );
  });

  test.each([".tmp", ".corrupt", "", "a.b", "%2f", "%", "a b", "%FF", "lost+found"])(
    "%p is the directory of no record",
    (directory) => {
      expect(decodeName(directory)).toBeUndefined();
    },
  );

  test("version files sort by number, after the file of the life", () => {
    const files = [10, 9, 100, 1].map((number) => versionFile(number, "3f9c2a71"));
    expect([...files, "life.3f9c2a71"].sort()).toEqual([
      "life.3f9c2a71",
      ...[1, 9, 10, 100].map((number) => versionFile(number, "3f9c2a71")),
    ]);
    expect(parseVersionFile(versionFile(41, "3f9c2a71"))).toEqual({ number: 41, life: "3f9c2a71" });
    expect(parseVersionFile("v41.3f9c2a71.json")).toBeUndefined();
  });
});

describe("the content of a version", () => {
  test("every text comes back as it was, from JSON that a person can read", () => {
    fc.assert(
      fc.property(names, values, (name, value) => {
        const text = serialiseVersion(name, REVISION, "nonce", value);
        expect(parseVersion(text, name, REVISION)).toEqual({ kind: "value", value });
        expect(JSON.parse(text).record).toBe(name);
      }),
    );
  });

  test("a value of JSON is embedded as JSON", () => {
    const text = serialiseVersion("a", REVISION, "nonce", '{"botId":"bot-1","term":7}');
    expect(JSON.parse(text).value).toEqual({ botId: "bot-1", term: 7 });
  });

  test("a deletion comes back as one", () => {
    const text = serialiseVersion("a", REVISION, "nonce", null);
    expect(parseVersion(text, "a", REVISION)).toEqual({ kind: "deleted" });
  });

  test("cut off anywhere, or with any character changed, it is damaged and never another value", () => {
    const value = '{"botId":"bot-1","term":7}';
    for (const next of [value, null, "plain text"]) {
      const text = serialiseVersion("a", REVISION, "nonce", next);
      const intact = parseVersion(text, "a", REVISION);
      for (let index = 0; index < text.length - 1; index++) {
        expect(parseVersion(text.slice(0, index), "a", REVISION).kind).toBe("corrupt");
        const changed = `${text.slice(0, index)}#${text.slice(index + 1)}`;
        // White space and the nonce carry no meaning.
        const content = parseVersion(changed, "a", REVISION);
        expect([intact, { kind: "corrupt", value: expect.any(String) }]).toContainEqual(content);
      }
    }
  });

  test("moved to another record or another number, it is damaged", () => {
    const text = serialiseVersion("a", REVISION, "nonce", "x");
    expect(parseVersion(text, "b", REVISION).kind).toBe("corrupt");
    expect(parseVersion(text, "a", "42-3f9c2a71").kind).toBe("corrupt");
  });

  test("damage of one kind has one value, holds nothing of the damage and is no JSON", () => {
    const parsed = (text: string) => parseVersion(text, "a", REVISION);
    const first = parsed("garbage \u001b[31m");
    expect(parsed("garbage \u001b[31m")).toEqual(first);
    expect(parsed("{}")).not.toEqual(first);
    const { value } = first as { value: string };
    expect(value).not.toContain("garbage");
    expect(() => JSON.parse(value)).toThrow();
  });
});
