import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import type { FleetAgent } from "./support/agent.ts";
import { Fleet } from "./support/fleet.ts";

/** Of the default profile. */
const RENEW_S = 5;
const SHORTEST_POLL_S = 0.8;
const IDLE_S = 25;
/** An interpreter that has just started still compiles. */
const WARM_UP_S = 20;
const CPU_BOUND_PCT = 1;

let net: Localnet;
beforeAll(async () => {
  net = await startLocalnet();
});
afterAll(() => net.stop());

interface Cost {
  readonly looks: number;
  readonly writes: number;
  readonly cpuMs: number;
}

async function costOf(agent: FleetAgent): Promise<Cost> {
  const requests = async (operation: string) =>
    (await agent.metric("oracle_store_request_duration_seconds_count", `operation="${operation}"`)) ?? 0;
  return { looks: await requests("look"), writes: await requests("write"), cpuMs: agent.cpuMs() };
}

test("an idle fleet costs the store one request per renewal of the leader and per poll of a follower, and the host little", async () => {
  await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2"], env: { BASE_WS_URL: "" } });
  for (const botId of ["bot-1", "bot-2"]) await fleet.start(botId);
  const leader = await fleet.leader();
  const agents = [leader, fleet.agents.find((agent) => agent !== leader)!];
  // What start and election bring along is over.
  await Bun.sleep(WARM_UP_S * 1_000);
  const before = await Promise.all(agents.map(costOf));
  const startedAtMs = performance.now();
  await Bun.sleep(IDLE_S * 1_000);
  const after = await Promise.all(agents.map(costOf));
  const tookS = (performance.now() - startedAtMs) / 1_000;
  const [ofLeader, ofFollower] = after.map(({ looks, writes, cpuMs }, index) => ({
    looks: looks - before[index]!.looks,
    writes: writes - before[index]!.writes,
    cpuPct: (cpuMs - before[index]!.cpuMs) / tookS / 10,
  }));
  for (const [role, cost] of Object.entries({ leader: ofLeader!, follower: ofFollower! })) {
    const { looks, writes, cpuPct } = cost;
    console.log(
      `MEASURED idle ${role} in ${tookS.toFixed(0)} s: ${looks} reads and ${writes} writes of the store, ${cpuPct.toFixed(2)} % of a core`,
    );
  }
  const renewals = Math.ceil(tookS / RENEW_S) + 1;
  expect(ofLeader!.looks + ofLeader!.writes).toBeLessThanOrEqual(renewals);
  // A report takes the place of a read; a renewal of the leader is looked at as it happens, beside the polls.
  const polls = Math.ceil(tookS / SHORTEST_POLL_S) + 1;
  expect(ofFollower!.looks + ofFollower!.writes).toBeLessThanOrEqual(polls + renewals);
  expect(ofFollower!.writes).toBeLessThanOrEqual(renewals);
  expect(ofFollower!.cpuPct).toBeLessThan(CPU_BOUND_PCT);
}, 90_000);
