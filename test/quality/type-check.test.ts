import { expect, test } from "bun:test";
import { runTool } from "./support/repository.ts";

test("TypeScript finds no error in strict mode", () => {
  const { exitCode, output } = runTool("tsc", ["-p", "tsconfig.json", "--pretty", "false"]);
  expect(output.trim()).toBe("");
  expect(exitCode).toBe(0);
}, 120_000);

test("the strict options are all on", () => {
  const { output } = runTool("tsc", ["-p", "tsconfig.json", "--showConfig"]);
  const { compilerOptions } = JSON.parse(output);
  expect(compilerOptions).toMatchObject({
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
  });
});
