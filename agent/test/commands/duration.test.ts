import { describe, expect, test } from "bun:test";
import { UsageError } from "../../src/command-line/usage-error.ts";
import {
  describeAgeMs,
  describeMs,
  durationOptionS,
  parseDurationS,
} from "../../src/commands/support/duration.ts";

describe("a duration", () => {
  test("is read with units from days to seconds, alone or together", () => {
    expect(["90s", "30m", "2h", "1d", "1h30m", "1d2h3m4s", " 2H "].map(parseDurationS)).toEqual([
      90, 1_800, 7_200, 86_400, 5_400, 93_784, 7_200,
    ]);
  });

  test("is not guessed", () => {
    for (const text of ["", "30", "h", "1.5h", "-1h", "1m2h", "2 h", "1h1h", "soon"]) {
      expect(parseDurationS(text)).toBeUndefined();
    }
  });

  test("of an option is within its bounds, or refused with them", () => {
    const refusal = (text: string): string => {
      try {
        durationOptionS("for", text, 10, 86_400);
      } catch (error) {
        if (error instanceof UsageError) return `${error.message} | ${error.nextStep}`;
        throw error;
      }
      return "accepted";
    };
    expect(durationOptionS("for", "10s", 10, 86_400)).toBe(10);
    expect(durationOptionS("for", "24h", 10, 86_400)).toBe(86_400);
    expect(refusal("25h")).toBe("--for is 25 h | It must be between 10 s and 24 h.");
    expect(refusal("9s")).toContain("--for is 9 s");
    expect(refusal("0s")).toContain("--for is 0 s");
    expect(refusal("two hours")).toContain("Write it like 90s");
  });

  test("is told in the unit that fits", () => {
    const shown = [0, 40, 1_430, 9_940, 9_960, 42_000, 125_000, 3_600_000, 7_500_000, 172_800_000, -5];
    expect(shown.map(describeMs)).toEqual([
      "0 s",
      "0 s",
      "1.4 s",
      "9.9 s",
      "10 s",
      "42 s",
      "2 min",
      "1 h",
      "2 h 5 min",
      "2 d",
      "0 s",
    ]);
  });

  test("that has passed is told in whole seconds", () => {
    expect([0, 999, 1_999, 61_000, -300].map(describeAgeMs)).toEqual([
      "0 s ago",
      "0 s ago",
      "1 s ago",
      "61 s ago",
      "0 s ago",
    ]);
  });
});
