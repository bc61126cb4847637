/**
 * A process that writes to a file store on command, one JSON message per line. It is spawned once and races many times.
 * Started by its path: `bun race-worker.ts <lock file>`.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { type StoreRecord, StoreUnavailableError } from "@jeju-oracle/kit";
import { openFileStore } from "../../../../src/stores/file/file-store.ts";
import { hostFileSystem } from "../../../../src/stores/file/file-system.ts";
import { live, readableFiles, uniqueValue } from "./scratch-store.ts";

export type Command =
  /** Replace `previous`, once. */
  | { readonly type: "race"; readonly name: string; readonly previous: StoreRecord | null }
  /** Replace what is there, over and over; of a thousand wins about `deletesPerMille` are deletions. */
  | { readonly type: "storm"; readonly name: string; readonly deletesPerMille: number }
  /** Read every file of the store, over and over. */
  | { readonly type: "read" }
  /** Ends a storm or a reading. */
  | { readonly type: "stop" };

export type Report =
  | { readonly type: "ready" }
  | {
      readonly type: "raced";
      readonly won: boolean;
      readonly record: StoreRecord | null;
      /** Whether it got as far as trying to take the name. */
      readonly contended: boolean;
    }
  | { readonly type: "won"; readonly from: StoreRecord | null; readonly to: StoreRecord | null }
  /** Its outcome is unknown; `value` null for a deletion. */
  | { readonly type: "unknown"; readonly value: string | null }
  | { readonly type: "failed"; readonly what: string }
  | { readonly type: "stopped"; readonly filesRead: number };

/** Leaves the processor to the writers. */
const READ_EVERY_MS = 2;

let isStopped = false;

async function run(lockFile: string): Promise<void> {
  let contended = false;
  const store = openFileStore(lockFile, {
    fileSystem: {
      ...hostFileSystem,
      link(existing, name) {
        contended = true;
        hostFileSystem.link(existing, name);
      },
      rename(from, to) {
        contended = true;
        hostFileSystem.rename(from, to);
      },
    },
  });
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => void obey(JSON.parse(line) as Command).catch(fail));
  lines.on("close", () => process.exit(0));
  report({ type: "ready" });

  async function obey(command: Command): Promise<void> {
    switch (command.type) {
      case "race": {
        contended = false;
        const result = await store.cas(command.name, command.previous, uniqueValue(), live);
        report({
          type: "raced",
          won: result.won,
          record: result.won ? result.record : result.current,
          contended,
        });
        return;
      }
      case "storm":
        isStopped = false;
        while (!isStopped) {
          await write(command.name, command.deletesPerMille);
          await nextMessage();
        }
        report({ type: "stopped", filesRead: 0 });
        return;
      case "read": {
        isStopped = false;
        let filesRead = 0;
        while (!isStopped) {
          filesRead += readEveryFile(`${lockFile}.d`);
          await Bun.sleep(READ_EVERY_MS);
        }
        report({ type: "stopped", filesRead });
        return;
      }
      case "stop":
        isStopped = true;
        return;
    }
  }

  async function write(name: string, deletesPerMille: number): Promise<void> {
    const from = await store.read(name, live);
    const isDeletion = from !== null && Math.random() * 1000 < deletesPerMille;
    const value = isDeletion ? null : uniqueValue();
    try {
      const result = await store.cas(name, from, value, live);
      if (result.won) report({ type: "won", from, to: result.record });
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      report({ type: "unknown", value });
    }
  }
}

/** Counts the files that it read. @throws when one is not whole. */
function readEveryFile(root: string): number {
  let files: ReturnType<typeof readableFiles>;
  try {
    files = readableFiles(root);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
  for (const { file, text } of files) {
    try {
      JSON.parse(text);
    } catch (cause) {
      throw new Error(`${file} holds ${JSON.stringify(text)}`, { cause });
    }
  }
  return files.length;
}

/** Lets the next command come in. */
function nextMessage(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Written at once, so that a win is known even if this process is killed right after. */
function report(message: Report): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

function fail(error: unknown): void {
  report({
    type: "failed",
    what: error instanceof Error ? `${error.stack ?? error.message}` : String(error),
  });
}

if (import.meta.main) await run(process.argv[2] ?? "");
