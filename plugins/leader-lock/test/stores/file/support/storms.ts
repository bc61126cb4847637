/** Processes that write one record as fast as they can, while they are stopped, resumed and killed at random. */
import { expect } from "bun:test";
import type { StoreRecord } from "@jeju-oracle/kit";
import { openFileStore } from "../../../../src/stores/file/file-store.ts";
import type { Report } from "./race-worker.ts";
import { startWorkers } from "./race-workers.ts";
import { live, NAME, overwrite, scratchLock } from "./scratch-store.ts";

const WORKERS = 12;
const DISTURB_EVERY_MS = 25;
/** Long enough that the others write more versions meanwhile than the store keeps. */
const PAUSE_MAX_MS = 300;
/** Of the disturbances, those that kill. */
const KILLED_SHARE = 0.15;

export interface Storm {
  readonly wins: number;
  /** Of a thousand wins about so many are deletions. */
  readonly deletesPerMille: number;
}

/** What the workers reported of one record, and what must be true of it. */
class Ledger {
  wins = 0;
  kills = 0;
  readonly failures: string[] = [];
  readonly #written = new Map<string, number>();
  readonly #replaced = new Map<string, number>();
  /** Several may delete one version: what is gone already is deleted. */
  readonly #deleted = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #unknown: (string | null)[] = [];

  add(report: Report): void {
    if (report.type === "failed") this.failures.push(report.what);
    if (report.type === "unknown") this.#unknown.push(report.value);
    if (report.type !== "won") return;
    this.wins++;
    count(this.#written, report.to);
    if (report.from === null) return;
    this.#seen.add(report.from.value);
    if (report.to === null) this.#deleted.add(report.from.version);
    else count(this.#replaced, report.from);
  }

  /** Writes that landed, at most, without anybody hearing of it: one per kill, and the unknown ones that somebody saw. */
  unheard(last: StoreRecord | null): number {
    const landed = this.#unknown.filter(
      (value) => value === null || value === last?.value || this.#seen.has(value),
    );
    return this.kills + landed.length;
  }

  /** Checks it against the record as it stands in the end. */
  expectSound(initial: StoreRecord, last: StoreRecord | null): void {
    count(this.#written, initial);
    expect(this.failures).toEqual([]);
    expect(repeated(this.#written)).toEqual([]);
    expect(repeated(this.#replaced)).toEqual([]);
    // A version that neither stands nor was replaced by a win that was heard of was replaced by one that was not.
    const vanished = [...this.#written.keys()].filter(
      (version) => version !== last?.version && !this.#replaced.has(version) && !this.#deleted.has(version),
    );
    expect(vanished.length).toBeLessThanOrEqual(this.unheard(last));
  }

  /** Checks that the numbers of a life without deletions run without a gap, but for wins that nobody heard of. */
  expectNoGap(last: StoreRecord | null): void {
    const highest = numberOf(last?.version ?? "");
    const numbers = new Set([...this.#written.keys()].map(numberOf));
    expect(Math.max(...numbers)).toBeLessThanOrEqual(highest);
    expect(highest - numbers.size).toBeLessThanOrEqual(this.unheard(last));
  }

  summary(last: StoreRecord | null): string {
    return `${this.wins} wins, ${this.kills} kills, ${this.#unknown.length} unknown, ${this.unheard(last)} unheard`;
  }
}

/** Runs a storm until its wins are won: no version twice, none replaced twice, none lost, every file whole. */
export async function expectSoundUnder({ wins, deletesPerMille }: Storm): Promise<void> {
  using scratch = scratchLock();
  const { lockFile } = scratch;
  const ledger = new Ledger();
  const initial = await overwrite(openFileStore(lockFile));
  const onReport = (report: Report) => ledger.add(report);
  const workers = await startWorkers(WORKERS + 1, lockFile, onReport);
  const reader = workers.pop()!;
  let pauses = 0;
  try {
    const reading = reader.next("stopped");
    reader.tell({ type: "read" });
    for (const worker of workers) worker.tell({ type: "storm", name: NAME, deletesPerMille });

    while (ledger.wins < wins && ledger.failures.length === 0) {
      await Bun.sleep(DISTURB_EVERY_MS);
      const index = Math.floor(Math.random() * workers.length);
      const worker = workers[index]!;
      if (Math.random() < KILLED_SHARE) {
        const [successor] = await startWorkers(1, lockFile, onReport);
        workers[index] = successor!;
        ledger.kills++;
        await worker.kill();
        successor!.tell({ type: "storm", name: NAME, deletesPerMille });
      } else {
        worker.pause();
        pauses++;
        setTimeout(() => worker.resume(), Math.random() * PAUSE_MAX_MS);
      }
    }

    const stopping = workers.map((worker) => worker.next("stopped"));
    for (const worker of workers) {
      worker.resume();
      worker.tell({ type: "stop" });
    }
    await Promise.all(stopping);
    reader.tell({ type: "stop" });
    const { filesRead } = await reading;
    const last = await openFileStore(lockFile).read(NAME, live);
    ledger.expectSound(initial, last);
    if (deletesPerMille === 0) ledger.expectNoGap(last);
    expect(filesRead).toBeGreaterThan(0);
    console.log(`${ledger.summary(last)}, ${pauses} pauses, ${filesRead} files read`);
  } finally {
    await Promise.all([reader, ...workers].map((worker) => worker.kill()));
  }
}

function count(versions: Map<string, number>, record: StoreRecord | null): void {
  if (record !== null) versions.set(record.version, (versions.get(record.version) ?? 0) + 1);
}

function repeated(versions: ReadonlyMap<string, number>): string[] {
  return [...versions].filter(([, times]) => times > 1).map(([version]) => version);
}

function numberOf(version: string): number {
  return Number(version.split("-")[0]);
}
