/** What operators order for the whole fleet, obeyed by each agent once: on real chains, with the production configuration. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FleetDirective } from "@jeju-oracle/kit";
import type { TestAgent } from "./support/agents.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const HEARTBEAT_S = 300;
const POLL_S = 10;
const ETH_USD8 = 3_000n * 10n ** 8n;
const GRACE = { by: "grace", reason: "incident 7" };
const pause = (id: string): FleetDirective => ({ id, kind: "pause", ...GRACE });
const resume = (id: string): FleetDirective => ({ id, kind: "resume", ...GRACE });

let world: SteppedWorld;
let stateDir: string;

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "oracle-agent-"));
  world = await SteppedWorld.start({ ethUsd8: ETH_USD8 });
});

afterEach(async () => {
  await world.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const percentUp = (percent: bigint) => (ETH_USD8 * (100n + percent)) / 100n;

/** The owner sets a price that no agent decided. */
async function ownerSets(ethUsd8: bigint): Promise<void> {
  const { elizaUsd8 } = await world.net.oracleState();
  await world.net.owner.emergencyPriceUpdate(ethUsd8, elizaUsd8);
  await world.pass(2 * POLL_S);
}

const pausedBy = (agents: readonly TestAgent[]) => agents.map(({ updater }) => updater.snapshot().pausedBy);

describe("a pause of the fleet", () => {
  test("stops every push, and ends by chain time whatever the host's clock says", async () => {
    const agent = await world.agent();
    const untilS = world.nowS + 2 * HEARTBEAT_S;
    agent.updater.obey({ ...pause("d1"), untilChainTimeS: BigInt(untilS) });
    expect(agent.updater.snapshot()).toMatchObject({
      directiveId: "d1",
      pausedBy: "paused by grace: incident 7",
    });
    world.clock.jumpWall(86_400_000);
    await world.pass(2 * HEARTBEAT_S - POLL_S, POLL_S);
    expect(await world.net.updates()).toEqual([]);
    world.clock.jumpWall(-2 * 86_400_000);
    await world.passUntil("an update landed", () => agent.landed.length === 1, 5 * POLL_S);
    const [update] = await world.net.updates();
    expect(update?.timestampS).toBeGreaterThanOrEqual(untilS);
  }, 60_000);

  test("survives a restart; obeyed by the earlier run it changes nothing in the next", async () => {
    const before = await world.agent({}, { stateDir });
    before.updater.obey(pause("d1"));
    await world.pass(POLL_S);
    await before.stop();

    const after = await world.agent({}, { stateDir });
    expect(after.updater.snapshot()).toMatchObject({
      directiveId: "d1",
      pausedBy: "paused by grace: incident 7",
    });
    await world.pass(HEARTBEAT_S + 5 * POLL_S, POLL_S);
    expect(await world.net.updates()).toEqual([]);

    after.updater.resume(GRACE);
    after.updater.obey(pause("d1"));
    expect(after.updater.snapshot().pausedBy).toBeUndefined();
    await world.passUntil("an update landed", () => after.landed.length === 1, 2 * POLL_S);
    expect(after.log.matching("Updates are paused for the fleet")).toEqual([]);
  }, 60_000);

  test("ends with a resume of the fleet, at once", async () => {
    const agent = await world.agent();
    agent.updater.obey(pause("d1"));
    await world.pass(HEARTBEAT_S + 2 * POLL_S, POLL_S);
    agent.updater.obey(resume("d2"));
    await world.clock.atRest();
    expect(agent.log.matching('"msg":"Pushing"')).toHaveLength(1);
    await world.passUntil("an update landed", () => agent.landed.length === 1, 2 * POLL_S);
    expect(agent.updater.snapshot().directiveId).toBe("d2");
    expect(agent.log.matching("Updates are resumed for the fleet").join()).toContain("grace");
  }, 60_000);
});

describe("G2: a resume of the fleet", () => {
  test("ends a foreign-update hold on every agent, once per id: the next hold needs a new one, also after a restart", async () => {
    const agents = [await world.agent({}, { botIndex: 0 }), await world.agent({}, { botIndex: 1, stateDir })];
    await ownerSets(percentUp(3n));
    expect(pausedBy(agents)).toEqual([
      expect.stringContaining("foreign update"),
      expect.stringContaining("foreign update"),
    ]);
    for (const { updater } of agents) updater.obey(resume("d1"));
    expect(pausedBy(agents)).toEqual([undefined, undefined]);
    await world.pass(2 * POLL_S);

    await ownerSets(percentUp(5n));
    for (const { updater } of agents) updater.obey(resume("d1"));
    expect(pausedBy(agents)).toEqual([
      expect.stringContaining("foreign update"),
      expect.stringContaining("foreign update"),
    ]);
    await agents[1]?.stop();
    const restarted = await world.agent({}, { botIndex: 1, stateDir });
    restarted.updater.obey(resume("d1"));
    expect(restarted.updater.snapshot().pausedBy).toContain("foreign update");
    restarted.updater.obey(resume("d2"));
    expect(restarted.updater.snapshot().pausedBy).toBeUndefined();
  }, 60_000);
});

test("an agent that has stopped still tells its last state, and obeys nothing more", async () => {
  const agent = await world.agent({}, { stateDir });
  await world.pass(POLL_S);
  const before = agent.updater.snapshot();
  await agent.stop();
  agent.updater.obey(pause("d-late"));
  const { lastUpdateMs, healthy, directiveId } = agent.updater.snapshot();
  expect({ lastUpdateMs, healthy, directiveId }).toEqual({
    lastUpdateMs: before.lastUpdateMs,
    healthy: true,
    directiveId: undefined,
  });
  expect(agent.log.matching("cannot be stored")).toEqual([]);
});
