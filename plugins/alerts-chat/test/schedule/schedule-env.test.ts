import { expect, test } from "bun:test";
import { ConfigError, parseEnv } from "@jeju-oracle/kit";
import fc from "fast-check";
import { cronProblem } from "../../src/schedule/cron.ts";
import { scheduleEnv } from "../../src/schedule/schedule-env.ts";

function problemOf(env: Record<string, string>): string {
  try {
    parseEnv(scheduleEnv, env);
    return "";
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

test("by default the digest comes at 08:00 each day and the reminder on Mondays at 09:00, UTC", () => {
  expect(parseEnv(scheduleEnv, {})).toEqual({
    DAILY_DIGEST_CRON: "0 8 * * *",
    DRILL_REMINDER_CRON: "0 9 * * 1",
    SCHEDULE_TIMEZONE: "UTC",
  });
});

test("off turns either off", () => {
  const values = parseEnv(scheduleEnv, { DAILY_DIGEST_CRON: "off", DRILL_REMINDER_CRON: " OFF " });
  expect([values.DAILY_DIGEST_CRON, values.DRILL_REMINDER_CRON]).toEqual([undefined, undefined]);
});

test.each([
  ["61 8 * * *", "has a wrong minute"],
  ["0 24 * * *", "has a wrong hour"],
  ["0 8 31 2 *", "has a wrong day of the month"],
  ["0 8 * * friyay", "has a wrong weekday"],
  ["0 8 * *", "needs five fields: minute hour day month weekday"],
  ["* * * * * *", "needs five fields: minute hour day month weekday"],
  ["@daily", "needs five fields: minute hour day month weekday"],
  ["0 8 * * ;", "has a wrong character"],
  ["0-99999999 8 * * *", "holds a number of more than two digits"],
])("%p is refused with the variable, what is wrong and an example", (expression, problem) => {
  expect(problemOf({ DAILY_DIGEST_CRON: expression })).toBe(
    `DAILY_DIGEST_CRON: ${problem}; or set it to off (example: DAILY_DIGEST_CRON=0 8 * * *)`,
  );
});

test("a time zone that nobody knows is refused", () => {
  expect(problemOf({ SCHEDULE_TIMEZONE: "Europe/Atlantis" })).toStartWith(
    "SCHEDULE_TIMEZONE: must be the name of a time zone",
  );
  expect(problemOf({ SCHEDULE_TIMEZONE: "America/Sao_Paulo" })).toBe("");
});

test("whatever is written, it is judged at once and never throws", () => {
  const word = fc.string({ unit: fc.constantFrom(..."0123456789*/-,#?LWmon "), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 4, maxLength: 6 }), (words) => {
      const startedAtMs = performance.now();
      cronProblem(words.join(" "));
      return performance.now() - startedAtMs < 5_000;
    }),
    { numRuns: 2_000 },
  );
});
