import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { estimateRunway, type Runway } from "../../src/schedule/watch/runway.ts";
import { runwayCondition, runwayDays, runwayText } from "../../src/schedule/watch/runway-text.ts";
import type { Sample } from "../../src/schedule/watch/sample.ts";

const HOUR_MS = 3_600_000;
const ETH = 10n ** 18n;

/** Samples an hour apart; the last balance is the present one, an hour after the last sample. */
function runwayOf(balances: readonly bigint[], spansMs: readonly number[] = []): Runway {
  const samples = balances.slice(0, -1).map(
    (balanceWei, index): Sample => ({
      atMs: 0,
      spanMs: index === 0 ? 0 : (spansMs[index] ?? HOUR_MS),
      watchedMs: HOUR_MS,
      balanceWei,
      updates: 0,
    }),
  );
  const last = balances.length - 1;
  return estimateRunway(samples, { balanceWei: balances[last] ?? 0n, spanMs: spansMs[last] ?? HOUR_MS });
}

/** `hours` + 1 balances that fall evenly. */
function falling(from: bigint, perHour: bigint, hours: number): bigint[] {
  return Array.from({ length: hours + 1 }, (_, hour) => from - perHour * BigInt(hour));
}

describe("runway", () => {
  test("an even burn gives the days that are left", () => {
    // 0.01 ETH per hour for a day, 0.76 left: 3.1666 days.
    expect(runwayOf(falling(ETH, ETH / 100n, 24))).toEqual({
      kind: "lasts",
      balanceWei: (ETH * 76n) / 100n,
      burnWeiPerDay: (ETH * 24n) / 100n,
      days100: 316n,
    });
  });

  test("with less than six hours of samples it is unknown, and says so", () => {
    const runway = runwayOf(falling(ETH, ETH / 100n, 5));
    expect(runway).toMatchObject({ kind: "unknown", knownMs: 5 * HOUR_MS });
    expect(runwayText(runway)).toBe("days left unknown: under 6 h seen");
    expect(runwayOf(falling(ETH, ETH / 100n, 6)).kind).toBe("lasts");
  });

  test("a top-up is no burn and no time without burn", () => {
    const before = falling(ETH, ETH / 100n, 10);
    const after = falling(3n * ETH, ETH / 100n, 10);
    expect(runwayOf([...before, ...after])).toMatchObject({ burnWeiPerDay: (ETH * 24n) / 100n });
  });

  test("hours in which this agent was down count with what was spent in them", () => {
    const balances = falling(ETH, ETH / 100n, 8);
    balances.push((balances.at(-1) ?? 0n) - ETH / 10n);
    expect(runwayOf(balances, [0, ...Array(8).fill(HOUR_MS), 10 * HOUR_MS])).toMatchObject({
      burnWeiPerDay: (ETH * 24n) / 100n,
    });
  });

  test("an interval of unknown length counts neither as money nor as time", () => {
    const balances = [2n * ETH, ...falling(ETH, ETH / 100n, 8)];
    expect(runwayOf(balances, [0, 0, ...Array(8).fill(HOUR_MS)])).toMatchObject({
      burnWeiPerDay: (ETH * 24n) / 100n,
    });
  });

  test("a dear day counts although two weeks were quiet, and dear weeks although the day is quiet", () => {
    const quiet = falling(10n * ETH, ETH / 1_000n, 13 * 24);
    const dear = falling(quiet.at(-1) ?? 0n, ETH / 100n, 24).slice(1);
    expect(runwayOf([...quiet, ...dear])).toMatchObject({ burnWeiPerDay: (ETH * 24n) / 100n });
    const dearBefore = falling(10n * ETH, ETH / 100n, 13 * 24);
    const still = Array<bigint>(24).fill(dearBefore.at(-1) ?? 0n);
    expect(runwayOf([...dearBefore, ...still])).toMatchObject({ burnWeiPerDay: (ETH * 24n * 13n) / 1_400n });
  });

  test("nothing spent lasts for ever; an empty wallet lasts no day", () => {
    const unspent = runwayOf(Array<bigint>(10).fill(ETH));
    expect(unspent).toEqual({ kind: "unspent", balanceWei: ETH });
    expect([runwayDays(unspent), runwayText(unspent)]).toEqual([
      Number.POSITIVE_INFINITY,
      "nothing is spent",
    ]);
    expect(runwayOf(Array<bigint>(10).fill(0n))).toMatchObject({ kind: "lasts", days100: 0n });
  });

  test("whatever the balances, more money never lasts shorter", () => {
    const balances = fc.array(fc.bigInt({ min: 0n, max: 10n ** 24n }), { minLength: 8, maxLength: 60 });
    fc.assert(
      fc.property(balances, fc.bigInt({ min: 0n, max: 10n ** 24n }), (before, more) => {
        const days = (runway: Runway) => (runway.kind === "unknown" ? undefined : runwayDays(runway));
        const lifted = before.map((balance) => balance + more);
        const [less, larger] = [days(runwayOf(before)), days(runwayOf(lifted))];
        return less === undefined ? larger === undefined : larger !== undefined && larger >= less;
      }),
    );
  });
});

describe("what a short runway raises", () => {
  const lasting = (days100: bigint): Runway => ({
    kind: "lasts",
    balanceWei: ETH / 25n,
    burnWeiPerDay: ETH / 100n,
    days100,
  });

  test.each([
    [700n, undefined],
    [699n, "warning"],
    [100n, "warning"],
    [99n, "critical"],
    [0n, "critical"],
  ] as const)("%p hundredths of a day: %p", (days100, severity) => {
    expect(runwayCondition(lasting(days100))?.severity).toBe(severity);
  });

  test("it says how long, how much, how fast and what to do", () => {
    expect(runwayCondition(lasting(400n))).toEqual({
      key: "wallet-runway-short",
      severity: "warning",
      summary: "The updater's wallet lasts 4 d: 0.0400 ETH, of which 0.0100 ETH are spent per day",
      nextStep: "Fund the updater's address on Jeju.",
    });
    expect(runwayText(lasting(80n))).toBe("19 h left at the present burn");
    expect(runwayText(lasting(36_501n))).toBe("more than a year left");
  });

  test("what is not known raises nothing", () => {
    expect(runwayCondition({ kind: "unknown", knownMs: 0, neededMs: 1 })).toBeUndefined();
    expect(runwayCondition({ kind: "unspent", balanceWei: 1n })).toBeUndefined();
  });
});
