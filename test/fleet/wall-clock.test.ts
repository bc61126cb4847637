/** Wall clocks that are wrong or jump, by faketime: monotonic and boot-time clocks stay true, as on a host whose date is set. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { entryOf, type FleetAgent } from "./support/agent.ts";
import { FeedSwing, Fleet, tellMs, until } from "./support/fleet.ts";

const HOUR_S = 3_600;
const SWING_EVERY_MS = 1_500;
/** Quick enough to see several leases end; a send needs 3 s of lease, so not quicker. */
const LEASE = {
  LEADER_LOCK_TTL_MS: "6000",
  LEADER_LOCK_RENEW_MS: "1000",
  LEADER_LOCK_MARGIN_MS: "1000",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: "500",
};
const TTL_MS = 6_000;
const KILL_BOUND_MS = 3_000;

const [library] = [...new Bun.Glob("*/faketime/libfaketimeMT.so.1").scanSync({ cwd: "/usr/lib" })];

let net: Localnet;
let feed: FeedSwing;
beforeAll(async () => {
  net = await startLocalnet();
  feed = new FeedSwing(net);
  feed.goOn(SWING_EVERY_MS);
});
afterAll(async () => {
  await feed.rest();
  await net.stop();
});

/** The wall clock of one agent, set while it runs. */
class FakeWallClock {
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;

  constructor(fleet: Fleet) {
    this.#file = join(fleet.directory, "wall-clock");
    this.set(0);
    this.env = {
      LD_PRELOAD: `/usr/lib/${library}`,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DONT_RESET: "1",
    };
  }

  set(aheadS: number): void {
    writeFileSync(this.#file, `${aheadS >= 0 ? "+" : ""}${aheadS}s`);
  }
}

describe.skipIf(library === undefined)("faketime", () => {
  test("a leader whose wall clock is an hour off, or jumps by two, leads on and pushes on", async () => {
    await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2"], env: LEASE });
    const clock = new FakeWallClock(fleet);
    clock.set(HOUR_S);
    const wrong = await fleet.start("bot-1", { env: clock.env });
    const right = await fleet.start("bot-2");
    expect((await fleet.leader()).botId).toBe("bot-1");
    await expectUndisturbed(fleet, wrong, right, "bot-1", 1);
    expectAhead(wrong, HOUR_S);
    for (const aheadS of [-HOUR_S, HOUR_S]) {
      clock.set(aheadS);
      await expectUndisturbed(fleet, wrong, right, "bot-1", 1);
      expectAhead(wrong, aheadS);
    }

    // The lead goes from the wrong clock to the right one and back, at the usual speed.
    clock.set(-HOUR_S);
    const there = await killLeader(fleet, wrong, right);
    const again = await fleet.start("bot-1", { env: clock.env });
    await expectUndisturbed(fleet, again, right, "bot-2", 2);
    clock.set(HOUR_S);
    await expectUndisturbed(fleet, again, right, "bot-2", 2);
    const back = await killLeader(fleet, right, again);
    tellMs("kill -9 of the leader, wall clocks an hour apart", [there, back], KILL_BOUND_MS);
    expect(Math.max(there, back)).toBeLessThanOrEqual(KILL_BOUND_MS);
    const alone = await fleet.watch.by("bot-1", { from: fleet.watch.updates.length });
    expect(alone.term).toBe(3);
  }, 120_000);
});

/** For longer than a lease: nothing changes but the price. */
async function expectUndisturbed(
  fleet: Fleet,
  wrong: FleetAgent,
  right: FleetAgent,
  leader: string,
  term: number,
): Promise<void> {
  const from = fleet.watch.updates.length;
  await Bun.sleep(TTL_MS + 1_000);
  const updates = fleet.watch.updates.slice(from);
  expect(new Set(updates.map((update) => `${update.botId} ${update.term}`))).toEqual(
    new Set([`${leader} ${term}`]),
  );
  // One for each swing, give or take those at the edges.
  expect(updates.length).toBeGreaterThanOrEqual(Math.floor(TTL_MS / SWING_EVERY_MS) - 1);
  for (const agent of [wrong, right]) {
    expect(await agent.health()).toMatchObject({ status: 200, body: { leader, term } });
    expect(await agent.metric("oracle_leader_demotions_total")).toBeUndefined();
    expect(agent.output).not.toContain("Cycle failed");
  }
}

async function killLeader(fleet: Fleet, leader: FleetAgent, successor: FleetAgent): Promise<number> {
  const from = fleet.watch.updates.length;
  const killedAtMs = performance.now();
  await leader.signal("SIGKILL");
  const landed = await fleet.watch.by(successor.botId, { from });
  await until("it is gone", () => !leader.alive);
  return landed.atMs - killedAtMs;
}

/** The agent does live by the clock that it was given. */
function expectAhead(agent: FleetAgent, aheadS: number): void {
  const wallMs = Math.max(...agent.lines.slice(-3).map((line) => entryOf(line).wallMs));
  expect(Math.abs(wallMs - Date.now() - aheadS * 1_000)).toBeLessThan(30_000);
}
