import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseJunit, type TestCase, UnreadableReportError } from "./junit.ts";
import { killAll, MARKER_VARIABLE, type ProcessInfo, processesOf } from "./processes.ts";

/** How one test file ended. */
export interface FileResult {
  readonly file: string;
  readonly tests: readonly TestCase[];
  /** What went wrong beside failed tests: a crash, a hang, a process left behind. Each counts as a failure. */
  readonly problems: readonly string[];
  readonly output: string;
  readonly durationMs: number;
}

export interface RunFileOptions {
  readonly root: string;
  /** Reports and output are kept here. */
  readonly resultsDirectory: string;
  readonly testTimeoutMs: number;
  readonly fileDeadlineMs: number;
  /** Only tests whose name matches; null: all. */
  readonly testNamePattern: string | null;
  /** Aborted when the whole run has to end. */
  readonly signal: AbortSignal;
}

/** A process that was told to end as the test finished may still be on its way out. */
const LEFTOVER_GRACE_MS = 2_000;
const LEFTOVER_POLL_MS = 25;

/**
 * Runs one test file in a `bun test` process and session of its own: a crash costs one file, a hang can be
 * ended with all it started, and what it leaves behind is known by its session.
 */
export async function runTestFile(file: string, options: RunFileOptions): Promise<FileResult> {
  const base = join(options.resultsDirectory, file.replaceAll("/", "__"));
  const [report, log] = [`${base}.xml`, `${base}.log`];
  mkdirSync(dirname(base), { recursive: true });
  rmSync(report, { force: true });

  const startedMs = performance.now();
  const marker = crypto.randomUUID();
  // Output goes to a file: a leftover process would hold a pipe open.
  const output = openSync(log, "w");
  const child = Bun.spawn(
    [
      process.execPath,
      "test",
      `./${file}`,
      `--timeout=${options.testTimeoutMs}`,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...(options.testNamePattern === null ? [] : ["-t", options.testNamePattern]),
    ],
    {
      cwd: options.root,
      stdio: ["ignore", output, output],
      detached: true,
      env: testEnvironment(marker),
    },
  );
  closeSync(output);

  const problems: string[] = [];
  const end = (why: string) => {
    problems.push(why);
    killAll(processesOf(child.pid, marker));
    child.kill("SIGKILL");
  };
  const deadline = setTimeout(
    () => end(`did not end within ${options.fileDeadlineMs / 1000} s and was killed`),
    options.fileDeadlineMs,
  );
  const abort = () => end("was stopped with the run");
  options.signal.addEventListener("abort", abort, { once: true });
  if (options.signal.aborted) abort();
  const exitCode = await child.exited;
  clearTimeout(deadline);
  options.signal.removeEventListener("abort", abort);

  const leftovers = await findLeftovers(child.pid, marker);
  if (problems.length === 0) {
    problems.push(...leftovers.map(({ pid, command }) => `left process ${pid} running: ${command}`));
  }
  killAll(leftovers);

  const text = readFileSync(log, "utf8");
  const ended = { exitCode, signalCode: child.signalCode, output: text };
  const tests =
    problems.length > 0 && !existsSync(report) ? [] : readReport(report, ended, options, problems);
  return { file, tests, problems, output: text, durationMs: performance.now() - startedMs };
}

interface Ended {
  readonly exitCode: number;
  readonly signalCode: NodeJS.Signals | number | null;
  readonly output: string;
}

/** The tests of the report; what makes report and exit code unbelievable is added to `problems`. */
function readReport(report: string, ended: Ended, options: RunFileOptions, problems: string[]): TestCase[] {
  const how = ended.signalCode === null ? `exit code ${ended.exitCode}` : `signal ${ended.signalCode}`;
  if (!existsSync(report)) {
    problems.push(ended.exitCode === 0 ? "holds no test" : `wrote no report and ended with ${how}`);
    return [];
  }
  try {
    let tests = parseJunit(readFileSync(report, "utf8"));
    if (options.testNamePattern !== null) {
      // Bun reports the tests that the pattern leaves out as skipped, and fails a file where it matches none.
      tests = tests.filter((test) => test.outcome !== "skipped");
      if (tests.length === 0 && ended.output.includes("matched 0 tests")) return [];
    }
    if (ended.exitCode !== 0 && problems.length === 0 && !tests.some((test) => test.outcome === "failed")) {
      problems.push(`ended with ${how} although no test failed`);
    }
    return tests;
  } catch (error) {
    if (!(error instanceof UnreadableReportError)) throw error;
    problems.push(error.message);
    return [];
  }
}

/**
 * `with-bun.mjs` starts us with --no-orphans, which Bun hands down in the environment. Under test a process
 * must behave as it does in production, and what it leaves behind must be seen.
 */
function testEnvironment(marker: string): Record<string, string | undefined> {
  const { BUN_FEATURE_FLAG_NO_ORPHANS: _, ...env } = process.env;
  return { ...env, NODE_ENV: "test", [MARKER_VARIABLE]: marker };
}

/** What is still alive of a test file that has ended, after a short grace. */
async function findLeftovers(sessionId: number, marker: string): Promise<ProcessInfo[]> {
  const deadlineMs = performance.now() + LEFTOVER_GRACE_MS;
  for (;;) {
    const alive = processesOf(sessionId, marker);
    if (alive.length === 0 || performance.now() > deadlineMs) return alive;
    await Bun.sleep(LEFTOVER_POLL_MS);
  }
}
