/** Rounds in which many processes replace one stale record at once. */
import { expect } from "bun:test";
import type { StoreRecord } from "@jeju-oracle/kit";
import { openFileStore } from "../../../../src/stores/file/file-store.ts";
import type { Report } from "./race-worker.ts";
import { type RaceWorker, startWorkers } from "./race-workers.ts";
import { live, NAME, scratchLock } from "./scratch-store.ts";

export const RACERS = 50;
/** Every so often the record is deleted first: then the race is for its creation. */
const DELETED_EVERY = 4;
/** A round in which one racer at most got as far as taking the name proves nothing. */
const CONTENDERS_MEAN_MIN = 2;

/** Runs the races, and a reader of every file beside them. */
export async function expectOneWinnerPerRound(rounds: number): Promise<void> {
  using scratch = scratchLock();
  const failures: string[] = [];
  const onReport = (report: Report) => {
    if (report.type === "failed") failures.push(report.what);
  };
  const workers = await startWorkers(RACERS + 1, scratch.lockFile, onReport);
  try {
    const [reader, ...racers] = workers;
    const reading = reader!.next("stopped");
    reader!.tell({ type: "read" });

    const store = openFileStore(scratch.lockFile);
    let previous: StoreRecord | null = null;
    let contenders = 0;
    const versions = new Set<string>();
    for (let round = 0; round < rounds; round++) {
      if (round % DELETED_EVERY === 0 && previous !== null) {
        await store.cas(NAME, previous, null, live);
        previous = null;
      }
      const results = await race(racers, previous);
      const winners = results.filter(({ won }) => won);
      expect({ round, failures, winners: winners.length }).toEqual({ round, failures: [], winners: 1 });
      const { record } = winners[0]!;
      for (const result of results) expect(result.record).toEqual(record);
      expect(versions).not.toContain(record?.version);
      versions.add(record?.version ?? "");
      expect(await store.read(NAME, live)).toEqual(record);
      previous = record;
      contenders += results.filter(({ contended }) => contended).length;
    }
    expect(contenders / rounds).toBeGreaterThanOrEqual(CONTENDERS_MEAN_MIN);

    reader!.tell({ type: "stop" });
    const { filesRead } = await reading;
    expect(filesRead).toBeGreaterThan(rounds);
    expect(failures).toEqual([]);
    console.log(
      `${rounds} rounds: ${(contenders / rounds).toFixed(1)} contenders per round, ${filesRead} files read`,
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
  }
}

function race(racers: readonly RaceWorker[], previous: StoreRecord | null) {
  const results = racers.map((racer) => racer.next("raced"));
  for (const racer of racers) racer.tell({ type: "race", name: NAME, previous });
  return Promise.all(results);
}
