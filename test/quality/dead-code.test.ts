import { expect, test } from "bun:test";
import { runTool } from "./support/repository.ts";

test("knip finds no file, export or dependency that nothing uses", () => {
  const { exitCode, output } = runTool("knip", ["--no-progress", "--treat-config-hints-as-errors"]);
  expect(exitCode === 0 ? "" : output).toBe("");
}, 120_000);
