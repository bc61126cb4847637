/**
 * 10,000 schedules between this file (a store of several hosts) and schedules-local.test.ts (a store on one host). A failing seed
 * is replayed, with its transcript, by
 *
 *     SIM_SEED=<seed> SIM_STORE=remote npm test -- plugins/leader-lock/test/simulation -t replay
 */
import { expect, test } from "bun:test";
import { runSchedules } from "./schedule.ts";

const SCHEDULES = 6_000;

test(`G1, G2: ${SCHEDULES} schedules over a remote store keep one leader and make no blind update`, () => {
  const counts = runSchedules(1, SCHEDULES, { store: "remote" });
  console.log(`${SCHEDULES} schedules, remote store:`, counts);
  expectBusy(counts.terms / SCHEDULES, 3);
  expectBusy(counts.faults / SCHEDULES, 10);
  expectBusy(counts.updates / SCHEDULES, 5);
  expectBusy(counts.refusedUpdates / SCHEDULES, 1);
  expectBusy(counts.fallbackUpdates, 100);
  expectBusy(counts.lateUpdates, 100);
}, 240_000);

/** Schedules in which nothing happens prove nothing. */
function expectBusy(actual: number, least: number): void {
  expect(actual).toBeGreaterThan(least);
}
