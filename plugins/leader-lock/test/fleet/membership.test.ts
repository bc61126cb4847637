import { describe, expect, test } from "bun:test";
import type { StoreRecord } from "@jeju-oracle/kit";
import fc from "fast-check";
import {
  leaseOf,
  livingLeader,
  type Membership,
  membersAt,
  NO_MEMBERSHIP,
  observeListing,
  silentRecords,
} from "../../src/fleet/membership.ts";
import { memberName } from "../../src/fleet/names.ts";
import { identityOf, leaseRecord, memberRecord, recordOf, TTL_MS } from "./support/listings.ts";

const A = identityOf("a");
const B = identityOf("b");

/** Listings at their times, one after the other. */
function seen(...listings: readonly (readonly [number, ...StoreRecord[]])[]): Membership {
  return listings.reduce(
    (before, [atMs, ...records]) => observeListing(before, records, atMs),
    NO_MEMBERSHIP,
  );
}

function aliveAt(membership: Membership, nowMs: number): readonly string[] {
  return membersAt(membership, nowMs, TTL_MS)
    .filter(({ alive }) => alive)
    .map(({ botId }) => botId);
}

describe("a member", () => {
  test("is alive for a ttl after its record last changed, by this agent's clock", () => {
    const membership = seen(
      [0, memberRecord(A, 1)],
      [5_000, memberRecord(A, 2)],
      [9_000, memberRecord(A, 2)],
    );
    expect(aliveAt(membership, 5_000 + TTL_MS - 1)).toEqual(["a"]);
    expect(aliveAt(membership, 5_000 + TTL_MS)).toEqual([]);
    expect(membersAt(membership, 12_000, TTL_MS)[0]).toMatchObject({ silentForMs: 7_000 });
  });

  test("gets the benefit of the doubt for a ttl when it was never seen to change, and its silence is unknown", () => {
    const membership = seen([1_000, memberRecord(A, 1)]);
    expect(membersAt(membership, 2_000, TTL_MS)[0]).toMatchObject({ alive: true, silentForMs: undefined });
    expect(membersAt(membership, 1_000 + TTL_MS, TTL_MS)[0]).toMatchObject({ alive: false });
  });

  test("that said goodbye is not alive, however young its record", () => {
    const membership = seen([0, memberRecord(A, 1, { stopped: true })]);
    expect(membersAt(membership, 1, TTL_MS)[0]).toMatchObject({ alive: false, role: "stopped" });
  });

  test("that leads is alive by its lease and tells what the lease tells; its own record stands still", () => {
    const report = { decision: "push heartbeat" };
    const own = memberRecord(A, 1, { report: { decision: "skip not-leader" } });
    const lease = (version: number) => leaseRecord(A, version, { report: leaseReport(report) });
    const membership = seen([0, own, lease(7)], [15_000, own, lease(8)], [30_000, own, lease(9)]);
    expect(membersAt(membership, 30_000 + TTL_MS - 1, TTL_MS)).toMatchObject([
      { botId: "a", role: "leader", alive: true, decision: "push heartbeat", silentForMs: TTL_MS - 1 },
    ]);
    expect(aliveAt(membership, 30_000 + TTL_MS)).toEqual([]);
  });

  test("of a later incarnation than the holder of the lease does not lead", () => {
    const again = identityOf("a", "a-second");
    const members = membersAt(seen([0, memberRecord(again, 1), leaseRecord(A, 1)]), 1, TTL_MS);
    expect(members).toMatchObject([{ botId: "a", incarnation: "a-second", role: "follower" }]);
  });

  test("that leads without a record of its own is known by its lease", () => {
    const membership = seen([0, memberRecord(B, 1), leaseRecord(A, 1)]);
    expect(membersAt(membership, 1, TTL_MS)).toMatchObject([
      { botId: "a", role: "leader", alive: true },
      { botId: "b", role: "follower" },
    ]);
  });

  test("whose record cannot be read is none, and harms no other", () => {
    const broken = recordOf(memberName("x"), "{", 1);
    expect(membersAt(seen([0, broken, memberRecord(A, 1)]), 1, TTL_MS).map(({ botId }) => botId)).toEqual([
      "a",
    ]);
  });

  test("leaves out what it does not tell, and never a field", () => {
    const [member] = membersAt(seen([0, memberRecord(A, 1, { report: { tag: undefined } })]), 1, TTL_MS);
    expect(Object.keys(member!)).toContain("tag");
    expect(member).toMatchObject({ tag: undefined, chatReachable: undefined });
  });
});

function leaseReport(changes: Record<string, unknown>) {
  const { report } = JSON.parse(leaseRecord(A, 0).value) as { report: Record<string, unknown> };
  return { ...report, ...changes };
}

/** What a store may list: some members, a lease, wall clocks that tell anything. */
const listing = fc.record({
  afterMs: fc.integer({ min: 0, max: 30_000 }),
  versions: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 4 })),
  leaseVersion: fc.option(fc.integer({ min: 1, max: 4 })),
});

function play(
  listings: readonly { afterMs: number; versions: Record<string, number>; leaseVersion: number | null }[],
  wallMs: () => number,
): { readonly membership: Membership; readonly nowMs: number } {
  let nowMs = 0;
  let membership = NO_MEMBERSHIP;
  for (const { afterMs, versions, leaseVersion } of listings) {
    nowMs += afterMs;
    const records = Object.entries(versions).map(([botId, version]) =>
      memberRecord(identityOf(botId), version, { timestamp: wallMs() }),
    );
    const lease = leaseVersion === null ? [] : [leaseRecord(A, leaseVersion, { timestamp: wallMs() })];
    membership = observeListing(membership, [...records, ...lease], nowMs);
  }
  return { membership, nowMs };
}

describe("whatever is listed", () => {
  test("who is alive does not depend on any wall clock", () => {
    fc.assert(
      fc.property(
        fc.array(listing, { minLength: 1, maxLength: 8 }),
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        fc.integer({ min: 0, max: 40_000 }),
        (listings, walls, laterMs) => {
          let index = 0;
          const { membership, nowMs } = play(listings, () => walls[index++ % walls.length]!);
          const honest = play(listings, () => 0);
          const view = (of: Membership) => [
            membersAt(of, nowMs + laterMs, TTL_MS),
            livingLeader(of, nowMs + laterMs),
            silentRecords(of, nowMs + laterMs, TTL_MS).map(({ record, silentForMs }) => [
              record.name,
              silentForMs,
            ]),
          ];
          expect(view(membership)).toEqual(view(honest.membership));
        },
      ),
    );
  });

  test("members are ordered by id, each once, and none is alive without a sign of life within the ttl", () => {
    fc.assert(
      fc.property(fc.array(listing, { minLength: 1, maxLength: 8 }), (listings) => {
        const { membership, nowMs } = play(listings, () => 0);
        const members = membersAt(membership, nowMs, TTL_MS);
        const ids = members.map(({ botId }) => botId);
        expect(ids).toEqual([...new Set(ids)].sort());
        for (const { alive, silentForMs } of members) {
          if (silentForMs !== undefined) expect(alive).toBe(silentForMs < TTL_MS);
        }
        expect(membersAt(membership, nowMs + TTL_MS, TTL_MS).filter(({ alive }) => alive)).toEqual([]);
      }),
    );
  });
});

describe("the lease", () => {
  test("has a living leader while it is renewed, by the ttl that it tells", () => {
    const membership = seen([0, leaseRecord(A, 1, { ttlMs: 60_000 })]);
    expect(livingLeader(membership, 59_999)).toEqual(A);
    expect(livingLeader(membership, 60_000)).toBeUndefined();
    expect(leaseOf(membership)?.holder).toEqual(A);
  });

  test("has none when it was let go, cannot be read or is not there", () => {
    for (const records of [[leaseRecord(null, 1)], [recordOf("fleet/lease/oracle", "{", 1)], []]) {
      expect(livingLeader(seen([0, ...records]), 1)).toBeUndefined();
    }
    expect(leaseOf(seen([0, recordOf("fleet/lease/oracle", "{", 1)]))).toBeUndefined();
  });

  test("is read anew when its version changes, and forgotten when it goes", () => {
    const before = seen([0, leaseRecord(A, 1)]);
    expect(leaseOf(observeListing(before, [leaseRecord(B, 2)], 1))?.holder).toEqual(B);
    expect(leaseOf(observeListing(before, [], 1))).toBeUndefined();
  });
});

describe("records of members that are gone", () => {
  test("are listed with the longest silent first, goodbyes and damaged ones included", () => {
    const broken = recordOf(memberName("x"), "{", 1);
    const membership = seen(
      [0, broken, memberRecord(A, 1), memberRecord(B, 1)],
      [
        10_000,
        broken,
        memberRecord(A, 1),
        memberRecord(B, 2, { stopped: true }),
        memberRecord(identityOf("c"), 1),
      ],
    );
    expect(
      silentRecords(membership, 10_000 + TTL_MS, TTL_MS).map(({ record, silentForMs }) => [
        record.name,
        silentForMs,
      ]),
    ).toEqual([
      [memberName("x"), 30_000],
      [memberName("a"), 30_000],
      [memberName("b"), 20_000],
      [memberName("c"), 20_000],
    ]);
  });

  test("never hold the leader's: it reports inside its lease", () => {
    expect(silentRecords(seen([0, memberRecord(A, 1), leaseRecord(A, 1)]), 1e9, TTL_MS)).toEqual([]);
  });
});
