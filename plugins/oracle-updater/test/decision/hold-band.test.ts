import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Approval,
  type HeldReading,
  type HoldState,
  type HoldVerdict,
  NOTHING_HELD,
  type PricePair,
  stepHoldBand,
} from "../../src/decision/hold-band.ts";
import { deviationBps, maxOf, minOf } from "../../src/price/fixed-point.ts";
import { DECISION, NOW_S } from "../support/fixtures.ts";

const ON_CHAIN: PricePair = { ethUsd8: 1_000_000n, elizaUsd8: 1_000_000n };

/** A reading of the block at `offsetS`, ETH moved by `moveBps` of the price on chain. */
function reading(offsetS: number, moveBps: number, elizaMoveBps = 0): HeldReading {
  return {
    ethUsd8: ON_CHAIN.ethUsd8 + BigInt(moveBps) * 100n,
    elizaUsd8: ON_CHAIN.elizaUsd8 + BigInt(elizaMoveBps) * 100n,
    blockNumber: 100n + BigInt(offsetS / 2),
    blockTimestampS: NOW_S + BigInt(offsetS),
  };
}

/** The verdict after each reading. */
function verdicts(readings: readonly HeldReading[], approval?: Approval): HoldVerdict[] {
  let state: HoldState = NOTHING_HELD;
  return readings.map((next) => {
    const stepped = stepHoldBand(state, next, ON_CHAIN, DECISION, approval);
    state = stepped.state;
    return stepped.verdict;
  });
}

function kinds(readings: readonly HeldReading[], approval?: Approval): string[] {
  return verdicts(readings, approval).map(({ kind }) => kind);
}

function approvedAt(moveBps: number): Approval {
  return { ethUsd8: reading(0, moveBps).ethUsd8, elizaUsd8: ON_CHAIN.elizaUsd8, by: "ada" };
}

describe("the band", () => {
  test("10 % is within it, anything above is held, for either leg and direction", () => {
    expect(kinds([reading(0, 1_000)])).toEqual(["in-band"]);
    expect(kinds([reading(0, -1_000)])).toEqual(["in-band"]);
    expect(kinds([reading(0, 1_001)])).toEqual(["held"]);
    expect(kinds([reading(0, -1_001)])).toEqual(["held"]);
    expect(kinds([reading(0, 0, 1_001)])).toEqual(["held"]);
    expect(kinds([reading(0, 0, -1_001)])).toEqual(["held"]);
  });

  test("a held verdict says how far, how often and since when", () => {
    expect(verdicts([reading(0, 1_500), reading(10, 1_510)]).at(-1)).toEqual({
      kind: "held",
      moveBps: 1_510n,
      agreeing: 2,
      sinceS: NOW_S,
    });
  });
});

describe("release by agreement", () => {
  test("takes three readings over exactly 60 s", () => {
    expect(kinds([0, 30, 59].map((offsetS) => reading(offsetS * 2, 1_500)))).toEqual([
      "held",
      "held",
      "agreed",
    ]);
    expect(kinds([0, 30, 58].map((offsetS) => reading(offsetS, 1_500)))).toEqual(["held", "held", "held"]);
    expect(kinds([0, 30, 60].map((offsetS) => reading(offsetS, 1_500)))).toEqual(["held", "held", "agreed"]);
  });

  test("two readings are not enough, however far apart", () => {
    expect(kinds([reading(0, 1_500), reading(3_600, 1_500)])).toEqual(["held", "held"]);
  });

  test("readings more than five minutes apart do not confirm each other", () => {
    const before = reading(0, 1_500);
    expect(kinds([before, reading(302, 1_500), reading(312, 1_500)])).toEqual(["held", "held", "held"]);
    expect(kinds([before, reading(300, 1_500), reading(310, 1_500)])).toEqual(["held", "held", "agreed"]);
  });

  test("many readings within 60 s are not enough", () => {
    const burst = Array.from({ length: 30 }, (_, index) => reading(index * 2, 1_500));
    expect(new Set(kinds(burst))).toEqual(new Set(["held"]));
  });

  test("the same source block counts once, however often it is read", () => {
    const same = Array.from({ length: 10 }, () => reading(0, 1_500));
    expect(verdicts(same).at(-1)).toMatchObject({ kind: "held", agreeing: 1 });
    expect(kinds([...same, reading(60, 1_500)]).at(-1)).toBe("held");
    expect(kinds([...same, reading(30, 1_500), reading(60, 1_500)]).at(-1)).toBe("agreed");
  });

  test("an older block of a lagging endpoint does not count either", () => {
    expect(verdicts([reading(60, 1_500), reading(0, 1_500), reading(30, 1_500)]).at(-1)).toMatchObject({
      kind: "held",
      agreeing: 1,
    });
  });

  test("readings exactly 2 % apart agree, a little more do not", () => {
    const lowest = ON_CHAIN.ethUsd8 + 200_000n;
    const at = (offsetS: number, ethUsd8: bigint) => ({ ...reading(offsetS, 0), ethUsd8 });
    const apart = (bps: bigint) => (lowest * (10_000n + bps)) / 10_000n;
    expect(kinds([at(0, lowest), at(30, lowest), at(60, apart(200n))]).at(-1)).toBe("agreed");
    expect(kinds([at(0, lowest), at(30, lowest), at(60, apart(201n))]).at(-1)).toBe("held");
  });

  test("both legs must agree", () => {
    expect(kinds([reading(0, 1_500, 0), reading(30, 1_500, 500), reading(60, 1_500, 900)]).at(-1)).toBe(
      "held",
    );
  });

  test("readings that jump about are never released", () => {
    const jumping = Array.from({ length: 40 }, (_, index) =>
      reading(index * 10, index % 2 === 0 ? 1_500 : 2_500),
    );
    expect(new Set(kinds(jumping))).toEqual(new Set(["held"]));
  });

  test("a slow drift never gets released on readings that are far from its beginning", () => {
    const drifting = Array.from({ length: 12 }, (_, index) => reading(index * 30, 1_200 + index * 150));
    expect(new Set(kinds(drifting))).toEqual(new Set(["held"]));
  });

  test("a fall is released once it slows down, without a person", () => {
    const falling = [-1_500, -2_000, -2_500, -3_000].map((bps, index) => reading(index * 30, bps));
    const settled = [-3_010, -3_000].map((bps, index) => reading(120 + index * 30, bps));
    expect(kinds([...falling, ...settled])).toEqual(["held", "held", "held", "held", "held", "agreed"]);
  });

  test("a reading back in the band forgets all earlier ones", () => {
    const readings = [
      reading(0, 1_500),
      reading(30, 1_500),
      reading(40, 0),
      reading(60, 1_500),
      reading(90, 1_500),
    ];
    expect(kinds(readings)).toEqual(["held", "held", "in-band", "held", "held"]);
  });
});

describe("release by approval", () => {
  test("needs one reading that agrees with the approved prices", () => {
    expect(verdicts([reading(0, 1_500)], approvedAt(1_500))).toEqual([
      { kind: "approved", moveBps: 1_500n, by: "ada" },
    ]);
    expect(kinds([reading(0, 1_600)], approvedAt(1_500))).toEqual(["approved"]);
  });

  test("does not cover another price than the one that was approved", () => {
    expect(kinds([reading(0, 2_000)], approvedAt(1_500))).toEqual(["held"]);
    expect(kinds([reading(0, -1_500)], approvedAt(1_500))).toEqual(["held"]);
    expect(kinds([reading(0, 1_500, 300)], approvedAt(1_500))).toEqual(["held"]);
  });

  test("does not make a move within the band one that is due", () => {
    expect(kinds([reading(0, 0), reading(10, 1_500)], approvedAt(1_500))).toEqual(["in-band", "approved"]);
  });
});

describe("properties of any sequence of readings", () => {
  const sequences = fc.array(
    fc.record({
      // Forward, or the same block again. An older block is the case of an example above: it proves nothing.
      blocksAhead: fc.integer({ min: 0, max: 12 }),
      moveBps: fc.oneof(fc.integer({ min: 1_400, max: 1_700 }), fc.integer({ min: -3_000, max: 3_000 })),
    }),
    { minLength: 1, maxLength: 60 },
  );

  function build(steps: readonly { blocksAhead: number; moveBps: number }[]): HeldReading[] {
    let block = 1_000;
    // One block has one price, however often it is read.
    const moveByBlock = new Map<number, number>();
    return steps.map(({ blocksAhead, moveBps }) => {
      block = Math.max(0, block + blocksAhead);
      const move = moveByBlock.get(block) ?? moveBps;
      moveByBlock.set(block, move);
      return { ...reading(block * 2, move), blockNumber: BigInt(block) };
    });
  }

  function agreePairwise(readings: readonly HeldReading[]): boolean {
    const prices = readings.map(({ ethUsd8 }) => ethUsd8) as [bigint, ...bigint[]];
    return deviationBps(maxOf(...prices), minOf(...prices)) <= DECISION.holdAgreementBps;
  }

  test("G4: never released before N readings of distinct blocks that agree pairwise and span the time", () => {
    fc.assert(
      fc.property(sequences, (steps) => {
        const readings = build(steps);
        verdicts(readings).forEach((verdict, index) => {
          if (verdict.kind !== "agreed") return;
          const current = readings[index]!;
          const since = readings.slice(0, index + 1);
          const lastInBand = since.findLastIndex(
            ({ ethUsd8 }) => deviationBps(ethUsd8, ON_CHAIN.ethUsd8) <= DECISION.holdBandBps,
          );
          const run = since.slice(lastInBand + 1);
          let evidence: HeldReading[] = [];
          for (let start = run.length - 1; start >= 0; start--) {
            if (!agreePairwise(run.slice(start))) break;
            evidence = run.slice(start);
          }
          const blocks = new Set(evidence.map(({ blockNumber }) => blockNumber));
          const oldestS = minOf(NOW_S * 2n, ...evidence.map(({ blockTimestampS }) => blockTimestampS));
          expect(blocks.size).toBeGreaterThanOrEqual(DECISION.holdConfirmations);
          expect(current.blockTimestampS - oldestS >= DECISION.holdMinDurationS).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
  });

  test("a verdict is in-band exactly when the reading is within the band", () => {
    fc.assert(
      fc.property(sequences, (steps) => {
        const readings = build(steps);
        verdicts(readings).forEach((verdict, index) => {
          const within = deviationBps(readings[index]!.ethUsd8, ON_CHAIN.ethUsd8) <= DECISION.holdBandBps;
          expect(verdict.kind === "in-band").toBe(within);
        });
      }),
    );
  });

  test("what is remembered is distinct, ordered, in agreement and includes the newest block", () => {
    fc.assert(
      fc.property(sequences, (steps) => {
        let state = NOTHING_HELD;
        for (const next of build(steps)) {
          state = stepHoldBand(state, next, ON_CHAIN, DECISION, undefined).state;
          const blocks = state.readings.map(({ blockNumber }) => blockNumber);
          expect(blocks.every((block, index) => index === 0 || block > blocks[index - 1]!)).toBe(true);
          if (state.readings.length > 0) expect(agreePairwise(state.readings)).toBe(true);
        }
      }),
    );
  });

  test("a hold of any length needs bounded memory and still knows since when", () => {
    let state = NOTHING_HELD;
    let verdict: HoldVerdict = { kind: "in-band" };
    for (let index = 0; index < 1_200; index++) {
      ({ state, verdict } = stepHoldBand(state, reading(index * 2, 1_500), ON_CHAIN, DECISION, undefined));
    }
    expect(state.readings.length).toBe(1_000);
    expect(state.readings[0]?.blockTimestampS).toBe(NOW_S);
    expect(verdict.kind).toBe("agreed");
  });
});
