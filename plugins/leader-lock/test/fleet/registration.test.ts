import { describe, expect, test } from "bun:test";
import type { StoreRecord } from "@jeju-oracle/kit";
import { type Membership, NO_MEMBERSHIP, observeListing } from "../../src/fleet/membership.ts";
import { judgeRegistration, type Registration, UNREGISTERED } from "../../src/fleet/registration.ts";
import type { Liveness } from "../../src/identity/process-probe.ts";
import { identityOf, leaseRecord, memberRecord, TTL_MS } from "./support/listings.ts";

const SELF = identityOf("a", "a-new");
const RIVAL = identityOf("a", "a-old");
const OTHER = identityOf("b");

interface Sight {
  readonly atMs: number;
  readonly records: readonly StoreRecord[];
  readonly rival?: Liveness;
}

/** The registration after each sight. */
function judged(...sights: readonly Sight[]): Registration["kind"][] {
  let registration: Registration = UNREGISTERED;
  let membership: Membership = NO_MEMBERSHIP;
  return sights.map(({ atMs, records, rival = "unknown" }) => {
    membership = observeListing(membership, records, atMs);
    registration = judgeRegistration(registration, SELF, membership, atMs, TTL_MS, (identity) => {
      expect(identity).toEqual(RIVAL);
      return rival;
    });
    return registration.kind;
  });
}

const member = (version: number, stopped = false) => memberRecord(RIVAL, version, { stopped });
const lease = (version: number, revoked = false) => leaseRecord(RIVAL, version, revoked ? { revoked } : {});
const own = (version: number) => memberRecord(SELF, version);

describe("a bot id", () => {
  const table: readonly [string, readonly Sight[], readonly Registration["kind"][]][] = [
    ["of nobody is free", [{ atMs: 0, records: [] }], ["registered"]],
    [
      "is free beside members of other ids",
      [{ atMs: 0, records: [memberRecord(OTHER, 1), leaseRecord(OTHER, 1)] }],
      ["registered"],
    ],
    [
      "of this very process is its own",
      [{ atMs: 0, records: [own(1), leaseRecord(SELF, 1)] }],
      ["registered"],
    ],
    ["of a process that said goodbye is free", [{ atMs: 0, records: [member(1, true)] }], ["registered"]],
    [
      "of a process that is provably dead is free at once, in both its records",
      [{ atMs: 0, records: [member(1), lease(1)], rival: "dead" }],
      ["registered"],
    ],
    [
      "of a process that is provably alive is refused at once",
      [{ atMs: 0, records: [member(1)], rival: "alive" }],
      ["refused"],
    ],
    [
      "of a living process that only holds the lease is refused at once",
      [{ atMs: 0, records: [lease(1)], rival: "alive" }],
      ["refused"],
    ],
    [
      "waits for a ttl of silence where nothing is proved",
      [
        { atMs: 0, records: [member(1)] },
        { atMs: TTL_MS - 1, records: [member(1)] },
        { atMs: TTL_MS, records: [member(1)] },
      ],
      ["waiting", "waiting", "registered"],
    ],
    [
      "is refused when the member record changes",
      [
        { atMs: 0, records: [member(1)] },
        { atMs: 5_000, records: [member(2)] },
      ],
      ["waiting", "refused"],
    ],
    [
      "is refused when only the lease changes: a leader's own record stands still",
      [
        { atMs: 0, records: [member(1), lease(1)] },
        { atMs: 5_000, records: [member(1), lease(2)] },
      ],
      ["waiting", "refused"],
    ],
    [
      "is refused when a record appears that was not there: somebody wrote it",
      [
        { atMs: 0, records: [member(1)] },
        { atMs: 5_000, records: [member(1), lease(9)] },
      ],
      ["waiting", "refused"],
    ],
    [
      "is free when the goodbye comes while it waits",
      [
        { atMs: 0, records: [member(1)] },
        { atMs: 5_000, records: [member(2, true)] },
      ],
      ["waiting", "registered"],
    ],
    [
      "is free when the record is removed while it waits",
      [
        { atMs: 0, records: [member(1)] },
        { atMs: 5_000, records: [] },
      ],
      ["waiting", "registered"],
    ],
    [
      "an operator who revokes a dead leader's lease is no sign of its life",
      [
        { atMs: 0, records: [lease(1)] },
        { atMs: 5_000, records: [lease(2, true)] },
        { atMs: TTL_MS + 5_000, records: [lease(2, true)] },
      ],
      ["waiting", "waiting", "registered"],
    ],
    [
      "once registered, what the silent process left behind refuses nobody",
      [
        { atMs: 0, records: [member(1), lease(1)] },
        { atMs: TTL_MS, records: [member(1), lease(1)] },
        { atMs: TTL_MS + 100, records: [member(1), lease(1)] },
        { atMs: TTL_MS + 200, records: [own(2), lease(1)] },
        { atMs: TTL_MS + 300, records: [own(2), leaseRecord(OTHER, 2)] },
      ],
      ["waiting", "registered", "registered", "registered", "registered"],
    ],
    [
      "once registered, a process that was silent and writes again is refused",
      [
        { atMs: 0, records: [lease(1)] },
        { atMs: TTL_MS, records: [lease(1)] },
        { atMs: TTL_MS + 100, records: [own(1), lease(2)] },
      ],
      ["waiting", "registered", "refused"],
    ],
    [
      "once registered, another process that takes the id is refused, whoever came first",
      [
        { atMs: 0, records: [] },
        { atMs: 100, records: [own(1)] },
        { atMs: 200, records: [member(2)] },
      ],
      ["registered", "registered", "refused"],
    ],
    [
      "stays refused",
      [
        { atMs: 0, records: [member(1)], rival: "alive" },
        { atMs: 100, records: [] },
      ],
      ["refused", "refused"],
    ],
  ];
  test.each(table)("%s", (_what, sights, kinds) => {
    expect(judged(...sights)).toEqual([...kinds]);
  });
});
