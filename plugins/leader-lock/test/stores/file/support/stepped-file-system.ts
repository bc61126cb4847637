/**
 * The host's file system, one step at a time: before each step `onStep` may throw, to fail the call or to end the process
 * there, or do what other processes do meanwhile. Writing a file is two steps: with half of its text in it, a file exists.
 * Waits for the disk are steps without a wait: only a power cut tells the difference.
 */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { type FileSystem, hostFileSystem } from "../../../../src/stores/file/file-system.ts";

export type Operation = keyof FileSystem | "writeRest";

export interface Step {
  /** Counts from 0. */
  readonly index: number;
  readonly operation: Operation;
  readonly path: string;
}

/** The host's file system without waits for the disk: for what a test only needs to have happened. */
export const quickFileSystem: FileSystem = {
  ...hostFileSystem,
  writeNew: (path, text) => writeFileSync(path, text, { flag: "wx", mode: 0o600 }),
  syncDirectory: () => undefined,
};

/** The process ended here. Not an error of the file system: nothing may handle it. */
export class Killed extends Error {}

export function steppedFileSystem(onStep: (step: Step) => void): FileSystem {
  let index = 0;
  const before = (operation: Operation, path: string) => onStep({ index: index++, operation, path });
  return {
    status(path) {
      before("status", path);
      return hostFileSystem.status(path);
    },
    names(directory) {
      before("names", directory);
      return hostFileSystem.names(directory);
    },
    readText(path) {
      before("readText", path);
      return hostFileSystem.readText(path);
    },
    writeNew(path, text) {
      const middle = Math.floor(text.length / 2);
      before("writeNew", path);
      const descriptor = openSync(path, "wx", 0o600);
      try {
        writeFileSync(descriptor, text.slice(0, middle));
        before("writeRest", path);
        writeFileSync(descriptor, text.slice(middle));
      } finally {
        closeSync(descriptor);
      }
    },
    makeDirectory(path) {
      before("makeDirectory", path);
      hostFileSystem.makeDirectory(path);
    },
    link(existing, name) {
      before("link", name);
      hostFileSystem.link(existing, name);
    },
    rename(from, to) {
      before("rename", to);
      hostFileSystem.rename(from, to);
    },
    removeFile(path) {
      before("removeFile", path);
      hostFileSystem.removeFile(path);
    },
    removeDirectory(path) {
      before("removeDirectory", path);
      hostFileSystem.removeDirectory(path);
    },
    syncDirectory: (path) => before("syncDirectory", path),
  };
}

/** Ends the process before step `index`: that step and all later ones throw {@link Killed}. */
export function killedAt(index: number): FileSystem {
  return steppedFileSystem((step) => {
    if (step.index >= index) throw new Killed(`killed before step ${index}`);
  });
}

/** Runs `meanwhile` once, before step `index`. What it throws is no error of the file system. */
export function interruptedAt(index: number, meanwhile: () => void): FileSystem {
  return steppedFileSystem((step) => {
    if (step.index !== index) return;
    try {
      meanwhile();
    } catch (cause) {
      throw new Error("what others do meanwhile failed", { cause });
    }
  });
}

/** An error as Node throws it for a failed system call. */
export function errno(code: string, step: Step): Error {
  return Object.assign(new Error(`${code}: injected, ${step.operation} '${step.path}'`), {
    code,
    syscall: step.operation,
    path: step.path,
  });
}
