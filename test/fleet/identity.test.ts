import { afterAll, beforeAll, expect, test } from "bun:test";
import { hostname } from "node:os";
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { openFleetOffice } from "@jeju-oracle/plugin-leader-lock";
import { entryOf, type FleetAgent } from "./support/agent.ts";
import { FeedSwing, Fleet, tellMs, until } from "./support/fleet.ts";

/** Of the default profile. */
const TTL_MS = 20_000;
const RENEW_MS = 5_000;
/** Most of it is the start of the process on a busy machine; waiting for the earlier one would take the ttl. */
const JOIN_BOUND_MS = TTL_MS / 2;
/** sysexits.h: EX_CONFIG and EX_TEMPFAIL. */
const EXIT_CONFIG = 78;
const EXIT_RESTART = 75;

let net: Localnet;
let feed: FeedSwing;
beforeAll(async () => {
  net = await startLocalnet();
  feed = new FeedSwing(net);
});
afterAll(() => net.stop());

test("kill -9 and an immediate restart under the same BOT_ID: it leads again at once, alone as it is", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1"] });
  const first = await fleet.start("bot-1");
  await fleet.leader();
  await first.killHard();
  const again = await fleet.start("bot-1");
  const from = fleet.watch.updates.length;
  await feed.swing();
  const landed = await fleet.watch.by("bot-1", { from });
  tellMs(
    "kill -9 and restart of the only bot, start to its update",
    [landed.atMs - again.startedAtMs],
    TTL_MS,
  );
  expect(landed.atMs - again.startedAtMs).toBeLessThan(JOIN_BOUND_MS);
  expect(landed.term).toBe(2);
}, 60_000);

test("kill -9 and an immediate restart beside another agent: follower or leader, it joins at once", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2"] });
  for (const botId of ["bot-1", "bot-2"]) await fleet.start(botId);
  const leader = await fleet.leader();
  const follower = fleet.agents.find((agent) => agent !== leader)!;
  // Both have told the store of themselves.
  await until("they know each other", async () => {
    const alive = await Promise.all(fleet.agents.map((agent) => agent.metric("oracle_fleet_members_alive")));
    return alive.every((count) => count === 2);
  });
  const joinedAfterMs: number[] = [];
  const restart = async (agent: FleetAgent) => {
    await agent.killHard();
    const again = fleet.spawn(agent.botId);
    joinedAfterMs.push((await again.line("Joined the fleet")).atMs - again.startedAtMs);
    return again;
  };
  const followerAgain = await restart(follower);
  expect(await leader.metric("oracle_leader_term")).toBe(1);
  const leaderAgain = await restart(leader);
  tellMs("kill -9 and restart beside another agent, start to joined", joinedAfterMs, JOIN_BOUND_MS);
  expect(Math.max(...joinedAfterMs)).toBeLessThan(JOIN_BOUND_MS);
  // Whichever saw the dead process first leads; the other follows, and there is one term more.
  const next = await fleet.leader([followerAgain, leaderAgain]);
  expect(await next.metric("oracle_leader_term")).toBe(2);
}, 60_000);

test("a second live agent under a used BOT_ID is refused with the first one's process, which goes on undisturbed", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2"] });
  const leader = await fleet.start("bot-1");
  const follower = await fleet.start("bot-2");
  await fleet.leader();
  for (const first of [leader, follower]) {
    const second = fleet.spawn(first.botId, {
      env: { STATE_DIR: `${fleet.directory}/state-second-${first.botId}` },
    });
    expect(await second.exitCode()).toBe(EXIT_CONFIG);
    expect(second.output).toContain(
      `BOT_ID ${first.botId} is in use by another live agent: process ${first.pid} on ${hostname()}`,
    );
    expect(second.output).not.toContain("became leader");
  }
  // Longer than a renewal: the first ones did not lose a write to the second ones either.
  await Bun.sleep(RENEW_MS + 1_000);
  const from = fleet.watch.updates.length;
  await feed.swing();
  expect(await fleet.watch.by("bot-1", { from })).toMatchObject({ term: 1 });
  for (const first of [leader, follower]) {
    expect(first.alive).toBe(true);
    expect(first.output).not.toContain("Refused by the fleet");
  }
  expect(leader.output).not.toContain("no longer leads");
}, 60_000);

test("a restart that is asked for ends exactly that process, with the code on which a supervisor starts it again", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2"] });
  const leader = await fleet.start("bot-1");
  const follower = await fleet.start("bot-2");
  await fleet.leader();
  const office = await openFleetOffice(fleet.env("operator"), systemClock, silentLogger);
  try {
    await until("the members are written", async () => (await office.report()).members.length === 2);
    const askedAtMs = performance.now();
    await office.control.restart({ botId: "bot-2", by: "an operator", reason: "a test" });
    expect(await follower.exitCode()).toBe(EXIT_RESTART);
    tellMs("restart of a follower, asked to ended", [performance.now() - askedAtMs], RENEW_MS);
    expect(follower.output).toContain("restart asked for by an operator: a test");
    // The order meant the process that is gone: its successor runs.
    const again = await fleet.start("bot-2");
    await until("the order is tidied away", async () => (await office.report()).members.length === 2);
    await Bun.sleep(RENEW_MS + 1_000);
    expect(again.alive).toBe(true);

    await office.control.restart({ botId: "bot-1", by: "an operator", reason: "a test" });
    expect(await leader.exitCode()).toBe(EXIT_RESTART);
    expect((await fleet.leader()).botId).toBe("bot-2");
  } finally {
    await office.close();
  }
}, 60_000);

test("timings that cannot keep the lease, and a store that nobody knows, end the start with 78 and the sum", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1"] });
  const agent = fleet.spawn("bot-1", {
    env: {
      LEADER_LOCK_TTL_MS: "6000",
      LEADER_LOCK_URL: "redis://127.0.0.1:6379",
      FALLBACK_AFTER_MS: "9000",
      UPDATE_INTERVAL_MS: "3000",
      PRICE_POLL_INTERVAL_MS: "1000",
    },
  });
  expect(await agent.exitCode()).toBe(EXIT_CONFIG);
  expect(agent.output).toContain("renew 5000 + 2 x op timeout 3000 + margin 4000 = 15000");
  expect(agent.output).toContain("heartbeat 3000 + ttl 6000 = 9000");
  expect(agent.output).toContain("unknown store redis");
  expect(entryOf(await agent.line("HTTP is up")).msg).toBe("HTTP is up");
  expect(agent.output).not.toContain("Election starts");
}, 60_000);
