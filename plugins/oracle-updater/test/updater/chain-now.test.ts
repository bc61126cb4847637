import { beforeEach, describe, expect, test } from "bun:test";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { ChainNow } from "../../src/updater/chain-now.ts";
import { NOW_S, ORACLE_STATE } from "../support/fixtures.ts";

const HOUR_S = 3_600n;
/** Written 100 s before {@link NOW_S}. */
const STATE = { ...ORACLE_STATE, lastUpdateS: NOW_S - 100n };

let clock: SimulatedClock;
let now: ChainNow;

beforeEach(() => {
  clock = new SimulatedClock(Number(NOW_S) * 1000);
  now = new ChainNow(clock);
});

describe("the price's age", () => {
  test("is unknown until Jeju was read", () => {
    now.sawBase(NOW_S);
    expect([now.state, now.nowS, now.priceAgeS, now.priceAgeMs]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("is Jeju's own while Base was never read, whatever the host's clock says", () => {
    now.sawJeju(STATE);
    clock.jumpWall(Number(HOUR_S) * 1000);
    expect(now.priceAgeS).toBe(100n);
    expect(now.priceAgeMs).toBe(100_000);
  });

  const wrongBy: readonly (readonly [string, bigint, bigint, number])[] = [
    ["none", 0n, 0n, 0],
    ["Base's head", -HOUR_S, 0n, 0],
    ["Base's head", HOUR_S, 0n, 0],
    ["Jeju's head", 0n, -HOUR_S, 0],
    ["Jeju's head", 0n, HOUR_S, 0],
    ["the host's clock", 0n, 0n, -Number(HOUR_S)],
    ["the host's clock", 0n, 0n, Number(HOUR_S)],
  ];
  for (const [name, baseS, jejuS, hostS] of wrongBy) {
    test(`is right when ${name} is wrong by ${baseS + jejuS + BigInt(hostS)} s`, () => {
      now.sawJeju({ ...STATE, blockTimestampS: NOW_S + jejuS });
      now.sawBase(NOW_S + baseS);
      clock.jumpWall(hostS * 1000);
      expect(now.nowS).toBe(NOW_S);
      expect(now.priceAgeS).toBe(100n);
    });
  }

  test("goes on while neither chain can be read, and a wrong host clock does not change that", async () => {
    now.sawJeju(STATE);
    now.sawBase(NOW_S);
    await clock.advance(500_000);
    for (const jumpMs of [0, 86_400_000, -2 * 86_400_000]) {
      clock.jumpWall(jumpMs);
      expect(now.priceAgeS).toBe(600n);
    }
  });

  test("follows a newer update although Base is out of reach for hours", async () => {
    now.sawJeju(STATE);
    now.sawBase(NOW_S);
    await clock.advance(2 * 3_600_000);
    const later = NOW_S + 2n * HOUR_S;
    now.sawJeju({ ...STATE, lastUpdateS: later - 5n, blockTimestampS: later });
    expect(now.priceAgeS).toBe(5n);
  });

  test("is never negative", () => {
    now.sawJeju({ ...STATE, lastUpdateS: NOW_S + 5n });
    now.sawBase(NOW_S);
    expect(now.priceAgeS).toBe(0n);
  });
});
