import { describe, expect, test } from "bun:test";
import { isTestCode, readText, runTool, sourceFiles } from "./support/repository.ts";

test("biome finds nothing to format, fix or complain about", () => {
  const { exitCode, output } = runTool("biome", ["check", "--error-on-warnings", "--max-diagnostics=50"]);
  expect(exitCode === 0 ? "" : output).toBe("");
}, 60_000);

describe("biome refuses in production code", () => {
  const refused = {
    "any as a type": ["export const x: any = 1;\n", "noExplicitAny"],
    "a non-null assertion": ["export const x = (y?: string) => y!;\n", "noNonNullAssertion"],
    "an empty catch": ["try {\n  f();\n} catch {}\n", "noEmptyBlockStatements"],
    "@ts-ignore": ["// @ts-ignore\nexport const x = 1;\n", "noTsIgnore"],
    "an unused import": ['import { a } from "./a.ts";\n', "noUnusedImports"],
    "a skipped test": ['import { test } from "bun:test";\ntest.skip("x", () => {});\n', "noSkippedTests"],
    "an only test": ['import { test } from "bun:test";\ntest.only("x", () => {});\n', "noFocusedTests"],
  } as const;
  for (const [what, [source, rule]] of Object.entries(refused)) {
    test(what, () => {
      const args = ["lint", "--error-on-warnings", "--stdin-file-path=agent/src/probe.ts"];
      const { exitCode, output } = runTool("biome", args, source);
      expect(output).toContain(rule);
      expect(exitCode).not.toBe(0);
    });
  }
});

// Built from pieces: this file must not contain what it looks for.
const SUPPRESSION = new RegExp(
  ["biome-" + "ignore", "@ts-" + "nocheck", "@ts-" + "ignore", "eslint-" + "disable"].join("|"),
);
const EXPECTED_ERROR = new RegExp("@ts-" + "expect-error");
const UNFINISHED = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].join("|")})\\b`);

function linesMatching(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    readText(file)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

test("no rule is switched off by a comment", () => {
  expect(linesMatching(sourceFiles(), SUPPRESSION)).toEqual([]);
});

test("only tests expect type errors", () => {
  const production = sourceFiles().filter((file) => !isTestCode(file));
  expect(linesMatching(production, EXPECTED_ERROR)).toEqual([]);
});

test("nothing is left to do later", () => {
  const marker = sourceFiles().filter((file) => file !== "test/quality/format-and-lint.test.ts");
  expect(linesMatching(marker, UNFINISHED)).toEqual([]);
});
