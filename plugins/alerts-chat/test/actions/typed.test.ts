import { describe, expect, test } from "bun:test";
import { parseDurationS } from "../../src/actions/duration.ts";
import { CONTROL_ACTIONS } from "../../src/actions/index.ts";
import { parsePrice8, requirePlausible } from "../../src/actions/typed-price.ts";
import { UsageError } from "../../src/actions/usage-error.ts";

const USD = 10n ** 8n;

describe("a price as people type it", () => {
  test.each([
    ["3245.67", 324_567_000_000n],
    ["$3,245.67", 324_567_000_000n],
    ["0.0842", 8_420_000n],
    ["0.00000001", 1n],
    ["3000", 3_000n * USD],
  ])("%p is read to its last digit", (text, price8) => expect(parsePrice8(text)).toBe(price8));

  test.each(["", "-1", "1e3", "1.123456789", "abc", "0x10", "1.2.3", " "])("%p is none", (text) => {
    expect(parsePrice8(text)).toBeUndefined();
  });
});

describe("a price that is scaled by mistake", () => {
  const eliza = 8_420_000n;
  test.each([-4n, -3n, -2n, -1n, 1n, 2n, 3n])(
    "by 10^%d is refused, with the number that was probably meant",
    (places) => {
      const factor = 10n ** (places < 0n ? -places : places);
      const slipped = places < 0n ? eliza / factor : eliza * factor;
      expect(() => requirePlausible("eliza", slipped, eliza)).toThrow("with the point moved");
      try {
        requirePlausible("eliza", slipped, eliza);
      } catch (error) {
        expect(error).toMatchObject({ code: "scaled-by-mistake", nextStep: "You probably meant $0.0842." });
      }
    },
  );

  test("out of bounds as well names the number that was probably meant", () => {
    expect(() => requirePlausible("eth", 324_567_000_000n * 10n ** 8n, 324_567_000_000n)).toThrow(
      "outside the oracle's bounds",
    );
    try {
      requirePlausible("eth", 32_456_700_000n, 324_567_000_000n);
    } catch (error) {
      expect(error).toMatchObject({ code: "out-of-bounds", nextStep: "You probably meant $3,245.67." });
    }
  });

  test("a real move of half or twice the price is no slip", () => {
    for (const price8 of [eliza / 2n, (eliza * 3n) / 2n, eliza * 2n, eliza]) {
      expect(() => requirePlausible("eliza", price8, eliza)).not.toThrow();
    }
  });
});

describe("a duration", () => {
  test.each([
    ["90s", 90],
    ["30m", 1_800],
    ["2h", 7_200],
    ["1d", 86_400],
    ["5M", 300],
  ])("%p", (text, seconds) => expect(parseDurationS(text)).toBe(seconds));

  test.each(["", "5", "m", "0m", "-5m", "1.5h", "5 minutes"])("%p is none", (text) => {
    expect(parseDurationS(text)).toBeUndefined();
  });
});

describe("every action", () => {
  const wrong: Readonly<Record<string, readonly string[]>> = {
    pause: ["soon"],
    resume: ["now"],
    restart: [],
    failover: ["a", "b"],
    approve_price: ["3000"],
    set: ["max-gas-price-gwei", "lots"],
    force_leader: [],
    emergency_price: ["3000"],
    pause_paymaster: ["x"],
    unpause_paymaster: ["x"],
    unpause_oracle: ["x"],
  };

  for (const action of CONTROL_ACTIONS) {
    test(`${action.id}: its own example can be read, and makes right parameters`, () => {
      const [, ...args] = action.example.split(" ");
      expect(action.params.safeParse(action.parse(args)).success).toBe(true);
    });

    test(`${action.id}: wrong arguments are answered with usage and example`, () => {
      expect(() => action.parse(wrong[action.id] ?? [])).toThrow(UsageError);
      try {
        action.parse(wrong[action.id] ?? []);
      } catch (error) {
        expect((error as UsageError).nextStep).toBe(`Usage: ${action.usage}. Example: ${action.example}`);
      }
    });
  }

  test("that touches contracts or takes a lease by force is critical and an approver's", () => {
    const critical = CONTROL_ACTIONS.filter(({ risk }) => risk === "critical").map(({ id }) => id);
    expect(critical.sort()).toEqual([
      "emergency_price",
      "force_leader",
      "pause_paymaster",
      "unpause_oracle",
      "unpause_paymaster",
    ]);
    expect(CONTROL_ACTIONS.filter(({ risk, role }) => risk === "critical" && role !== "approver")).toEqual(
      [],
    );
  });
});
