import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { FeedSwing, Fleet, tellMs, until } from "./support/fleet.ts";

const REMOVAL_BOUND_MS = 4_000;
/** One bot less than there are: who was removed sits out a ttl. */
const REMOVALS = 2;
/** Of the default profile. */
const TTL_MS = 20_000;

let net: Localnet;
let feed: FeedSwing;
beforeAll(async () => {
  net = await startLocalnet();
  feed = new FeedSwing(net);
});
afterAll(() => net.stop());

function lockFileOf({ lockFile }: Fleet): Record<string, unknown> {
  return JSON.parse(readFileSync(lockFile, "utf8")) as Record<string, unknown>;
}

test("rm of the lock file: another bot leads and its update is in a block within 4 s; the old leader follows", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2", "bot-3"] });
  for (const botId of ["bot-1", "bot-2", "bot-3"]) await fleet.start(botId);
  const failovers: number[] = [];
  const leaders: string[] = [];
  for (let removal = 0; removal < REMOVALS; removal++) {
    const leader = await fleet.leader();
    leaders.push(leader.botId);
    await until("the file shows the leader", () => lockFileOf(fleet).botId === leader.botId);
    const from = fleet.watch.updates.length;
    const removedAtMs = performance.now();
    rmSync(fleet.lockFile);
    // Due once nobody leads: an update that the old leader sends before it notices is its right.
    await leader.line("no longer leads", { fromLine: leader.linesWith("became leader").length });
    await feed.swing();
    const landed = await fleet.watch.next("another one's update", ({ botId }) => botId !== leader.botId, {
      from,
    });
    failovers.push(landed.atMs - removedAtMs);
    expect(fleet.watch.updates.slice(from)).toHaveLength(1);
    expect(await leader.metric("oracle_is_leader")).toBe(0);
  }
  tellMs("rm of the lock file to an update of another bot", failovers, REMOVAL_BOUND_MS);
  expect(Math.max(...failovers)).toBeLessThanOrEqual(REMOVAL_BOUND_MS);
  // Each time another one: who led before sits out a ttl.
  expect(new Set(leaders).size).toBe(REMOVALS);
}, 60_000);

test("the lock file is whole JSON that names the leader at every moment, and on a link it does not write through", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2"] });
  for (const botId of ["bot-1", "bot-2"]) await fleet.start(botId);
  const leader = await fleet.leader();
  await until("the file is there", () => existsSync(fleet.lockFile));
  expect(lockFileOf(fleet)).toEqual({
    botId: leader.botId,
    term: 1,
    timestamp: expect.any(Number),
    host: hostname(),
    pid: leader.pid,
    expiresInMs: expect.any(Number),
  });
  // Across a failover every read is whole, and names nobody but a bot of this fleet.
  let isOver = false;
  const readers = (async () => {
    const seen = new Set<unknown>();
    while (!isOver) {
      seen.add(lockFileOf(fleet).botId);
      await Bun.sleep(1);
    }
    return seen;
  })();
  await leader.signal("SIGTERM");
  const successor = fleet.agents.find((agent) => agent !== leader)!;
  await successor.line(`Bot ${successor.botId} became leader`);
  await until("the file shows the successor", () => lockFileOf(fleet).botId === successor.botId);
  isOver = true;
  const seen = await readers;
  seen.delete(null);
  expect([...seen].toSorted()).toEqual(["bot-1", "bot-2"]);
}, 60_000);

test("rm while all are stopped, then start: a clean election", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2"] });
  for (const end of ["SIGTERM", "SIGKILL"] as const) {
    const agents = [await fleet.start("bot-1"), await fleet.start("bot-2")];
    await fleet.leader(agents);
    for (const agent of agents) await agent.signal(end);
    for (const agent of agents) await agent.exitCode();
    rmSync(fleet.lockFile);
    const startedAtMs = performance.now();
    const again = [fleet.spawn("bot-1"), fleet.spawn("bot-2")];
    const leader = await fleet.leader(again);
    const from = fleet.watch.updates.length;
    await feed.swing();
    await fleet.watch.by(leader.botId, { from });
    const tookMs = performance.now() - startedAtMs;
    tellMs(`rm while all were stopped by ${end}: from the start to the first update`, [tookMs], TTL_MS);
    expect(tookMs).toBeLessThan(TTL_MS);
    const elections = await Promise.all(again.map((agent) => agent.metric("oracle_leader_elections_total")));
    expect(elections.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(1);
    expect(lockFileOf(fleet).botId).toBe(leader.botId);
    for (const agent of again) expect(await agent.stop()).toBe(0);
  }
}, 60_000);
