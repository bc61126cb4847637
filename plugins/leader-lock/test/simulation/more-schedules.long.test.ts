/** Seeds that nobody has seen before are in no commit; these are only more of them. See schedules-remote.test.ts. */
import { expect, test } from "bun:test";
import { runSchedules, type StoreKind } from "./schedule.ts";

const SCHEDULES = 100_000;

for (const store of ["remote", "local"] as const satisfies StoreKind[]) {
  test(`G1, G2: ${SCHEDULES} further schedules over a ${store} store`, () => {
    const counts = runSchedules(10_001, 10_000 + SCHEDULES, { store });
    console.log(`${SCHEDULES} schedules, ${store} store:`, counts);
    expect(counts.terms).toBeGreaterThan(3 * SCHEDULES);
  }, 1_500_000);
}
