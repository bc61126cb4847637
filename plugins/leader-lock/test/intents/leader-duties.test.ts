import { describe, expect, test } from "bun:test";
import type { StoreRecord } from "@jeju-oracle/kit";
import { FAILOVER_INTENT, memberName, RESTART_PREFIX } from "../../src/fleet/names.ts";
import { encodeIntent } from "../../src/intents/intent-records.ts";
import { type LeaderView, leaderDuties } from "../../src/intents/leader-duties.ts";
import { memberWith, recordOf } from "../fleet/support/listings.ts";

const ASKED = { id: "i-1", by: "ops", reason: "drill", timestamp: 1 };
const DAY_MS = 86_400_000;
const VIEW: LeaderView = {
  botId: "a",
  term: 5,
  isListed: true,
  members: [memberWith("a", { role: "leader" }), memberWith("b"), memberWith("c", { priority: 200 })],
  silent: [],
  records: new Map(),
};

function duties(changes: Partial<LeaderView>, ...records: readonly StoreRecord[]) {
  return leaderDuties({
    ...VIEW,
    ...changes,
    records: new Map(records.map((record) => [record.name, record])),
  });
}

const failover = (changes: { to?: string; forTerm?: number; refused?: string } = {}) =>
  recordOf(FAILOVER_INTENT, encodeIntent({ ...ASKED, forTerm: 5, ...changes }), 1);
const restart = (botId: string, incarnation = `${botId}-first`) =>
  recordOf(`${RESTART_PREFIX}${botId}`, encodeIntent({ ...ASKED, botId, incarnation }), 1);

test("a leader owes nothing most of the time", () => {
  expect(duties({})).toEqual([]);
});

describe("a failover", () => {
  test("to a member is done when it can lead", () => {
    expect(duties({}, failover({ to: "b" }))).toEqual([
      { kind: "hand-over", to: "b", why: "failover to b by ops: drill" },
    ]);
  });

  test("to nobody in particular goes to the best", () => {
    expect(duties({}, failover())).toMatchObject([{ kind: "hand-over", to: "c" }]);
  });

  const unfit = { fit: false, unfitReasons: ["Base cannot be reached", "the key is refused"] };
  test.each<[string, Partial<LeaderView>, string | undefined, string]>([
    ["the leader itself", {}, "a", "a leads already"],
    ["one that is no member", {}, "z", "z is not a member: a, b, c"],
    [
      "one that never leads",
      { members: [...VIEW.members, memberWith("w", { nofailover: true })] },
      "w",
      "w never leads (LEADER_NOFAILOVER)",
    ],
    [
      "one that is gone",
      { members: [memberWith("a"), memberWith("b", { alive: false })] },
      "b",
      "b is not alive",
    ],
    [
      "one in trouble",
      { members: [memberWith("a"), memberWith("b", unfit)] },
      "b",
      "b is not fit to lead: Base cannot be reached; the key is refused",
    ],
    [
      "anybody, when all are in trouble",
      { members: [memberWith("a"), memberWith("b", unfit)] },
      undefined,
      "no other member is alive and fit to lead",
    ],
    [
      "anybody, when it is alone",
      { members: [memberWith("a")] },
      undefined,
      "no other member is alive and fit to lead",
    ],
  ])("to %s is refused, with the reason in the record", (_what, changes, to, why) => {
    const record = failover(to === undefined ? {} : { to });
    const [duty, ...others] = duties(changes, record);
    expect(others).toEqual([]);
    expect(duty).toMatchObject({ kind: "refuse", record, why });
    expect(JSON.parse((duty as { next: string }).next)).toEqual({
      ...ASKED,
      forTerm: 5,
      ...(to === undefined ? {} : { to }),
      refused: why,
    });
  });

  test("that was refused is not looked at again, and void with the next term", () => {
    expect(duties({}, failover({ refused: "b is not alive" }))).toEqual([]);
    const record = failover({ refused: "b is not alive", forTerm: 4 });
    expect(duties({}, record)).toEqual([{ kind: "tidy", record }]);
  });

  test("of an earlier term is void, of a later one not for this leader", () => {
    const record = failover({ to: "b", forTerm: 4 });
    expect(duties({}, record)).toEqual([{ kind: "tidy", record }]);
    expect(duties({}, failover({ to: "b", forTerm: 6 }))).toEqual([]);
  });

  test("that cannot be read is taken away", () => {
    const record = recordOf(FAILOVER_INTENT, "{", 1);
    expect(duties({}, record)).toEqual([{ kind: "tidy", record }]);
  });
});

describe("a restart", () => {
  test("stands while its process runs, and is taken away when that process is gone", () => {
    expect(duties({}, restart("b"))).toEqual([]);
    for (const record of [restart("b", "b-earlier"), restart("z"), recordOf(`${RESTART_PREFIX}b`, "{", 1)]) {
      expect(duties({}, record)).toEqual([{ kind: "tidy", record }]);
    }
    const stopped = { members: [memberWith("a"), memberWith("b", { role: "stopped", alive: false })] };
    expect(duties(stopped, restart("b"))).toHaveLength(1);
  });
});

describe("members that are gone", () => {
  const silent = (count: number, silentForMs: (index: number) => number) =>
    Array.from({ length: count }, (_, index) => ({
      record: recordOf(memberName(`gone-${index}`), "", 1),
      silentForMs: silentForMs(index),
    }));

  test("are forgotten after a day, by the leader's clock", () => {
    const gone = silent(2, (index) => DAY_MS - index);
    expect(duties({ silent: gone })).toEqual([{ kind: "tidy", record: gone[0]!.record }]);
  });

  test("are forgotten sooner when they are many: the longest silent first, fifty are kept", () => {
    const gone = silent(53, (index) => 60_000 - index);
    expect(duties({ silent: gone })).toEqual(
      gone.slice(0, 3).map(({ record }) => ({ kind: "tidy", record })),
    );
    expect(duties({ silent: gone.slice(3) })).toEqual([]);
  });

  test("are removed a few at a time", () => {
    expect(duties({ silent: silent(200, () => 2 * DAY_MS) })).toHaveLength(10);
  });
});

test("a leader without a member record introduces itself", () => {
  expect(duties({ isListed: false })).toEqual([{ kind: "introduce" }]);
});

test("what ends the leadership comes last", () => {
  const kinds = duties({ isListed: false }, failover({ to: "b" }), restart("z")).map(({ kind }) => kind);
  expect(kinds).toEqual(["introduce", "tidy", "hand-over"]);
});
