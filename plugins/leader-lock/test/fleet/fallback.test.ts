import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type FallbackInput, mayFallBack } from "../../src/fleet/fallback.ts";

const CONFIG = { ttlMs: 20_000, fallbackAfterMs: 330_000, fallbackRankOffsetMs: 15_000 };

function input(
  changes: Partial<Omit<FallbackInput, "rank">> & { rank?: number | undefined } = {},
): FallbackInput {
  const { rank, ...others } = { rank: 0, ...changes };
  return {
    storeOutageMs: 1e9,
    priceAgeMs: CONFIG.fallbackAfterMs,
    botId: "a",
    nofailover: false,
    ...others,
    rank: () => rank,
  };
}

const rank = fc.integer({ min: 0, max: 20 });

describe("pushing without a leader", () => {
  test("never grants two agents of different ranks at ages between their turns, and keeps what it granted", () => {
    fc.assert(
      fc.property(rank, rank, fc.nat({ max: 1_000_000 }), (first, second, priceAgeMs) => {
        fc.pre(first < second);
        const grants = [first, second].map((each) => mayFallBack(input({ rank: each, priceAgeMs }), CONFIG));
        if (grants[1]) expect(grants[0]).toBe(true);
        if (priceAgeMs < CONFIG.fallbackAfterMs + second * CONFIG.fallbackRankOffsetMs)
          expect(grants[1]).toBe(false);
        if (priceAgeMs >= CONFIG.fallbackAfterMs + first * CONFIG.fallbackRankOffsetMs)
          expect(grants[0]).toBe(true);
      }),
    );
  });

  test("is never granted within the ttl of the store's last answer: somebody may lead", () => {
    fc.assert(
      fc.property(
        rank,
        fc.nat(),
        fc.integer({ min: 0, max: CONFIG.ttlMs - 1 }),
        (each, priceAgeMs, silentMs) => {
          expect(mayFallBack(input({ rank: each, priceAgeMs, storeOutageMs: silentMs }), CONFIG)).toBe(false);
        },
      ),
    );
    expect(mayFallBack(input({ storeOutageMs: CONFIG.ttlMs }), CONFIG)).toBe(true);
  });

  test("is never granted to one that never leads", () => {
    fc.assert(
      fc.property(rank, fc.nat(), (each, priceAgeMs) => {
        expect(mayFallBack(input({ rank: each, priceAgeMs, nofailover: true }), CONFIG)).toBe(false);
      }),
    );
  });

  test("without a rank, agents spread over four places by their id, each always at the same", () => {
    const placeOf = (botId: string) =>
      [0, 1, 2, 3].find((place) =>
        mayFallBack(
          input({
            rank: undefined,
            botId,
            priceAgeMs: CONFIG.fallbackAfterMs + place * CONFIG.fallbackRankOffsetMs,
          }),
          CONFIG,
        ),
      );
    const places = Array.from({ length: 100 }, (_, index) => placeOf(`bot-${index}`));
    expect(new Set(places)).toEqual(new Set([0, 1, 2, 3]));
    expect(Array.from({ length: 100 }, (_, index) => placeOf(`bot-${index}`))).toEqual(places);
  });

  test("ranks nobody while the store answers: that would cost at every question", () => {
    const asked = { ...input({ storeOutageMs: 0 }), rank: () => expect.unreachable() };
    expect(mayFallBack(asked, CONFIG)).toBe(false);
  });
});
