import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestOptions } from "./options.ts";

const QUALITY_FOLDER = "test/quality/";

/** The test files that the options select, as paths relative to `root`, sorted. */
export function findTestFiles(root: string, options: TestOptions): string[] {
  const files = [...new Bun.Glob("**/*.test.ts").scanSync({ cwd: root })];
  return files
    .filter((file) => !file.split("/").includes("node_modules"))
    .filter((file) => options.selection !== "quality" || file.startsWith(QUALITY_FOLDER))
    .filter((file) => options.selection === "long" || !file.endsWith(".long.test.ts"))
    .filter(
      (file) =>
        options.pathFilters.length === 0 ||
        options.pathFilters.some((filter) => isSelectedBy(root, filter, file)),
    )
    .sort();
}

/** A path that exists selects what is below it (`test/tooling`), anything else every path that contains it. */
function isSelectedBy(root: string, filter: string, file: string): boolean {
  return existsSync(join(root, filter)) ? file.startsWith(filter) : file.includes(filter);
}
