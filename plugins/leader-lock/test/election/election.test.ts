import { describe, expect, test } from "bun:test";
import { knownLease } from "../../src/election/election.ts";
import {
  GRACE_MS,
  identity,
  MARGIN_MS,
  Machine,
  POLL_MS,
  RENEW_MS,
  RETRY_MS,
  recordOf,
  stored,
  TTL_MS,
} from "./support/machine.ts";

const HELD_BY_B = { term: 3, holder: identity("b"), why: "released", from: "c" };
const VALID_MS = TTL_MS - MARGIN_MS;

describe("a follower", () => {
  test("looks at once, then once per poll, and never twice at a time", () => {
    const a = new Machine();
    expect(a.tick()).toEqual([{ kind: "look" }]);
    expect(a.after(POLL_MS * 10).tick()).toEqual([]);
    a.feed({ type: "looked", lease: recordOf(HELD_BY_B), holderIsDead: false });
    expect(a.dueMs()).toBe(a.nowMs + POLL_MS);
    expect(a.after(POLL_MS - 1).tick()).toEqual([]);
    expect(a.after(1).tick()).toEqual([{ kind: "look" }]);
  });

  test("looks again soon when a look failed", () => {
    const a = new Machine();
    a.tick();
    a.feed({ type: "look-failed" });
    expect(a.dueMs()).toBe(a.nowMs + RETRY_MS);
    expect(a.tickWhenDue()).toEqual([{ kind: "look" }]);
  });

  test("polls are spread by 20 % to both sides", () => {
    for (const [jitter, factor] of [
      [0, 0.8],
      [0.5, 1],
      [0.9999, 1.2],
    ] as const) {
      const a = new Machine();
      a.tick();
      a.jitter = jitter;
      a.feed({ type: "looked", lease: recordOf(HELD_BY_B), holderIsDead: false });
      expect((a.dueMs() - a.nowMs) / POLL_MS).toBeCloseTo(factor, 3);
    }
  });

  test("claims a released lease at once, as the next term, replacing exactly what it saw", () => {
    const a = new Machine();
    const released = recordOf({ term: 3, why: "b shut down", from: "b" });
    a.sees(released);
    expect(a.kinds()).toEqual(["claim"]);
    expect(a.write().previous).toBe(released);
    expect(a.writtenLease()).toMatchObject({
      term: 4,
      holder: identity("a"),
      ttlMs: TTL_MS,
      timestamp: a.wallMs,
      why: "b shut down",
      from: "b",
    });
  });

  test("leaves a lease alone that is renewed, however long", () => {
    const a = new Machine();
    for (let beat = 0; beat < 50; beat++) {
      a.sees(recordOf(HELD_BY_B));
      expect(a.effects).toEqual([]);
      a.after(RENEW_MS);
    }
  });

  test("claims a lease that it watched unchanged for the ttl that the record tells, at that very moment", () => {
    const a = new Machine();
    const record = recordOf({ ...HELD_BY_B, ttlMs: 60_000 });
    a.sees(record);
    const claimAtMs = a.nowMs + 60_000;
    while (a.dueMs() < claimAtMs) {
      a.tickWhenDue();
      expect(a.kinds()).toEqual(["look"]);
      a.sees(record);
    }
    expect(a.dueMs()).toBe(claimAtMs);
    a.nowMs = claimAtMs - 1;
    a.tick();
    expect(a.kinds()).not.toContain("claim");
    a.nowMs = claimAtMs;
    if (a.in("follower").looking) a.sees(record);
    else a.tick();
    expect(a.kinds()).toEqual(["claim"]);
    expect(a.writtenLease()).toMatchObject({ term: 4, from: "b", why: expect.stringContaining("expired") });
  });

  test("starts to watch anew with each version, whatever the record's own time says", () => {
    const a = new Machine();
    a.sees(recordOf({ ...HELD_BY_B, timestamp: a.wallMs - 3_600_000 }));
    expect(a.after(TTL_MS - 1).tick()).toEqual([{ kind: "look" }]);
    a.sees(recordOf({ ...HELD_BY_B, timestamp: a.wallMs + 3_600_000 }));
    expect(a.after(TTL_MS - 1).tick()).toEqual([{ kind: "look" }]);
  });

  test("claims at once when the holder's process is proved dead", () => {
    const a = new Machine();
    const record = recordOf(HELD_BY_B);
    a.sees(record);
    a.after(POLL_MS).sees(record, true);
    expect(a.kinds()).toEqual(["claim"]);
    expect(a.writtenLease().why).toContain("dead");
  });

  test("leaves the lease of a dead holder to a better candidate for as long as its standing says", () => {
    const a = new Machine();
    a.standing = { eligible: true, claimDelayMs: 500 };
    const record = recordOf(HELD_BY_B);
    a.sees(record);
    a.after(5_000).sees(record, true);
    expect(a.effects).toEqual([]);
    expect(a.dueMs()).toBe(a.nowMs + 500);
    expect(a.tickWhenDue()).toMatchObject([{ kind: "write", purpose: "claim" }]);
  });

  test("a dead holder is never waited for longer than a living one", () => {
    const a = new Machine();
    a.standing = { eligible: true, claimDelayMs: 500 };
    const record = recordOf(HELD_BY_B);
    a.sees(record);
    const expiredAtMs = a.nowMs + TTL_MS + 500;
    a.after(TTL_MS - 1).sees(record, true);
    expect(a.dueMs()).toBeLessThanOrEqual(expiredAtMs);
  });

  test("leaves a nominated lease to the nominee for a while", () => {
    const [nominee, other] = [new Machine("b"), new Machine("a")];
    const released = recordOf({ term: 3, nominee: "b" });
    expect(nominee.sees(released)).toMatchObject([{ purpose: "claim" }]);
    expect(other.sees(released)).toEqual([]);
    other.after(GRACE_MS - 1).sees(released);
    expect(other.effects).toEqual([]);
    expect(other.after(1).tick()).toMatchObject([{ purpose: "claim" }]);
  });

  test("claims nothing while its standing forbids it", () => {
    const a = new Machine();
    a.standing = { eligible: false, claimDelayMs: 0 };
    a.sees(recordOf({ term: 3 }));
    expect(a.effects).toEqual([]);
    a.standing = { eligible: true, claimDelayMs: 0 };
    expect(a.tick()).toMatchObject([{ purpose: "claim" }]);
  });

  test("waits for an unreadable record as long as the longest lease that it knows of", () => {
    const a = new Machine();
    a.sees(recordOf({ ...HELD_BY_B, ttlMs: 50_000 }));
    a.after(POLL_MS).sees(stored("rm -rf"));
    expect(a.effects).toEqual([]);
    const claimAtMs = a.nowMs + 50_000;
    a.nowMs = claimAtMs - 1;
    expect(a.tick()).toEqual([{ kind: "look" }]);
    a.nowMs = claimAtMs;
    a.sees(a.in("follower").seen?.record ?? null);
    expect(a.writtenLease()).toMatchObject({
      term: 4,
      why: expect.stringContaining("unreadable"),
      from: null,
    });
  });

  test("claims a lease that names this very process, which let go of a write that landed", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 7, holder: identity("a") }));
    expect(a.kinds()).toEqual(["claim"]);
    expect(a.writtenLease().term).toBe(8);
  });

  test("waits for the lease of an earlier process of its own id, unless that is proved dead", () => {
    const a = new Machine();
    const record = recordOf({ term: 7, holder: identity("a", "a-0") });
    a.sees(record);
    expect(a.effects).toEqual([]);
    a.after(POLL_MS).sees(record, true);
    expect(a.kinds()).toEqual(["claim"]);
  });

  test("lets a lease go that names this process when it may not lead", () => {
    const a = new Machine();
    a.standing = { eligible: false, claimDelayMs: 0 };
    const own = recordOf({ term: 7, holder: identity("a") });
    a.sees(own);
    expect(a.kinds()).toEqual(["release"]);
    expect(a.write().previous).toBe(own);
    expect(a.writtenLease()).toMatchObject({ term: 7, holder: null, from: "a" });
  });

  test("lets a lease go that names this process and was revoked for another", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 7, holder: identity("a"), revoked: true, nominee: "b", why: "forced to b" }));
    expect(a.kinds()).toEqual(["release"]);
    expect(a.writtenLease()).toMatchObject({ holder: null, nominee: "b", why: "forced to b" });
    a.won();
    expect(a.in("cooldown").untilMs).toBe(a.nowMs + GRACE_MS);
  });

  test("is ended by stop at once; a lease that names this process is let go first", () => {
    const a = new Machine();
    a.sees(recordOf(HELD_BY_B));
    a.feed({ type: "stop", why: "shut down" });
    expect(a.state.role).toBe("stopped");

    const b = new Machine();
    b.tick();
    b.feed({ type: "looked", lease: recordOf({ term: 7, holder: identity("a") }), holderIsDead: false });
    b.lost(recordOf({ term: 8, holder: identity("a") }));
    expect(b.kinds()).toEqual(["claim-failed"]);
    b.feed({ type: "stop", why: "shut down" });
    expect(b.kinds()).toEqual(["release"]);
    b.won();
    expect(b.state.role).toBe("stopped");
  });
});

describe("an empty store", () => {
  test("is claimed at once where it is known to be new", () => {
    const a = new Machine("a", { claimEmptyAtOnce: true });
    a.sees(null);
    expect(a.kinds()).toEqual(["claim"]);
    expect(a.write().previous).toBeNull();
    expect(a.writtenLease()).toMatchObject({ term: 1, from: null, why: "first election in this store" });
  });

  test("elsewhere gets a quarantined record, sent once, which is claimed after a whole ttl", () => {
    const a = new Machine();
    a.sees(null);
    expect(a.kinds()).toEqual(["mark"]);
    expect(a.writtenLease()).toMatchObject({ term: 0, holder: null, quarantined: true, ttlMs: TTL_MS });
    const mark = a.won();
    expect(a.effects).toEqual([]);
    const claimAtMs = a.nowMs + TTL_MS;
    a.nowMs = claimAtMs - 1;
    expect(a.tick()).toEqual([{ kind: "look" }]);
    a.sees(mark);
    expect(a.effects).toEqual([]);
    a.nowMs = claimAtMs;
    a.tick();
    expect(a.kinds()).toEqual(["claim"]);
    expect(a.write().previous).toBe(mark);
    expect(a.writtenLease()).toMatchObject({ term: 1, why: "first election in this store", from: null });
  });

  test("the mark of another counts from when it was seen", () => {
    const a = new Machine();
    a.sees(null);
    a.after(700).lost(recordOf({ term: 0, quarantined: true }));
    expect(a.effects).toEqual([]);
    const claimAtMs = a.nowMs + TTL_MS;
    a.nowMs = claimAtMs - 1;
    a.tick();
    expect(a.kinds()).toEqual(["look"]);
  });

  test("a mark of unknown outcome is not repeated: the agent looks", () => {
    const a = new Machine();
    a.sees(null);
    a.unknown();
    expect(a.tickWhenDue()).toEqual([{ kind: "look" }]);
    expect(a.sees(null)).toMatchObject([{ purpose: "mark" }]);
  });

  test("nothing else is asked of the store while a mark is under way", () => {
    const a = new Machine();
    a.sees(null);
    expect(a.dueMs()).toBe(Number.POSITIVE_INFINITY);
    expect(a.after(60_000).tick()).toEqual([]);
  });

  test("the wait is the longest that any holder promised", () => {
    const a = new Machine();
    a.sees(recordOf({ ...HELD_BY_B, ttlMs: 90_000 }));
    a.after(POLL_MS).sees(null);
    expect(a.writtenLease()).toMatchObject({ term: 3, ttlMs: 90_000 });
    a.won();
    a.after(90_000 - 1).tick();
    expect(a.kinds()).toEqual(["look"]);
  });

  test("who knows of a higher term raises the mark, so that terms go on", () => {
    const a = new Machine();
    a.sees(recordOf({ ...HELD_BY_B, term: 41 }));
    const low = recordOf({ term: 0, quarantined: true });
    a.after(POLL_MS).sees(low);
    expect(a.kinds()).toEqual(["mark"]);
    expect(a.write().previous).toBe(low);
    expect(a.writtenLease()).toMatchObject({ term: 41, quarantined: true });
    a.won();
    a.after(TTL_MS).tick();
    expect(a.writtenLease()).toMatchObject({ term: 42, why: "the store had lost the lease" });
  });

  test("a quarantined record that an operator nominated for is waited for all the same", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 0, quarantined: true, nominee: "a" }));
    expect(a.effects).toEqual([]);
    a.after(TTL_MS - 1).tick();
    expect(a.kinds()).toEqual(["look"]);
  });
});

describe("a claim", () => {
  test("that won makes the leader, valid from when it was sent", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3, from: "b", why: "b shut down" }));
    const sentMs = a.nowMs;
    a.after(900).won();
    expect(a.effects).toEqual([{ kind: "elected", term: 4, from: "b", why: "b shut down", how: "released" }]);
    expect(a.leads()).toBe(true);
    a.nowMs = sentMs + VALID_MS - 1;
    expect(a.leads()).toBe(true);
    a.nowMs = sentMs + VALID_MS;
    expect(a.leads()).toBe(false);
  });

  test("that was lost is dropped, and the winner is watched from now", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3 }));
    a.after(400).lost(recordOf({ term: 4, holder: identity("b") }));
    expect(a.effects).toEqual([{ kind: "claim-failed", why: "lost-race" }]);
    expect(a.in("follower").seen).toMatchObject({ sinceMs: a.nowMs, lease: { holder: identity("b") } });
  });

  test("of unknown outcome is repeated byte for byte, and counts from the first sending", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3 }));
    const first = a.write();
    const sentMs = a.nowMs;
    a.after(3_000).unknown();
    expect(a.leads()).toBe(false);
    expect(a.after(RETRY_MS - 1).tick()).toEqual([]);
    expect(a.after(1).tick()).toEqual([first]);
    a.after(2_000).won(first);
    expect(a.in("leader").validUntilMs).toBe(sentMs + VALID_MS);
  });

  test("is given up when it could not be used any more; a late win changes nothing", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3 }));
    const claim = a.write();
    a.after(VALID_MS).unknown();
    a.after(RETRY_MS).tick();
    expect(a.effects).toEqual([{ kind: "claim-failed", why: "store-unavailable" }]);
    a.won(claim);
    expect(a.leads()).toBe(false);
    expect(a.state.role).toBe("follower");
  });

  test("that is told won only after its time does not make a leader", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3 }));
    a.after(VALID_MS).won();
    expect(a.effects).toEqual([{ kind: "claim-failed", why: "store-unavailable" }]);
    expect(a.tick()).toEqual([{ kind: "look" }]);
  });

  test("cannot be made to end by a look that comes late", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3 }));
    a.feed({ type: "looked", lease: null, holderIsDead: false });
    a.feed({ type: "look-failed" });
    expect(a.state.role).toBe("acquiring");
  });

  test("that is stopped is settled first and released if it landed", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3 }));
    const claim = a.write();
    a.feed({ type: "stop", why: "shut down" });
    expect(a.effects).toEqual([]);
    const landed = a.won(claim);
    expect(a.leads()).toBe(false);
    expect(a.kinds()).toEqual(["release"]);
    expect(a.write().previous).toBe(landed);
    expect(a.writtenLease()).toMatchObject({ term: 4, holder: null });
    a.won();
    expect(a.state.role).toBe("stopped");
  });

  test("that is stopped and was lost needs no release", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3 }));
    const claim = a.write();
    a.feed({ type: "stop", why: "shut down" });
    a.lost(recordOf({ term: 4, holder: identity("b") }), claim);
    expect(a.effects).toEqual([]);
    expect(a.state.role).toBe("stopped");
  });

  test("that is resigned is settled, released to the nominee and sits out", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3 }));
    const claim = a.write();
    a.feed({ type: "resign", why: "ill", nominee: "b", sitOutMs: 30_000 });
    const untilMs = a.nowMs + 30_000;
    a.after(100).won(claim);
    expect(a.writtenLease()).toMatchObject({ holder: null, nominee: "b", why: "ill" });
    a.won();
    expect(a.in("cooldown").untilMs).toBe(untilMs);
  });
});

describe("a leader", () => {
  test("renews once per interval, in place of its own version, and keeps term, reason and predecessor", () => {
    const a = new Machine();
    a.sees(recordOf({ term: 3, from: "b", why: "b shut down" }));
    const held = a.won();
    expect(a.dueMs()).toBe(a.nowMs + RENEW_MS);
    expect(a.after(RENEW_MS - 1).tick()).toEqual([]);
    a.report = { fit: true };
    a.after(1).tick();
    expect(a.write()).toMatchObject({ purpose: "renew", previous: held });
    expect(a.writtenLease()).toMatchObject({ term: 4, why: "b shut down", from: "b", report: { fit: true } });
    const renewed = a.won();
    expect(a.in("leader")).toMatchObject({ held: renewed, validUntilMs: a.nowMs + VALID_MS });
    expect(a.effects).toEqual([]);
  });

  test("counts a renewal from its first sending, however often it was repeated", () => {
    const a = Machine.leader();
    a.after(RENEW_MS).tick();
    const sentMs = a.nowMs;
    const renewal = a.write();
    a.after(3_000).unknown();
    expect(a.after(RETRY_MS).tick()).toEqual([renewal]);
    a.won(renewal);
    expect(a.in("leader").validUntilMs).toBe(sentMs + VALID_MS);
  });

  test("sends one renewal at a time", () => {
    const a = Machine.leader();
    a.after(RENEW_MS).tick();
    expect(a.after(RENEW_MS).tick()).toEqual([]);
    expect(a.dueMs()).toBe(a.in("leader").validUntilMs);
  });

  test("ends at its deadline when it could not renew, and a look tells what became of the renewal", () => {
    const a = Machine.leader();
    const validUntilMs = a.in("leader").validUntilMs;
    a.after(RENEW_MS).tick();
    const renewal = a.write();
    a.after(3_000).unknown();
    a.nowMs = validUntilMs - 1;
    a.tick();
    expect(a.leads()).toBe(true);
    a.nowMs = validUntilMs;
    expect(a.leads()).toBe(false);
    a.tick();
    expect(a.effects).toMatchObject([{ kind: "demoted", term: 1, voluntary: false }]);
    a.won(renewal);
    expect(a.leads()).toBe(false);
    expect(a.tick()).toEqual([{ kind: "look" }]);
  });

  test("a jump of its clock past the deadline ends it before any event", () => {
    const a = Machine.leader();
    expect(a.after(3_600_000).leads()).toBe(false);
    a.tick();
    expect(a.effects).toMatchObject([{ kind: "demoted", voluntary: false }]);
  });

  test("a renewal that landed counts although its reply comes after the old deadline, not after its own", () => {
    for (const [lateMs, leads] of [
      [VALID_MS - 1, true],
      [VALID_MS, false],
    ] as const) {
      const a = Machine.leader();
      a.after(RENEW_MS).tick();
      const renewal = a.write();
      a.after(lateMs).won(renewal);
      expect(a.leads()).toBe(leads);
      expect(a.state.role).toBe(leads ? "leader" : "follower");
    }
  });

  test("whose lease was taken follows at once", () => {
    const a = Machine.leader();
    a.after(RENEW_MS).tick();
    const taken = recordOf({ term: 2, holder: identity("b") });
    a.lost(taken);
    expect(a.leads()).toBe(false);
    expect(a.effects).toMatchObject([{ kind: "demoted", why: "the lease was taken", voluntary: false }]);
    expect(a.in("follower").seen?.record).toBe(taken);
  });

  test("whose record is gone ends, and lays a quarantined one in its own term", () => {
    const a = Machine.leader();
    a.after(RENEW_MS).tick();
    a.lost(null);
    expect(a.effects).toMatchObject([{ kind: "demoted", why: "the lease record is gone" }]);
    expect(a.tick()).toMatchObject([{ purpose: "mark" }]);
    expect(a.writtenLease()).toMatchObject({ term: 1, quarantined: true });
  });

  test("whose record was overwritten with nonsense ends and waits like everybody", () => {
    const a = Machine.leader();
    a.after(RENEW_MS).tick();
    a.lost(stored("{"));
    expect(a.effects).toMatchObject([
      { kind: "demoted", why: "the lease record was lost", voluntary: false },
    ]);
    expect(a.dueMs()).toBe(a.nowMs + POLL_MS);
  });

  test("whose lease was revoked stops, releases the revoked version to the nominee, and lets it go first", () => {
    const a = Machine.leader();
    const { lease } = a.in("leader");
    const revoked = recordOf({
      ...lease,
      revoked: true,
      nominee: "b",
      why: "forced to b",
      nonce: "operator",
    });
    a.after(RENEW_MS).tick();
    a.lost(revoked);
    expect(a.leads()).toBe(false);
    expect(a.kinds()).toEqual(["demoted", "release"]);
    expect(a.effects[0]).toMatchObject({ why: "forced to b", voluntary: true });
    expect(a.write().previous).toBe(revoked);
    expect(a.writtenLease()).toMatchObject({ holder: null, nominee: "b", why: "forced to b" });
    const released = a.won();
    a.sees(released);
    a.after(GRACE_MS - 1).tick();
    expect(a.kinds()).not.toContain("claim");
  });

  test("whose lease was revoked in its own favour begins a new term", () => {
    const a = Machine.leader();
    const { lease } = a.in("leader");
    a.after(RENEW_MS).tick();
    a.lost(recordOf({ ...lease, revoked: true, nominee: "a", nonce: "operator" }));
    const released = a.won();
    a.sees(released);
    expect(a.kinds()).toEqual(["claim"]);
    expect(a.writtenLease().term).toBe(2);
  });

  test("that is told to resign stops at once, releases to the nominee and sits out", () => {
    const a = Machine.leader();
    const held = a.in("leader").held;
    a.feed({ type: "resign", why: "rm", nominee: "c", sitOutMs: TTL_MS });
    expect(a.leads()).toBe(false);
    expect(a.effects[0]).toEqual({ kind: "demoted", term: 1, why: "rm", voluntary: true });
    expect(a.write()).toMatchObject({ purpose: "release", previous: held });
    expect(a.writtenLease()).toMatchObject({ term: 1, holder: null, nominee: "c", from: "a" });
    const released = a.won();
    a.sees(released);
    expect(a.effects).toEqual([]);
    a.after(TTL_MS).tick();
    expect(a.kinds()).toEqual(["claim"]);
  });

  test("that ends while a renewal is open settles it first: only then is known what to replace", () => {
    const a = Machine.leader();
    a.after(RENEW_MS).tick();
    const renewal = a.write();
    a.feed({ type: "stop", why: "shut down" });
    expect(a.kinds()).toEqual(["demoted"]);
    a.after(3_000).unknown(renewal);
    expect(a.after(RETRY_MS).tick()).toEqual([renewal]);
    const landed = a.won(renewal);
    expect(a.leads()).toBe(false);
    expect(a.write()).toMatchObject({ purpose: "release", previous: landed });
  });

  test("knows its lease", () => {
    const a = Machine.leader();
    expect(knownLease(a.state)).toMatchObject({ term: 1, holder: identity("a") });
    a.feed({ type: "resign", why: "rm", sitOutMs: 0 });
    expect(knownLease(a.state)).toMatchObject({ term: 1, holder: identity("a") });
  });
});

describe("an agent that drains", () => {
  test("repeats the release byte for byte until its outcome is known", () => {
    const a = Machine.leader();
    a.feed({ type: "stop", why: "shut down" });
    const release = a.write();
    a.after(3_000).unknown();
    expect(a.after(RETRY_MS).tick()).toEqual([release]);
    a.won(release);
    expect(a.state.role).toBe("stopped");
  });

  test("gives up after a ttl, when the lease has ended anyway", () => {
    const a = Machine.leader();
    a.feed({ type: "stop", why: "shut down" });
    a.after(TTL_MS - 1).tick();
    expect(a.state.role).toBe("draining");
    a.after(1).tick();
    expect(a.state.role).toBe("stopped");
  });

  test("releases a version that an operator revoked meanwhile, to that nominee", () => {
    const a = Machine.leader();
    const { lease } = a.in("leader");
    a.feed({ type: "resign", why: "rm", sitOutMs: 0 });
    const revoked = recordOf({ ...lease, revoked: true, nominee: "b", nonce: "operator" });
    a.lost(revoked);
    expect(a.write().previous).toBe(revoked);
    expect(a.writtenLease()).toMatchObject({ holder: null, nominee: "b" });
  });

  test("leaves alone what another wrote", () => {
    const a = Machine.leader();
    a.feed({ type: "stop", why: "shut down" });
    a.lost(recordOf({ term: 2, holder: identity("b") }));
    expect(a.effects).toEqual([]);
    expect(a.state.role).toBe("stopped");
  });

  test("can be stopped, and told to sit out longer, but not be called back", () => {
    const a = Machine.leader();
    a.feed({ type: "resign", why: "rm", sitOutMs: 1_000 });
    const release = a.write();
    a.feed({ type: "resign", why: "ill", sitOutMs: 9_000 });
    expect(a.in("draining").after).toEqual({ kind: "cooldown", untilMs: a.nowMs + 9_000 });
    a.feed({ type: "stop", why: "shut down" });
    a.feed({ type: "resign", why: "ill", sitOutMs: 0 });
    a.won(release);
    expect(a.state.role).toBe("stopped");
  });
});

describe("an agent in cooldown", () => {
  function inCooldown(sitOutMs = 10_000): Machine {
    const a = new Machine();
    a.tick();
    a.feed({ type: "resign", why: "ill", sitOutMs });
    return a;
  }

  test("watches but claims nothing before its time, then follows", () => {
    const a = inCooldown();
    const released = recordOf({ term: 3 });
    a.sees(released);
    expect(a.effects).toEqual([]);
    a.after(9_999).sees(released);
    expect(a.effects).toEqual([]);
    a.after(1).tick();
    expect(a.kinds()).toEqual(["claim"]);
  });

  test("watched time counts: a lease that expired meanwhile is claimed at once", () => {
    const a = inCooldown(TTL_MS + 5_000);
    const record = recordOf(HELD_BY_B);
    a.sees(record);
    a.after(TTL_MS + 5_000).tick();
    expect(a.kinds()).toEqual(["claim"]);
  });

  test("lets a lease go that names this process: a given-up claim had landed", () => {
    const a = inCooldown();
    const own = recordOf({ term: 3, holder: identity("a") });
    a.sees(own);
    expect(a.write()).toMatchObject({ purpose: "release", previous: own });
    a.won();
    expect(a.state.role).toBe("cooldown");
  });

  test("claims at once what is let go for it: a switchover back needs no waiting", () => {
    const a = inCooldown();
    a.sees(recordOf({ term: 3, nominee: "a" }));
    expect(a.kinds()).toEqual(["claim"]);
  });

  test("which is forced to lead watches the revoked lease run out like everybody else", () => {
    const a = inCooldown();
    const revoked = recordOf({ ...HELD_BY_B, revoked: true, nominee: "a" });
    a.sees(revoked);
    expect(a.effects).toEqual([]);
    a.after(TTL_MS - 1).sees(revoked);
    expect(a.kinds()).toEqual([]);
    a.after(1).tick();
    expect(a.kinds()).toEqual(["claim"]);
  });

  test("is not called by a lease that is let go for another", () => {
    const a = inCooldown();
    a.sees(recordOf({ term: 3, nominee: "b" }));
    expect(a.effects).toEqual([]);
  });

  test("sits out until the later of two times, and is ended by stop", () => {
    const a = inCooldown();
    const untilMs = a.in("cooldown").untilMs;
    a.feed({ type: "resign", why: "again", sitOutMs: 1 });
    expect(a.in("cooldown").untilMs).toBe(untilMs);
    a.feed({ type: "stop", why: "shut down" });
    expect(a.state.role).toBe("stopped");
  });
});

describe("outcomes of writes that were given up", () => {
  test("make nobody leader, whoever it is told to", () => {
    const stale = recordOf({ term: 9, holder: identity("a") });
    const machines = [new Machine(), Machine.leader(), new Machine()];
    machines[2]?.sees(recordOf({ term: 3 }));
    for (const a of machines) {
      const before = a.state;
      a.feed({ type: "write-won", next: "something else", record: stale });
      a.feed({ type: "write-lost", next: "something else", current: stale, holderIsDead: true });
      a.feed({ type: "write-unknown", next: "something else" });
      expect(a.effects).toEqual([]);
      expect(a.state).toEqual(before.role === "follower" ? { ...before, lookAtMs: a.nowMs } : before);
    }
  });
});

describe("an agent that was stopped", () => {
  test("does nothing ever again", () => {
    const a = new Machine();
    a.feed({ type: "stop", why: "shut down" });
    a.tick();
    a.feed({ type: "looked", lease: recordOf({ term: 3 }), holderIsDead: true });
    a.feed({ type: "resign", why: "ill", sitOutMs: 0 });
    expect(a.effects).toEqual([]);
    expect(a.state.role).toBe("stopped");
    expect(a.dueMs()).toBe(Number.POSITIVE_INFINITY);
  });
});
