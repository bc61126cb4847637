/** The samples of this agent on disk: JSON lines, written whole and renamed, so that a crash leaves the old or the new ones. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { decodeSample, encodeSample, KEPT_SAMPLES, type Sample } from "./sample.ts";

/** More than {@link KEPT_SAMPLES} lines can hold: what is longer is not ours. */
const LONGEST_FILE_BYTES = 1_000_000;

export class SampleFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Oldest first; empty without a file. Throws what the file system throws. */
  read(): readonly Sample[] {
    if (!existsSync(this.#path)) return [];
    const text = readFileSync(this.#path);
    return text
      .subarray(-LONGEST_FILE_BYTES)
      .toString("utf8")
      .split("\n")
      .flatMap((line) => decodeSample(line) ?? [])
      .slice(-KEPT_SAMPLES);
  }

  /** On disk when it returns. Throws what the file system throws. */
  write(samples: readonly Sample[]): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const written = `${this.#path}.new`;
    const file = openSync(written, "w", 0o600);
    try {
      writeFileSync(file, samples.map((sample) => `${encodeSample(sample)}\n`).join(""));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(written, this.#path);
  }
}
