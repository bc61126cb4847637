import { expect, test } from "bun:test";
import { silentLogger } from "@jeju-oracle/kit";
import { getTasks } from "node-cron";
import { nodeCron } from "../../src/schedule/cron.ts";

test("node-cron strikes each second under Bun, on the second, and leaves no timer when it is stopped", async () => {
  const times: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = nodeCron(silentLogger).schedule({
    name: "each second",
    expression: "* * * * * *",
    timezone: "UTC",
    run: (scheduledAtMs) => {
      times.push(scheduledAtMs);
      if (times.length === 2) resolve();
    },
  });
  await promise;
  stop();
  const struck = times.length;
  expect(times.map((atMs) => atMs % 1_000)).toEqual(times.map(() => 0));
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
  expect(getTasks().size).toBe(0);
  await Bun.sleep(2_100);
  expect(times).toHaveLength(struck);
});

test("a process with a stopped schedule ends by itself", async () => {
  const cron = import.meta.resolve("../../src/schedule/cron.ts");
  const code = `
    import { nodeCron } from ${JSON.stringify(cron)};
    const logger = { debug() {}, info() {}, warn() {}, error() {}, child() { return logger; } };
    const stop = nodeCron(logger).schedule({ name: "n", expression: "0 8 * * *", timezone: "UTC", run() {} });
    stop();
    console.log("stopped");`;
  const child = Bun.spawn([process.execPath, "-e", code], {
    stdout: "pipe",
    stderr: "pipe",
    timeout: 30_000,
  });
  expect(await new Response(child.stdout).text()).toBe("stopped\n");
  expect(await child.exited).toBe(0);
});

test("expressions are read in the time zone, summer time included", () => {
  const next: (number | undefined)[] = [];
  const stop = nodeCron(silentLogger).schedule({
    name: "morning",
    expression: "0 8 * * *",
    timezone: "America/New_York",
    run: () => undefined,
  });
  for (const task of getTasks().values()) {
    next.push(...task.getNextRuns(400).map((at) => at.getUTCHours()));
  }
  stop();
  expect([...new Set(next)].toSorted()).toEqual([12, 13]);
});
