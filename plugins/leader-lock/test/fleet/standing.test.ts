import { describe, expect, test } from "bun:test";
import type { FleetMember } from "@jeju-oracle/kit";
import fc from "fast-check";
import { candidates, claimRank, healthierThanLeader, lastingTrouble } from "../../src/fleet/standing.ts";
import { trouble } from "../agents/support/fakes.ts";
import { memberWith } from "./support/listings.ts";

const member = fc.record({
  alive: fc.boolean(),
  nofailover: fc.boolean(),
  fit: fc.boolean(),
  priority: fc.integer({ min: 0, max: 3 }),
});
/** Members of different ids, in any order. */
const members = fc
  .uniqueArray(fc.tuple(fc.constantFrom(..."abcdefgh"), member), {
    selector: ([botId]) => botId,
    maxLength: 8,
  })
  .map((entries) => entries.map(([botId, changes]) => memberWith(botId, changes)));

const ids = (of: readonly FleetMember[]) => of.map(({ botId }) => botId);

describe("candidates", () => {
  test("stand in one total order: the order in which they are listed changes nothing", () => {
    fc.assert(
      fc.property(members, fc.infiniteStream(fc.nat()), (all, numbers) => {
        const shuffled = all
          .map((each) => ({ each, key: numbers.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
        expect(ids(candidates(shuffled))).toEqual(ids(candidates(all)));
      }),
    );
  });

  test("are those alive and allowed to lead, fit before unfit, then by priority, then by id", () => {
    fc.assert(
      fc.property(members, (all) => {
        const standing = candidates(all);
        expect(ids(standing).sort()).toEqual(
          ids(all.filter(({ alive, nofailover }) => alive && !nofailover)).sort(),
        );
        const keys = standing.map(
          ({ fit, priority, botId }) =>
            `${fit ? 0 : 1} ${String(9_999 - priority).padStart(4, "0")} ${botId}`,
        );
        expect(keys).toEqual([...keys].sort());
      }),
    );
  });

  test("stay in place when others come and go", () => {
    fc.assert(
      fc.property(members, (all) => {
        const [, ...rest] = all;
        const without = ids(candidates(rest));
        expect(ids(candidates(all)).filter((botId) => without.includes(botId))).toEqual(without);
      }),
    );
  });
});

describe("the rank of a claim", () => {
  test("is different for any two that may claim, and counts from 0", () => {
    fc.assert(
      fc.property(members, (all) => {
        const ranks = candidates(all).map(({ botId }) => claimRank(all, botId));
        expect(ranks).toEqual(ranks.map((_, index) => index));
      }),
    );
  });

  test("does not count the leader that is to be succeeded, except for itself", () => {
    const all = [memberWith("a", { role: "leader" }), memberWith("b"), memberWith("c")];
    expect([claimRank(all, "b"), claimRank(all, "c"), claimRank(all, "a")]).toEqual([0, 1, 0]);
  });

  test("of one that is not known yet, or never leads, is behind all", () => {
    const all = [memberWith("a"), memberWith("b"), memberWith("w", { nofailover: true })];
    expect([claimRank(all, "new"), claimRank(all, "w"), claimRank([], "new")]).toEqual([2, 2, 0]);
  });
});

describe("who a leader in trouble hands over to", () => {
  test("is a fit member, the best one, never itself", () => {
    fc.assert(
      fc.property(members, fc.constantFrom(..."abcdefgh"), (all, leaderId) => {
        const better = healthierThanLeader(all, leaderId);
        const fit = all.filter(
          (each) => each.botId !== leaderId && each.alive && each.fit && !each.nofailover,
        );
        expect(better === undefined).toBe(fit.length === 0);
        if (better === undefined) return;
        expect(fit).toContain(better);
        expect(better.priority).toBe(Math.max(...fit.map(({ priority }) => priority)));
      }),
    );
  });
});

describe("lasting trouble", () => {
  test.each([
    ["none", [], undefined],
    ["of its own, for long enough", [trouble({ forMs: 30_000 })], 0],
    ["of its own, not yet", [trouble({ forMs: 29_999 })], undefined],
    ["that all share", [trouble({ forMs: 1e9, shared: true })], undefined],
    ["of its own behind one that all share", [trouble({ forMs: 1e9, shared: true }), trouble()], 1],
  ] as const)("%s", (_what, troubles, index) => {
    expect(lastingTrouble(troubles, 30_000)).toBe(index === undefined ? undefined : troubles[index]);
  });
});
