import { availableParallelism } from "node:os";

/** What `npm test -- …` asks for. */
export interface TestOptions {
  /** `default`: all but `*.long.test.ts`; `long`: those as well; `quality`: only the checks of the code itself. */
  readonly selection: "default" | "long" | "quality";
  /** Folders, files or parts of paths that select files; one that fits is enough. Empty: all files. */
  readonly pathFilters: readonly string[];
  /** Files that run at the same time. */
  readonly jobs: number;
  /** Only tests whose name matches this pattern. */
  readonly testNamePattern: string | null;
  /** On CI a skipped test is a failure unless `test/allowed-skips.ts` gives a reason. */
  readonly isCi: boolean;
}

const USAGE = `usage: npm test -- [--long | --quality] [--jobs <n>] [-t <test name pattern>] [part of a path …]`;

/** The arguments make no sense; the message names the argument and shows the usage. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(problem: string) {
    super(`${problem}\n${USAGE}`);
  }
}

/** More files at once would fight for the same chains' worth of CPU and make timing tests slow, not quick. */
const JOBS_MAX = 2;

/** @throws {UsageError} on an unknown option or a bad number */
export function parseOptions(argv: readonly string[], env: Record<string, string | undefined>): TestOptions {
  let selection: TestOptions["selection"] = "default";
  let jobs = Math.min(JOBS_MAX, availableParallelism());
  const pathFilters: string[] = [];
  let testNamePattern: string | null = null;
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === "--long") selection = "long";
    else if (argument === "--quality") selection = "quality";
    else if (argument === "--jobs") jobs = parseJobs(rest.shift());
    else if (argument === "-t") testNamePattern = required(rest.shift(), "-t needs a test name pattern");
    else if (argument.startsWith("-")) throw new UsageError(`unknown option ${argument}`);
    else pathFilters.push(argument.replace(/^\.\//, ""));
  }
  return { selection, pathFilters, jobs, testNamePattern, isCi: env.CI === "true" || env.CI === "1" };
}

function parseJobs(value: string | undefined): number {
  const jobs = Number(value);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64) {
    throw new UsageError(`--jobs needs a whole number from 1 to 64, got ${value ?? "nothing"}`);
  }
  return jobs;
}

function required(value: string | undefined, problem: string): string {
  if (value === undefined) throw new UsageError(problem);
  return value;
}
