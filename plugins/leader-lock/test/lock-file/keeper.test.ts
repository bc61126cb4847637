import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { captureLog } from "@jeju-oracle/kit/testing";
import type { LeaseRecord } from "../../src/election/lease-record.ts";
import { type LeaseSight, LockFileKeeper } from "../../src/lock-file/keeper.ts";
import { identityOf } from "../fleet/support/listings.ts";

const root = mkdtempSync(join(tmpdir(), "lock-keeper-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const HERE = "here:leader.lock";
const LEASE: LeaseRecord = {
  term: 7,
  holder: identityOf("a"),
  ttlMs: 20_000,
  timestamp: 1_000_000,
  nonce: "nonce-0001",
  why: "released",
  from: null,
  lockPlace: HERE,
};

let path: string;
let log: ReturnType<typeof captureLog>;
beforeEach(() => {
  path = join(mkdtempSync(join(root, "case-")), "leader.lock");
  log = captureLog();
});

const keeperAt = (place: string | undefined) => new LockFileKeeper(path, place, log.logger);
const sight = (changes: Partial<LeaseSight> = {}): LeaseSight => ({
  lease: LEASE,
  leads: true,
  wallMs: LEASE.timestamp + 3_000,
  nowMs: 0,
  ...changes,
});
const shown = () => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;

describe("what is shown", () => {
  test("is the lease, and how long it lasts", () => {
    keeperAt(HERE).show(sight());
    expect(shown()).toEqual({
      botId: "a",
      term: 7,
      timestamp: LEASE.timestamp,
      host: "host-of-a",
      pid: LEASE.holder!.pid,
      expiresInMs: 17_000,
    });
  });

  test("never lasts longer than the ttl or less than nothing, whatever the wall clocks of two hosts tell", () => {
    for (const [wallMs, expiresInMs] of [
      [LEASE.timestamp - 3_600_000, 20_000],
      [LEASE.timestamp + 3_600_000, 0],
    ] as const) {
      keeperAt(HERE).show(sight({ wallMs }));
      expect(shown()).toMatchObject({ expiresInMs });
    }
  });

  test("is nobody when the lease was let go", () => {
    const { lockPlace: _, ...released } = LEASE;
    keeperAt(HERE).show(sight({ leads: false, lease: { ...released, holder: null } }));
    expect(shown()).toMatchObject({ botId: null, host: null, pid: null, expiresInMs: 0, term: 7 });
  });

  test("is written when the lease changes, and every five seconds when not", () => {
    const keeper = keeperAt(HERE);
    const writes = (nowMs: number, lease = LEASE) => {
      rmSync(path, { force: true });
      keeper.show(sight({ nowMs, lease }));
      return existsSync(path);
    };
    expect(writes(0)).toBe(true);
    expect(writes(4_999)).toBe(false);
    expect(writes(5_000)).toBe(true);
    expect(writes(5_001, { ...LEASE, nonce: "nonce-0002" })).toBe(true);
  });

  test.each<[string, LeaseSight, string | undefined, boolean]>([
    ["by the leader", sight(), HERE, true],
    ["by nobody else who shares the leader's file", sight({ leads: false }), HERE, false],
    ["by a follower whose file is another", sight({ leads: false }), "elsewhere:leader.lock", true],
    ["by a follower that cannot tell which file it has", sight({ leads: false }), undefined, true],
    ["by nobody without a lease", sight({ leads: false, lease: undefined }), HERE, false],
  ])("is shown %s", (_who, seen, place, isShown) => {
    keeperAt(place).show(seen);
    expect(existsSync(path)).toBe(isShown);
  });

  test("that cannot be shown is told once, and once more when it can", () => {
    const keeper = keeperAt(HERE);
    const folder = join(path, "..");
    rmSync(folder, { recursive: true });
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1_000) keeper.show(sight({ nowMs }));
    expect(log.lines).toHaveLength(1);
    expect(keeper.failure?.message).toContain("cannot be written: ENOENT");
    path = join(mkdtempSync(join(root, "case-")), "leader.lock");
    const other = keeperAt(HERE);
    other.show(sight());
    expect(other.failure).toBeUndefined();
  });
});

describe("a removed file", () => {
  test("is for the leader to act on, once", () => {
    const keeper = keeperAt(HERE);
    expect(keeper.wasRemoved(sight())).toBe(false);
    keeper.show(sight());
    expect(keeper.wasRemoved(sight())).toBe(false);
    rmSync(path);
    expect(keeper.wasRemoved(sight())).toBe(true);
    expect(keeper.wasRemoved(sight())).toBe(false);
    expect(shown()).toMatchObject({ botId: "a" });
  });

  test("is no business of a follower that shares the leader's file, also when it showed it before", () => {
    const keeper = keeperAt(HERE);
    keeper.show(sight());
    expect(keeper.wasRemoved(sight({ leads: false }))).toBe(false);
    rmSync(path);
    expect(keeper.wasRemoved(sight({ leads: false }))).toBe(false);
    // It becomes the leader later: what was removed before is not its to notice.
    expect(keeper.wasRemoved(sight())).toBe(false);
  });

  test("is for one of the agents to act on that show another host's leader", () => {
    const keepers = [1, 2, 3].map(() => keeperAt("elsewhere:leader.lock"));
    const follows = sight({ leads: false });
    for (const keeper of keepers) keeper.show(follows);
    rmSync(path);
    expect(keepers.filter((keeper) => keeper.wasRemoved(follows))).toHaveLength(1);
  });

  test("while nobody leads asks for nothing, then or later", () => {
    const keeper = keeperAt(HERE);
    const { lockPlace: _, ...released } = LEASE;
    const free = sight({ leads: false, lease: { ...released, holder: null } });
    keeper.show(free);
    rmSync(path);
    expect(keeper.wasRemoved(free)).toBe(false);
    expect(keeper.wasRemoved(sight())).toBe(false);
  });

  test("that cannot be put back was removed all the same, once", () => {
    const keeper = keeperAt(HERE);
    keeper.show(sight());
    rmSync(join(path, ".."), { recursive: true });
    expect(keeper.wasRemoved(sight())).toBe(true);
    expect(keeper.wasRemoved(sight())).toBe(false);
    expect(keeper.failure).toBeDefined();
  });
});
