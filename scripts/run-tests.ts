// Runs the tests of the whole repository: every file in a process of its own, two at a time. See USAGE.
// The exit code is 0 only if at least one test passed and nothing failed; the last line is
// `N passed, N failed, N skipped`, and test-results/summary.txt holds the same line.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { allowedSkips } from "../test/allowed-skips.ts";
import { readDurations, slowestFirst, writeDurations } from "./testing/durations.ts";
import { parseOptions, UsageError } from "./testing/options.ts";
import {
  closingLine,
  countTotals,
  failureText,
  fileLine,
  hasFailed,
  slowestText,
  unexplainedSkips,
} from "./testing/report.ts";
import { type FileResult, runTestFile } from "./testing/run-file.ts";
import { findTestFiles } from "./testing/test-files.ts";

const TEST_TIMEOUT_MS = 30_000;
const FILE_DEADLINE_MS = 5 * 60_000;
const LONG_FILE_DEADLINE_MS = 30 * 60_000;
const RUN_DEADLINE_MS = 20 * 60_000;
const LONG_RUN_DEADLINE_MS = 120 * 60_000;

const STILL_RUNNING_EVERY_MS = 30_000;

const root = resolve(import.meta.dir, "..");

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), process.env);
  const resultsDirectory = join(root, "test-results");
  const summaryFile = join(resultsDirectory, "summary.txt");
  const durationsFile = join(resultsDirectory, "durations.json");
  mkdirSync(resultsDirectory, { recursive: true });
  rmSync(summaryFile, { force: true });

  const durations = readDurations(durationsFile);
  const files = slowestFirst(findTestFiles(root, options), durations);
  const isLong = options.selection === "long";
  const runDeadlineMs = isLong ? LONG_RUN_DEADLINE_MS : RUN_DEADLINE_MS;
  console.log(`${files.length} test files, ${options.jobs} at a time`);

  const runProblems: string[] = [];
  const stop = new AbortController();
  const stopBecause = (why: string) => {
    runProblems.push(why);
    stop.abort();
  };
  const deadline = setTimeout(
    () => stopBecause(`the run did not end within ${runDeadlineMs / 60_000} minutes`),
    runDeadlineMs,
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => stopBecause(`the run was interrupted by ${signal}`));
  }

  const results: FileResult[] = [];
  const queue = [...files];
  const running = new Set<string>();
  const stillRunning = setInterval(
    () => console.log(`… running: ${[...running].join(", ")}`),
    STILL_RUNNING_EVERY_MS,
  );
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined && !stop.signal.aborted; file = queue.shift()) {
      running.add(file);
      const result = await runTestFile(file, {
        root,
        resultsDirectory,
        testTimeoutMs: TEST_TIMEOUT_MS,
        fileDeadlineMs: isLong ? LONG_FILE_DEADLINE_MS : FILE_DEADLINE_MS,
        testNamePattern: options.testNamePattern,
        signal: stop.signal,
      });
      running.delete(file);
      results.push(result);
      console.log(`[${results.length}/${files.length}] ${fileLine(result)}`);
      if (hasFailed(result)) console.log(failureText(result));
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  clearTimeout(deadline);
  clearInterval(stillRunning);

  if (options.isCi) runProblems.push(...unexplainedSkips(results, allowedSkips));
  const unrun = files.length - results.length;
  if (unrun > 0) runProblems.push(`${unrun} test files did not run`);

  const totals = countTotals(results, runProblems);
  if (totals.passed + totals.failed === 0) runProblems.push("no test ran");
  writeDurations(durationsFile, durations, results);
  printEnd(results, runProblems);
  const line = closingLine(countTotals(results, runProblems));
  writeFileSync(summaryFile, `${line}\n`);
  console.log(line);
  return countTotals(results, runProblems).failed === 0 ? 0 : 1;
}

function printEnd(results: readonly FileResult[], runProblems: readonly string[]): void {
  const failed = results.filter(hasFailed);
  if (failed.length > 0) console.log(`\n════ ${failed.length} failed files, in full\n`);
  for (const result of failed) console.log(`${failureText(result)}\n`);
  for (const problem of runProblems) console.log(`✗ ${problem}`);
  console.log(`\n${slowestText(results)}\n`);
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exit(64);
}
