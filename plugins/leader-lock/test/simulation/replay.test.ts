/**
 * Replays one schedule and prints its transcript: what a failing seed asks for. Without SIM_SEED, that a seed is a schedule.
 *
 *     SIM_SEED=<seed> SIM_STORE=<remote|local> npm test -- plugins/leader-lock/test/simulation -t replay
 *
 * The transcript of a seed that passes is in test-results/, as the output of this file.
 */
import { expect, test } from "bun:test";
import { runSchedule, type StoreKind } from "./schedule.ts";

const { SIM_SEED, SIM_STORE } = process.env;
const store: StoreKind = SIM_STORE === "local" ? "local" : "remote";

test("replay: the same seed gives the same transcript, to the millisecond", () => {
  if (SIM_SEED !== undefined) {
    runSchedule(Number(SIM_SEED), { store, trace: print });
    return;
  }
  const [first, second] = [transcript(7), transcript(7)];
  expect(first.length).toBeGreaterThan(20);
  expect(second).toEqual(first);
  expect(transcript(8)).not.toEqual(first);
});

function transcript(seed: number): string[] {
  const lines: string[] = [];
  runSchedule(seed, { store, trace: (atMs, who, text) => lines.push(`${atMs} ${who} ${text}`) });
  return lines;
}

function print(atMs: number, who: string, text: string): void {
  console.log(`${(atMs / 1000).toFixed(3).padStart(9)}  ${who.padEnd(8)}  ${text}`);
}
