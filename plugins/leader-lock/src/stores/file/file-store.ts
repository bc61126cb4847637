/**
 * The coordination store of the agents of one host: records as files in `<lock file>.d/`, compare-and-set by link(2). It
 * needs a local file system with hard links. Network file systems are not supported: their caches show one host what another
 * has replaced. The lock file itself is not touched here.
 *
 * Calls are synchronous inside, half a millisecond each: the signal is looked at once, before any work.
 */

import { join, resolve } from "node:path";
import {
  type Clock,
  type CompareAndSetAndListResult,
  type CompareAndSetResult,
  type CoordinationStore,
  type StoreRecord,
  StoreUnavailableError,
  StoreUnusableError,
  systemClock,
} from "@jeju-oracle/kit";
import { versionOf } from "../version.ts";
import { attempt, explain, ifPresent } from "./file-errors.ts";
import { type FileSystem, hostFileSystem } from "./file-system.ts";
import { watchTemporary } from "./file-watch.ts";
import { keepAside, pruneVersions, removeEnded, sweepTemporary } from "./housekeeping.ts";
import {
  decodeName,
  ENCODED_NAME_MAX_BYTES,
  encodeName,
  newNonce,
  TEMPORARY,
  versionFile,
} from "./layout.ts";
import { type NewestVersion, readNewest, recordOf, revisionOf } from "./record-state.ts";
import { appendVersion, createRecord, type RecordPlace, type Written } from "./record-writer.ts";
import { isUsable, makeUsable } from "./store-directory.ts";

interface FileStoreOptions {
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
  /** The user that must own the store; this process's effective user when left out. */
  readonly userId?: number;
}

/** Each try means that another process changed the record's life in between. */
const WRITE_ATTEMPTS = 16;
const SWEEP_EVERY_MS = 60_000;

/** Opens the store beside a lock file. Touches nothing: the directory is created by the first write. */
export function openFileStore(lockFilePath: string, options: FileStoreOptions = {}): CoordinationStore {
  return new FileStore(resolve(lockFilePath), options);
}

class FileStore implements CoordinationStore {
  readonly local = true;
  readonly label: string;
  readonly #root: string;
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;
  readonly #userId: number;
  readonly #endWatches = new Set<() => void>();
  #closed = false;
  #sweptAtMs: number | undefined;

  constructor(lockFilePath: string, options: FileStoreOptions) {
    this.label = `file://${lockFilePath}`;
    this.#root = `${lockFilePath}.d`;
    this.#fileSystem = options.fileSystem ?? hostFileSystem;
    this.#clock = options.clock ?? systemClock;
    this.#userId = options.userId ?? process.geteuid?.() ?? 0;
  }

  async read(name: string, signal: AbortSignal): Promise<StoreRecord | null> {
    return this.#run(signal, () => {
      const place = this.#place(name);
      return isUsable(this.#fileSystem, this.#root, this.#userId) ? this.#current(place) : null;
    });
  }

  async cas(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    signal: AbortSignal,
  ): Promise<CompareAndSetResult> {
    return this.#run(signal, () => this.#compareAndSet(this.#place(name), previous, next));
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly StoreRecord[]> {
    return this.#run(signal, () => this.#list(prefix));
  }

  async casAndList(
    name: string,
    previous: StoreRecord | null,
    next: string | null,
    prefix: string,
    signal: AbortSignal,
  ): Promise<CompareAndSetAndListResult> {
    return this.#run(signal, () => ({
      ...this.#compareAndSet(this.#place(name), previous, next),
      listed: this.#list(prefix),
    }));
  }

  watch(prefix: string, onChange: () => void): () => void {
    if (this.#closed) return () => undefined;
    try {
      makeUsable(this.#fileSystem, this.#root, this.#userId);
    } catch {
      // A store that cannot be used says so to whoever reads or writes it; a watch has nobody to tell.
      return () => undefined;
    }
    const endWatch = watchTemporary(join(this.#root, TEMPORARY), prefix, this.#clock, onChange);
    const end = () => {
      endWatch();
      this.#endWatches.delete(end);
    };
    this.#endWatches.add(end);
    return end;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const end of this.#endWatches) end();
  }

  #run<T>(signal: AbortSignal, work: () => T): T {
    if (this.#closed || signal.aborted) {
      throw new StoreUnavailableError(
        `lock store ${this.#root} was not asked: ${this.#closed ? "it is closed" : "the caller had given up"}`,
        { cause: signal.reason },
      );
    }
    try {
      return work();
    } catch (error) {
      throw explain(error, this.#root);
    }
  }

  #compareAndSet(place: RecordPlace, previous: StoreRecord | null, next: string | null): CompareAndSetResult {
    const fileSystem = this.#fileSystem;
    makeUsable(fileSystem, this.#root, this.#userId);
    for (let tries = 0; tries < WRITE_ATTEMPTS; tries++) {
      const newest = readNewest(fileSystem, place.directory, place.name);
      const current = recordOf(place.name, newest);
      if ((current?.value ?? null) === next) {
        // Written before, by this call's earlier try or a caller that did not hear of it: it counts once it is durable.
        if (current !== null) ifPresent(() => fileSystem.syncDirectory(place.directory));
        return { won: true, record: current };
      }
      if (!isSame(current, previous)) return { won: false, current };
      const written = this.#write(place, newest, current, next);
      if (written === undefined) continue;
      if (next === null) return { won: true, record: null };
      const version = versionOf(revisionOf(written.number, written.life), next);
      return { won: true, record: { name: place.name, version, value: next } };
    }
    throw new StoreUnavailableError(`lock store: ${place.directory} changes faster than it can be written`);
  }

  /** Undefined when another process was first, or something was in the way that has been removed: look again. */
  #write(
    place: RecordPlace,
    newest: NewestVersion | undefined,
    current: StoreRecord | null,
    next: string | null,
  ): Written {
    const fileSystem = this.#fileSystem;
    let written: Written;
    if (newest !== undefined && current !== null) {
      written = appendVersion(fileSystem, place, newest, next);
      if (written !== undefined) this.#tidy(place, newest, written, next === null);
    } else if (next !== null) {
      written = createRecord(fileSystem, place, next);
      if (written === undefined) removeEnded(fileSystem, place.directory, newest?.names);
    }
    if (written === undefined) makeUsable(fileSystem, this.#root, this.#userId);
    return written;
  }

  #tidy(place: RecordPlace, before: NewestVersion, written: NonNullable<Written>, isDeleted: boolean): void {
    const fileSystem = this.#fileSystem;
    if (before.content.kind === "corrupt") {
      keepAside(fileSystem, this.#root, place.encodedName, versionFile(before.number, before.life));
    }
    if (isDeleted) {
      removeEnded(fileSystem, place.directory, [...before.names, versionFile(written.number, written.life)]);
    } else {
      pruneVersions(fileSystem, place.directory, before, written.number);
    }
    const nowMs = this.#clock.monotonicMs();
    if (this.#sweptAtMs === undefined || nowMs - this.#sweptAtMs >= SWEEP_EVERY_MS) {
      this.#sweptAtMs = nowMs;
      attempt(() => sweepTemporary(fileSystem, this.#root, newNonce(), this.#clock.wallMs()));
    }
  }

  #list(prefix: string): readonly StoreRecord[] {
    if (!isUsable(this.#fileSystem, this.#root, this.#userId)) return [];
    const directories = ifPresent(() => this.#fileSystem.names(this.#root)) ?? [];
    return directories
      .map(decodeName)
      .filter((name) => name !== undefined)
      .filter((name) => name.startsWith(prefix))
      .sort()
      .map((name) => this.#current(this.#place(name)))
      .filter((record) => record !== null);
  }

  #current(place: RecordPlace): StoreRecord | null {
    return recordOf(place.name, readNewest(this.#fileSystem, place.directory, place.name));
  }

  #place(name: string): RecordPlace {
    const encodedName = encodeName(name);
    if (encodedName === "" || encodedName.length > ENCODED_NAME_MAX_BYTES) {
      throw new StoreUnusableError(`lock store: no record can be named "${name}"`, {
        nextStep: "Use a BOT_ID of at most 60 plain characters.",
        details: { path: this.#root },
      });
    }
    return { root: this.#root, name, encodedName, directory: join(this.#root, encodedName) };
  }
}

function isSame(left: StoreRecord | null, right: StoreRecord | null): boolean {
  return left?.version === right?.version && left?.value === right?.value;
}
