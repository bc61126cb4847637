import { expect, test } from "bun:test";
import { parseJunit } from "../../scripts/testing/junit.ts";

const report = (totals: string, body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="bun test" ${totals}>\n${body}\n</testsuites>\n`;

test("names are unescaped and groups come outermost first", () => {
  const xml = report(
    'tests="1" failures="0" skipped="0"',
    '<testcase name="&lt;a&gt; &amp; &quot;b&quot;" classname="inner &gt; outer" time="0.5" />',
  );
  expect(parseJunit(xml)).toEqual([
    { name: 'outer > inner > <a> & "b"', outcome: "passed", durationMs: 500 },
  ]);
});

test("a report that was cut off is refused", () => {
  const xml = report('tests="1" failures="0" skipped="0"', '<testcase name="a" classname="" time="0" />');
  expect(() => parseJunit(xml.slice(0, -20))).toThrow("incomplete");
});

test("a report that contradicts its own totals is refused", () => {
  const xml = report('tests="2" failures="0" skipped="0"', '<testcase name="a" classname="" time="0" />');
  expect(() => parseJunit(xml)).toThrow("states 2/0/0 tests/failures/skipped but holds 1/0/0");
});
