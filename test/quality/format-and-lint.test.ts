import { afterAll, describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isTestCode, readText, root, runTool, sourceFiles } from "./support/repository.ts";

test("biome finds nothing to format, fix or complain about", () => {
  const { exitCode, output } = runTool("biome", ["check", "--error-on-warnings", "--max-diagnostics=50"]);
  expect(exitCode === 0 ? "" : output).toBe("");
}, 60_000);

describe("biome refuses in production code", () => {
  const refused = {
    "any as a type": ["export const x: any = 1;\n", "noExplicitAny"],
    "a non-null assertion": ["export const x = (y?: string) => y!;\n", "noNonNullAssertion"],
    "@ts-ignore": ["// @ts-ignore\nexport const x = 1;\n", "noTsIgnore"],
    "an unused import": ['import { a } from "./a.ts";\n', "noUnusedImports"],
    "a skipped test": ['import { test } from "bun:test";\ntest.skip("x", () => {});\n', "noSkippedTests"],
    "an only test": ['import { test } from "bun:test";\ntest.only("x", () => {});\n', "noFocusedTests"],
  } as const;
  const directory = mkdtempSync(join(tmpdir(), "lint-probe-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  for (const [what, [source, rule]] of Object.entries(refused)) {
    test(what, () => {
      copyFileSync(join(root, "biome.json"), join(directory, "biome.json"));
      mkdirSync(join(directory, "agent/src"), { recursive: true });
      writeFileSync(join(directory, "agent/src/probe.ts"), source);
      const { exitCode, output } = runTool(
        "biome",
        ["lint", "--vcs-enabled=false", "--error-on-warnings"],
        directory,
      );
      expect(output).toContain(rule);
      expect(exitCode).not.toBe(0);
    });
  }
});

/** This file names what it looks for. */
const searched = sourceFiles().filter((file) => file !== "test/quality/format-and-lint.test.ts");

function linesMatching(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    readText(file)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

test("no rule is switched off by a comment", () => {
  expect(linesMatching(searched, /biome-ignore|@ts-nocheck|@ts-ignore|eslint-disable/)).toEqual([]);
});

test("only tests expect type errors", () => {
  const production = searched.filter((file) => !isTestCode(file));
  expect(linesMatching(production, /@ts-expect-error/)).toEqual([]);
});

test("nothing is left to do later", () => {
  expect(linesMatching(searched, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
});

/** A catch without a statement swallows the error, with or without a comment; so does `.catch(() => {})`. */
const SWALLOWED =
  /catch\s*(?:\([^)]*\))?\s*\{(?:\s|\/\/[^\n]*\n|\/\*[^*]*\*\/)*\}|\.catch\(\s*(?:\(\w*\)|\w+)\s*=>\s*\{\s*\}\s*\)/;

test("no error is swallowed by an empty catch", () => {
  expect(searched.filter((file) => SWALLOWED.test(readText(file)))).toEqual([]);
});

test.each([
  "try { f(); } catch {}",
  "try { f(); } catch (error) { }",
  "try { f(); } catch {\n  // it does not matter\n}",
  "void f().catch(() => {});",
])("the search for swallowed errors finds %p", (source) => {
  expect(SWALLOWED.test(source)).toBe(true);
});
