/** See schedules-remote.test.ts. Here death is proved, an empty store is a new one, and it is never wiped. */
import { expect, test } from "bun:test";
import { runSchedules } from "./schedule.ts";

const SCHEDULES = 4_000;

test(`G1, G2: ${SCHEDULES} schedules over a local store keep one leader and make no blind update`, () => {
  const counts = runSchedules(1, SCHEDULES, { store: "local" });
  console.log(`${SCHEDULES} schedules, local store:`, counts);
  expect(counts.terms / SCHEDULES).toBeGreaterThan(3);
  expect(counts.faults / SCHEDULES).toBeGreaterThan(10);
  expect(counts.updates / SCHEDULES).toBeGreaterThan(5);
}, 240_000);
