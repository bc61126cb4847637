/**
 * The calls that the file store makes, as a port: tests fail each of them, and stop the store between any two. Errors are
 * Node's, with their errno in `code`.
 */
import * as fs from "node:fs";

/**
 * For the owner alone. The sticky bit tells cleaners of old files in /tmp to leave the file: the XDG base directory
 * specification defines it so for its runtime directory, and systemd-tmpfiles heeds it everywhere.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
const FILE_MODE = 0o1600;

interface FileStatus {
  readonly kind: "directory" | "symlink" | "other";
  readonly uid: number;
  /** Permission bits, without the type. */
  readonly mode: number;
  readonly linkCount: number;
  /** Wall clock of the file system's host, ms since the epoch. */
  readonly modifiedMs: number;
}

export interface FileSystem {
  /** Of the name itself: a symbolic link is not followed. */
  status(path: string): FileStatus;
  names(directory: string): readonly string[];
  readText(path: string): string;
  /** Creates a file that must not exist, for its owner alone, and waits until its content is on the disk. */
  writeNew(path: string, text: string): void;
  /** Creates a directory that must not exist, for its owner alone. */
  makeDirectory(path: string): void;
  /** Gives an existing file a further name, which must not exist. */
  link(existing: string, name: string): void;
  rename(from: string, to: string): void;
  removeFile(path: string): void;
  /** Removes a directory, which must be empty. */
  removeDirectory(path: string): void;
  /** Waits until the names in a directory are on the disk. */
  syncDirectory(path: string): void;
}

/** The host's file system. */
export const hostFileSystem: FileSystem = {
  status(path) {
    const found = fs.lstatSync(path);
    return {
      kind: found.isDirectory() ? "directory" : found.isSymbolicLink() ? "symlink" : "other",
      uid: found.uid,
      mode: found.mode & 0o7777,
      linkCount: found.nlink,
      modifiedMs: found.mtimeMs,
    };
  },
  names: (directory) => fs.readdirSync(directory),
  readText: (path) => fs.readFileSync(path, "utf8"),
  writeNew(path, text) {
    const descriptor = fs.openSync(path, "wx", FILE_MODE);
    try {
      // Not writeSync: on a full disk that one writes a part and reports no error.
      fs.writeFileSync(descriptor, text);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
  makeDirectory: (path) => fs.mkdirSync(path, { mode: 0o700 }),
  link: (existing, name) => fs.linkSync(existing, name),
  rename: (from, to) => fs.renameSync(from, to),
  removeFile: (path) => fs.unlinkSync(path),
  removeDirectory: (path) => fs.rmdirSync(path),
  syncDirectory(path) {
    const descriptor = fs.openSync(path, "r");
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
};
