import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { FileResult } from "./run-file.ts";

/** How long each file took when it last ran here; only used to start the slow ones first. */
export type Durations = Readonly<Record<string, number>>;

export function readDurations(path: string): Durations {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

export function writeDurations(path: string, before: Durations, results: readonly FileResult[]): void {
  const measured = Object.fromEntries(results.map((result) => [result.file, Math.round(result.durationMs)]));
  writeFileSync(path, JSON.stringify({ ...before, ...measured }, null, 2));
}

/** Slowest first, so that no long file is left alone at the end; a file never measured may be slow. */
export function slowestFirst(files: readonly string[], durations: Durations): string[] {
  const expected = (file: string) => durations[file] ?? Number.POSITIVE_INFINITY;
  return [...files].sort((a, b) => (expected(a) === expected(b) ? 0 : expected(b) - expected(a)));
}
