import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTotals } from "../../scripts/testing/report.ts";
import { type FileResult, runTestFile } from "../../scripts/testing/run-file.ts";

const folder = mkdtempSync(join(tmpdir(), "run-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(
  source: string,
  changes: { testNamePattern?: string; fileDeadlineMs?: number } = {},
): Promise<FileResult> {
  const file = `${crypto.randomUUID()}.test.ts`;
  writeFileSync(join(folder, file), `import { describe, expect, test } from "bun:test";\n${source}`);
  return runTestFile(file, {
    root: folder,
    resultsDirectory: join(folder, "results"),
    testTimeoutMs: 5_000,
    fileDeadlineMs: changes.fileDeadlineMs ?? 10_000,
    testNamePattern: changes.testNamePattern ?? null,
    signal: new AbortController().signal,
  });
}

test("passed, failed and skipped tests are counted with their full names", async () => {
  const result = await run(`
    describe("a < b", () => {
      test("holds", () => expect(1).toBe(1));
      test("fails", () => expect(1).toBe(2));
      describe("deep", () => test.skip("left out", () => {}));
    });`);
  expect(result.problems).toEqual([]);
  expect(result.tests.map(({ name, outcome }) => `${outcome}: ${name}`)).toEqual([
    "passed: a < b > holds",
    "failed: a < b > fails",
    "skipped: a < b > deep > left out",
  ]);
  expect(countTotals([result], [])).toEqual({ passed: 1, failed: 1, skipped: 1 });
});

describe("counts as a failure:", () => {
  test("a file that ends the process", async () => {
    const result = await run(`test("x", () => {}); process.exit(0);`);
    expect(countTotals([result], []).failed).toBe(1);
  });

  test("a file that cannot be loaded", async () => {
    const result = await run(`import "./missing.ts"; test("x", () => {});`);
    expect(result.problems).toEqual(["wrote no report and ended with exit code 1"]);
  });

  test("a file without a test", async () => {
    const result = await run(`describe("empty", () => {});`);
    expect(result.problems).toEqual(["holds no test"]);
  });

  test("a file that kills its process", async () => {
    const result = await run(`test("x", () => process.kill(process.pid, "SIGKILL"));`);
    expect(result.problems).toEqual(["wrote no report and ended with signal SIGKILL"]);
  });

  test("a file that hangs: it is ended at the deadline with all it started", async () => {
    const result = await run(`test("x", () => { Bun.spawn(["sleep", "601"]); for (;;) {} });`, {
      fileDeadlineMs: 500,
    });
    expect(result.problems).toEqual(["did not end within 0.5 s and was killed"]);
  });

  const leftBehind = {
    "in its session": `Bun.spawn(["sleep", "602"], { env: {} });`,
    "with its environment": `await Bun.spawn(["setsid", "-f", "sleep", "602"]).exited;`,
  };
  for (const [how, start] of Object.entries(leftBehind)) {
    test.if(process.platform === "linux")(
      `a process left behind ${how}, which is named and ended`,
      async () => {
        const result = await run(`test("x", async () => { ${start} });`);
        expect(result.tests.map((one) => one.outcome)).toEqual(["passed"]);
        expect(result.problems).toHaveLength(1);
        expect(result.problems[0]).toMatch(/^left process \d+ running: sleep 602$/);
      },
    );
  }
});

test("a name pattern counts only the tests it selects", async () => {
  const source = `test("one", () => {}); test("two", () => {});`;
  expect((await run(source, { testNamePattern: "two" })).tests.map((one) => one.name)).toEqual(["two"]);
  const none = await run(source, { testNamePattern: "three" });
  expect([none.tests, none.problems]).toEqual([[], []]);
});
