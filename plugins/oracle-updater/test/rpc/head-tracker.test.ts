import { beforeEach, describe, expect, test } from "bun:test";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { type BlockHead, HeadTracker } from "../../src/rpc/head-tracker.ts";
import { NOW_S } from "../support/fixtures.ts";

let clock: SimulatedClock;
let tracker: HeadTracker;

beforeEach(() => {
  clock = new SimulatedClock(Number(NOW_S) * 1000);
  tracker = new HeadTracker(clock);
});

/** The head `blocks` after the start of the test, two seconds each. */
function head(blocks: number): BlockHead {
  return { number: 1_000n + BigInt(blocks), timestampS: NOW_S + 2n * BigInt(blocks) };
}

describe("a head behind what was seen", () => {
  test("is suspicious beyond what load balancers explain: 10 s", () => {
    expect(tracker.observe(0, head(10))).toBe("none");
    expect(tracker.observe(1, head(5))).toBe("none");
    expect(tracker.observe(1, head(4))).toBe("behind");
  });

  test("is measured in time, not blocks: many blocks within 10 s are nothing", () => {
    tracker.observe(0, { number: 2_000n, timestampS: NOW_S + 10n });
    expect(tracker.observe(1, { number: 1_000n, timestampS: NOW_S })).toBe("none");
  });

  test("of the same endpoint counts as well", () => {
    tracker.observe(0, head(100));
    expect(tracker.observe(0, head(0))).toBe("behind");
  });

  test("does not become the newest", () => {
    tracker.observe(0, head(100));
    tracker.observe(1, head(0));
    expect(tracker.isBehindSeen(head(50))).toBe(true);
  });

  test("is believed after a minute without anything newer: the chain was rolled back", async () => {
    tracker.observe(0, head(100));
    await clock.advance(60_000);
    expect(tracker.observe(1, head(0))).toBe("behind");
    await clock.advance(1);
    expect(tracker.isBehindSeen(head(0))).toBe(false);
    tracker.observe(1, head(0));
    expect(tracker.isBehindSeen(head(0))).toBe(false);
  });
});

describe("a head that stands still", () => {
  test("is suspicious after more than 12 s, when it does not look old yet", async () => {
    tracker.observe(0, head(0));
    await clock.advance(12_000);
    expect(tracker.observe(0, head(0))).toBe("none");
    await clock.advance(1);
    expect(tracker.observe(0, head(0))).toBe("stalled");
  });

  test("is compared at most once in 5 s", async () => {
    tracker.observe(0, head(0));
    await clock.advance(13_000);
    expect(tracker.observe(0, head(0))).toBe("stalled");
    await clock.advance(4_999);
    expect(tracker.observe(0, head(0))).toBe("none");
    await clock.advance(1);
    expect(tracker.observe(0, head(0))).toBe("stalled");
  });

  test("is not suspicious while it moves", async () => {
    for (let block = 0; block < 30; block++) {
      expect(tracker.observe(0, head(block))).toBe("none");
      await clock.advance(2_000);
    }
  });

  test("is judged per endpoint, and anew after an endpoint recovered", async () => {
    tracker.observe(0, head(0));
    await clock.advance(13_000);
    tracker.forget(0);
    expect(tracker.observe(0, head(0))).toBe("none");
  });
});

describe("a head older than the host clock", () => {
  test("raises suspicion beyond 20 s although it moves", async () => {
    await clock.advance(20_000);
    expect(tracker.observe(0, head(0))).toBe("none");
    await clock.advance(1_000);
    expect(tracker.observe(0, head(0))).toBe("stalled");
  });

  test("only raises suspicion: a host clock one hour ahead asks for a comparison every 5 s, no more", async () => {
    clock.jumpWall(3_600_000);
    const suspicions: string[] = [];
    for (let block = 0; block < 10; block++) {
      suspicions.push(tracker.observe(0, head(block)));
      await clock.advance(2_000);
    }
    expect(suspicions.filter((suspicion) => suspicion === "stalled").length).toBe(4);
    expect(suspicions).not.toContain("behind");
  });

  test("a host clock one hour behind raises nothing", () => {
    clock.jumpWall(-3_600_000);
    expect(tracker.observe(0, head(0))).toBe("none");
  });
});
