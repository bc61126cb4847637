/** The simulation can fail: it finds what is broken on purpose. */
import { expect, test } from "bun:test";
import { ESSENTIAL_MUTATIONS, FURTHER_MUTATIONS, type Mutation, mutated } from "./mutations.ts";
import { runSchedule, type ScheduleOptions } from "./schedule.ts";
import { ViolationError } from "./world.ts";

const MOST_SCHEDULES = 5_000;
const TIMEOUT_MS = 120_000;

/** The first schedule that breaks `promise`, and how. */
function firstViolation(promise: "G1" | "G2", options: ScheduleOptions): string {
  for (let seed = 1; seed <= MOST_SCHEDULES; seed++) {
    try {
      runSchedule(seed, options);
    } catch (error) {
      if (!(error instanceof ViolationError)) throw error;
      if (error.message.startsWith(promise)) return `schedule ${seed}: ${error.message}`;
    }
  }
  return `none in ${MOST_SCHEDULES} schedules`;
}

async function expectCaught(mutation: Mutation): Promise<void> {
  const machine = await mutated(mutation);
  const violation = firstViolation("G1", { store: mutation.store, machine });
  console.log(`${mutation.name}: ${violation}`);
  expect(violation).toContain("both lead");
}

for (const mutation of ESSENTIAL_MUTATIONS) {
  test(`G1 is seen to break: ${mutation.name}`, () => expectCaught(mutation), TIMEOUT_MS);
}

for (const mutation of FURTHER_MUTATIONS) {
  test(`G1 is seen to break, further: ${mutation.name}`, () => expectCaught(mutation), TIMEOUT_MS);
}

test(
  "G2 is seen to break: prices are read before the nonce",
  () => {
    expect(firstViolation("G2", { store: "remote", readsPricesFirst: true })).toContain("having seen");
  },
  TIMEOUT_MS,
);

test("a machine that nobody broke passes the loader unchanged", async () => {
  const machine = await mutated({ name: "none", edits: [], store: "remote" });
  expect(runSchedule(1, { store: "remote", machine })).toEqual(runSchedule(1, { store: "remote" }));
});

test("a mutation whose text is not in the source is an error", async () => {
  const edit = { file: "election.ts", find: "no such text", replace: "" };
  await expect(mutated({ name: "gone", edits: [edit], store: "remote" })).rejects.toThrow(
    "0 times, not once",
  );
});
