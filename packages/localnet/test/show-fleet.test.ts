/** Two real agents, as `npm start` runs them: one leads, it is killed, the other leads, it comes back and follows. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Localnet, startLocalnet } from "../src/index.ts";
import { type Fleet, startFleet } from "../src/show/fleet.ts";
import { fleetBlock } from "../src/show/fleet-status.ts";
import { type BotState, FleetWatch, leaderOf } from "../src/show/fleet-watch.ts";
import { type Failover, killLeader } from "../src/show/kill-leader.ts";
import { botPaint } from "../src/show/log-prefix.ts";
import { isAlive } from "./support/processes.ts";

const DEADLINE_MS = 60_000;
/** Updates are due often, so that each leader soon makes one. */
const QUICK_PACE = { UPDATE_INTERVAL_MS: "2000", MIN_UPDATE_INTERVAL_S: "1", PRICE_POLL_INTERVAL_MS: "500" };
/** Longer than a failover on one host, and long enough to be seen as silent. */
const RESTART_PAUSE_MS = 5_000;

const stateDir = mkdtempSync(join(tmpdir(), "show-fleet-"));
const lines: string[] = [];
let net: Localnet;
let fleet: Fleet;
let watch: FleetWatch;

beforeAll(async () => {
  net = await startLocalnet({ bots: 2 });
  fleet = await startFleet({
    envs: [0, 1].map((bot) => ({ ...net.env(bot), ...QUICK_PACE })),
    stateDir,
    firstPort: 0,
    restartPauseMs: RESTART_PAUSE_MS,
    onLine: (botId, line) => lines.push(`${botId}: ${line}`),
  });
  watch = new FleetWatch(fleet.agents);
}, DEADLINE_MS);

afterAll(async () => {
  await fleet?.stop();
  await net?.stop();
  rmSync(stateDir, { recursive: true, force: true });
}, DEADLINE_MS);

/** Looks until the fleet is as `holds` says; gives what is shown of it then. */
async function shownWhen(what: string, holds: (bots: readonly BotState[]) => boolean) {
  const endMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const bots = await watch.look();
    if (holds(bots)) return { bots, block: fleetBlock(bots, 120, Date.now(), botPaint(false)).join("\n") };
    if (performance.now() > endMs) throw new Error(`${what}: not in time\n${lines.join("\n")}`);
    await Bun.sleep(100);
  }
}

const roles = (bots: readonly BotState[]) => bots.map(({ health }) => health?.role).sort();
const isOneFleet = (bots: readonly BotState[]) => roles(bots).join() === "follower,leader";

test(
  "one leads and the other follows, and the block shows it",
  async () => {
    const { bots, block } = await shownWhen("one leader", isOneFleet);
    const leader = leaderOf(bots);
    expect(block).toStartWith(`── ${leader?.botId} leads ─`);
    expect(block).toMatch(/^bot-\d {2}pid \d+ {2}LEADER term 1 {2}/m);
    expect(block).toMatch(/^bot-\d {2}pid \d+ {2}follower {2}/m);
    expect(new Set(bots.map(({ pid }) => pid)).size).toBe(2);
  },
  DEADLINE_MS,
);

test(
  "killed, the leader is shown as silent, the other leads and updates; it comes back under its name and follows",
  async () => {
    let killed: Failover["killed"] | undefined;
    const failing = killLeader(
      fleet.agents,
      { killed: (leader) => (killed = leader), led: () => undefined },
      AbortSignal.timeout(DEADLINE_MS),
    );
    const silent = await shownWhen("silence", (bots) =>
      bots.some(({ pid, health }) => pid === undefined && health === undefined),
    );
    expect(silent.block).toMatch(/^bot-\d {2}no process {2}DOES NOT ANSWER since \d\d:\d\d:\d\d \(/m);

    const failover = await failing;
    if (failover === undefined || killed === undefined) throw new Error(`no failover:\n${lines.join("\n")}`);
    const { successor } = failover;
    expect(failover.killed.pid).toBe(killed.pid);
    expect(await isAlive(killed.pid)).toBe(false);
    expect(successor.botId).not.toBe(killed.botId);
    expect(successor.term).toBe(2);
    expect(failover.landedBy).toBe(successor.botId);
    expect(failover.landedAfterMs).toBeGreaterThanOrEqual(failover.ledAfterMs);
    expect(lines).toContainEqual(expect.stringContaining(`${killed.botId}: ended (by SIGKILL)`));
    expect(lines).toContainEqual(
      expect.stringContaining(`Previous leader ${killed.botId} is dead, taking over`),
    );

    const back = await shownWhen("the killed bot is back", isOneFleet);
    expect(leaderOf(back.bots)).toMatchObject({ botId: successor.botId, pid: successor.pid });
    expect(leaderOf(back.bots)?.health?.term).toBe(2);
    const returned = back.bots.find(({ botId }) => botId === killed?.botId);
    expect(returned?.pid).not.toBe(killed.pid);
    expect(back.block).toMatch(new RegExp(`^${killed.botId} {2}pid ${returned?.pid} +follower `, "m"));
  },
  2 * DEADLINE_MS,
);

test(
  "stop leaves no process, and without leader or signal a kill is given up",
  async () => {
    const pids = fleet.agents.map(({ pid }) => pid ?? 0);
    await fleet.stop();
    await fleet.ended;
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
    const told = { killed: () => undefined, led: () => undefined };
    expect(await killLeader(fleet.agents, told, new AbortController().signal, 300)).toBeUndefined();
  },
  DEADLINE_MS,
);
