/**
 * Tells that records may have changed. Every write of any process passes through the directory of temporary files, under a
 * name that tells the record: one watch there sees the whole store. It is a hint: on any error it falls silent.
 */

import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "@jeju-oracle/kit";
import { recordOfTemporary } from "./layout.ts";

/** One write causes several events within about a millisecond; the last comes after the record has changed. */
const COALESCE_MS = 10;

/** Calls `onChange` soon after a record under `prefix` was written. The returned function ends it. */
export function watchTemporary(
  directory: string,
  prefix: string,
  clock: Clock,
  onChange: () => void,
): () => void {
  let cancelTimer: (() => void) | undefined;
  const onEvent = (_event: string, file: string | null) => {
    if (cancelTimer !== undefined || !(recordOfTemporary(file ?? "") ?? "").startsWith(prefix)) return;
    cancelTimer = clock.setTimer(COALESCE_MS, () => {
      cancelTimer = undefined;
      onChange();
    });
  };
  let watcher: FSWatcher | undefined;
  const end = () => {
    cancelTimer?.();
    watcher?.close();
    watcher = undefined;
  };
  try {
    watcher = watch(directory, { persistent: false }, onEvent);
    watcher.on("error", end);
  } catch {
    end();
  }
  return end;
}
