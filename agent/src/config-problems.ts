/** Gathers the problems of every table of variables, so that one start tells all of them. */
import { ConfigError, type ConfigProblem } from "@jeju-oracle/kit";

/** Runs every check. @returns the problems of those that threw a ConfigError; other errors pass through. */
export function collectProblems(checks: readonly (() => unknown)[]): readonly ConfigProblem[] {
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  });
}
