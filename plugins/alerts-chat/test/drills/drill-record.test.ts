import { expect, test } from "bun:test";
import {
  DRILLS,
  type DrillRecord,
  decodeDrillRecord,
  drillRecordName,
  encodeDrillRecord,
} from "../../src/drills/drill-record.ts";
import { RUNBOOKS } from "../../src/runbooks/index.ts";

const RUN: DrillRecord = {
  drill: "crash",
  atMs: 1_764_057_600_000,
  by: "ann",
  passed: true,
  elapsedMs: 2_900,
  nonce: "n1",
};

test("a record that is written is read as it was", () => {
  expect(decodeDrillRecord(encodeDrillRecord(RUN))).toEqual(RUN);
});

test("the order of names is the order of time, for one drill", () => {
  const times = [9, 10, 1_764_057_600_000, 1_764_057_600_001, 99_999_999_999_999];
  const names = times.map((atMs) => drillRecordName("crash", atMs));
  expect(names[2]).toBe("drill/crash/001764057600000");
  expect([...names].sort()).toEqual(names);
});

test.each(["", "not JSON", "null", "[]", '{"drill":"crash"}', JSON.stringify({ ...RUN, drill: "fire" })])(
  "what is no record is undefined: %p",
  (value) => expect(decodeDrillRecord(value)).toBeUndefined(),
);

test("there is a runbook for each drill, and a drill for each such runbook", () => {
  const ids = RUNBOOKS.flatMap(({ id, kind }) => (kind === "drill" ? [id] : []));
  expect(ids.toSorted()).toEqual(DRILLS.map((drill) => `drill-${drill}`).toSorted());
});
