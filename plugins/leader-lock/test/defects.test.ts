import { describe, expect, test } from "bun:test";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { Defects } from "../src/defects.ts";

function make() {
  const clock = new SimulatedClock();
  const log = captureLog();
  let count = 0;
  const defects = new Defects(clock, log.logger, () => count++);
  return { clock, log, defects, count: () => count };
}

const fail = (text: string) => () => {
  throw new TypeError(text);
};

describe("a defect", () => {
  test("gives the other value, and work without one its own", () => {
    const { defects } = make();
    expect(defects.isolate("a report", "none", fail("broken"))).toBe("none");
    expect(defects.isolate("a report", "none", () => "some")).toBe("some");
  });

  test("is counted each time and logged once a minute, with the place", async () => {
    const { clock, log, defects, count } = make();
    for (let second = 0; second < 59; second++) {
      defects.isolate("a report", undefined, fail("broken"));
      await clock.advance(1_000);
    }
    expect(count()).toBe(59);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain("a report failed; the election goes on. This is a defect");
    expect(log.lines[0]).toContain("defects.test.ts");
    await clock.advance(1_000);
    defects.isolate("a report", undefined, fail("broken"));
    expect(log.lines).toHaveLength(2);
  });

  test("is told apart from another, and remembers a bounded number", () => {
    const { log, defects } = make();
    defects.isolate("a report", undefined, fail("one"));
    defects.isolate("a report", undefined, fail("two"));
    defects.isolate("a listener", undefined, fail("one"));
    expect(log.lines).toHaveLength(3);
    for (let each = 0; each < 1_000; each++) defects.report("a report", `thing ${each}`);
    expect(log.lines).toHaveLength(1_003);
  });
});
