import { describe, expect, test } from "bun:test";
import { decodeBase32, matchingStep, totpAt } from "../../src/people/totp.ts";

/** RFC 6238 appendix B, the SHA-1 rows; its passwords have 8 digits, of which the last 6 are ours. */
const RFC_SECRET = new TextEncoder().encode("12345678901234567890");
const RFC_BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

describe("one-time passwords", () => {
  test.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("at %d s are those of RFC 6238", (seconds, password) => {
    expect(totpAt(RFC_SECRET, Math.floor(seconds / 30))).toBe(password);
    expect(matchingStep(RFC_BASE32, password, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  test("are good one step early and one step late, not two", () => {
    const step = 40_000_000;
    const password = totpAt(RFC_SECRET, step);
    const at = (shift: number) => matchingStep(RFC_BASE32, password, (step + shift) * 30_000);
    expect([at(-2), at(-1), at(0), at(1), at(2)]).toEqual([undefined, step, step, step, undefined]);
  });

  test("may hold spaces, and nothing else than six digits", () => {
    const step = 40_000_000;
    const password = totpAt(RFC_SECRET, step);
    expect(matchingStep(RFC_BASE32, `${password.slice(0, 3)} ${password.slice(3)}`, step * 30_000)).toBe(
      step,
    );
    for (const wrong of ["", "12345", "1234567", "abcdef", `${password}0`]) {
      expect(matchingStep(RFC_BASE32, wrong, step * 30_000)).toBeUndefined();
    }
  });
});

describe("base32", () => {
  test("is read with spaces, padding and in lower case", () => {
    expect(decodeBase32(" gezd gnbv gy3t qojq ==")).toEqual(decodeBase32("GEZDGNBVGY3TQOJQ"));
    expect(new TextDecoder().decode(decodeBase32(RFC_BASE32))).toBe("12345678901234567890");
  });

  test("holds no 0, 1, 8 or 9", () => {
    for (const text of ["GEZDGNBV0", "1", "8", "9", "GE-ZD"]) expect(decodeBase32(text)).toBeUndefined();
  });
});
