import type { AllowedSkip } from "../../test/allowed-skips.ts";
import type { FileResult } from "./run-file.ts";

/** The plain closing line of a run; `.ci/run` and people rely on its form. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const SLOWEST_SHOWN = 10;

/** Every problem beside the tests themselves counts as one failure. */
export function countTotals(results: readonly FileResult[], runProblems: readonly string[]): Totals {
  const tests = results.flatMap((result) => result.tests);
  const count = (outcome: string) => tests.filter((test) => test.outcome === outcome).length;
  const problems = results.reduce((sum, result) => sum + result.problems.length, runProblems.length);
  return { passed: count("passed"), failed: count("failed") + problems, skipped: count("skipped") };
}

export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

export function hasFailed(result: FileResult): boolean {
  return result.problems.length > 0 || result.tests.some((test) => test.outcome === "failed");
}

/** One line as a file ends. */
export function fileLine(result: FileResult): string {
  const { passed, failed, skipped } = countTotals([result], []);
  const counts = [
    `${passed} passed`,
    failed > 0 ? `${failed} failed` : "",
    skipped > 0 ? `${skipped} skipped` : "",
  ];
  return `${hasFailed(result) ? "✗" : "✓"} ${result.file}  ${counts.filter((part) => part !== "").join(", ")}  ${seconds(result.durationMs)}`;
}

/** The full output of a failed file, with its problems. */
export function failureText(result: FileResult): string {
  const failed = result.tests.filter((test) => test.outcome === "failed").map((test) => `  ✗ ${test.name}`);
  const problems = result.problems.map((problem) => `  ✗ ${result.file} ${problem}`);
  return [`──── ${result.file}`, result.output.trim(), ...failed, ...problems].join("\n");
}

export function slowestText(results: readonly FileResult[]): string {
  const slowest = [...results].sort((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST_SHOWN);
  return [
    "Slowest files:",
    ...slowest.map((result) => `  ${seconds(result.durationMs).padStart(8)}  ${result.file}`),
  ].join("\n");
}

/** Skipped tests for which nobody wrote down a reason. */
export function unexplainedSkips(results: readonly FileResult[], allowed: readonly AllowedSkip[]): string[] {
  return results.flatMap((result) =>
    result.tests
      .filter((test) => test.outcome === "skipped")
      .filter((test) => !allowed.some((skip) => skip.file === result.file && skip.test === test.name))
      .map((test) => `skipped without a reason in test/allowed-skips.ts: ${result.file}: ${test.name}`),
  );
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
