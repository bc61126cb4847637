/** Preloaded into an agent: on SIGUSR2 it collects its garbage and writes to the file BENCH_HEAP_FILE what its heap holds, in bytes. */

import { heapStats } from "bun:jsc";
import { renameSync, writeFileSync } from "node:fs";

const file = process.env.BENCH_HEAP_FILE;
if (file === undefined) throw new Error("BENCH_HEAP_FILE is not set");

process.on("SIGUSR2", () => {
  for (let round = 0; round < 3; round++) Bun.gc(true);
  const { heapSize, extraMemorySize } = heapStats();
  writeFileSync(`${file}.new`, String(heapSize + extraMemorySize));
  renameSync(`${file}.new`, file);
});
