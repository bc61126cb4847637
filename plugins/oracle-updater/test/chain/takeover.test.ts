/** A follower that becomes the leader acts at once: on real chains, with the production configuration. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FleetDirective } from "@jeju-oracle/kit";
import { JEJU_CHAIN_ID, type RpcProxy } from "@jeju-oracle/localnet";
import { Journal } from "../../src/transaction/journal.ts";
import { entryAt } from "../support/journal-entries.ts";
import type { TestAgent } from "./support/agents.ts";
import { follower, ScriptedLeadership } from "./support/leaderships.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const HEARTBEAT_S = 300;
const POLL_S = 10;
const ETH_USD8 = 3_000n * 10n ** 8n;
const PAUSE: FleetDirective = { id: "d1", kind: "pause", by: "ada", reason: "incident 7" };

let world: SteppedWorld;
let jeju: RpcProxy;

beforeEach(async () => {
  world = await SteppedWorld.start({ ethUsd8: ETH_USD8 });
  jeju = await world.proxy("jeju");
});

afterEach(() => world.stop());

const percentUp = (percent: bigint) => (ETH_USD8 * (100n + percent)) / 100n;
const sends = () => jeju.calls.get("eth_sendRawTransaction") ?? 0;
const agentWith = (leadership: ScriptedLeadership, env: Record<string, string> = {}) =>
  world.agent({ JEJU_RPC_URLS: jeju.url, ...env }, { leadership });

describe("a follower that becomes the leader", () => {
  test("pushes what is due in the look that is asked for, before any time passes", async () => {
    const leadership = follower();
    const agent = await agentWith(leadership);
    await world.pass(HEARTBEAT_S + 2 * POLL_S, POLL_S);
    expect(agent.looks.at(-1)?.decision).toMatchObject({ reason: "not-leader", detail: "other leads" });
    expect(sends()).toBe(0);
    leadership.lead(2);
    agent.updater.lookNow();
    await world.clock.atRest();
    expect(sends()).toBe(1);
    await world.passUntil("it landed", () => agent.landed.length === 1, 2 * POLL_S);
    expect(agent.landed[0]).toMatchObject({ reason: "heartbeat", as: "leader" });
  }, 60_000);

  test("pushes a large move at once when it saw the readings agree as a follower", async () => {
    const leadership = follower();
    const agent = await agentWith(leadership);
    await world.net.feed.setAnswer(percentUp(15n));
    await world.pass(2 * POLL_S);
    expect(agent.looks.at(-1)?.decision).toMatchObject({ reason: "held" });
    await world.pass(6 * POLL_S);
    expect(agent.looks.at(-1)?.decision).toMatchObject({ reason: "not-leader", wouldPush: "deviation" });
    leadership.lead(2);
    agent.updater.lookNow();
    await world.clock.atRest();
    expect(sends()).toBe(1);
  }, 60_000);

  test("has no failures and no back-off from what it could not read as a follower", async () => {
    const base = await world.proxy("base");
    const leadership = follower();
    const agent = await agentWith(leadership, { BASE_RPC_URLS: base.url });
    await base.setFault({ kind: "refuse" });
    await world.pass(2 * HEARTBEAT_S, POLL_S);
    expect(agent.failures).toEqual([]);
    expect(agent.updater.snapshot().consecutiveFailures).toBe(0);
    expect([...agent.alerts.keys()].filter((key) => key.startsWith("update-failed"))).toEqual([]);
    await base.setFault(null);
    await world.net.feed.setAnswer(ETH_USD8);
    leadership.lead(2);
    agent.updater.lookNow();
    await world.clock.atRest();
    expect(sends()).toBe(1);
  }, 60_000);

  test("does not wait for the back-off of an earlier leadership, but in one leadership attempts stay spaced", async () => {
    const wallet = (value: bigint) =>
      world.net.jeju.client.setBalance({ address: world.net.keys.updater.address, value });
    const leadership = follower();
    leadership.lead(1);
    const agent = await agentWith(leadership);
    await wallet(0n);
    await world.passUntil("four failures", () => agent.failures.length === 4, 2 * HEARTBEAT_S);
    await wallet(10n ** 18n);
    agent.updater.lookNow();
    await world.clock.atRest();
    expect(agent.looks.at(-1)?.decision).toMatchObject({ reason: "backing-off" });
    leadership.follow();
    agent.updater.lookNow();
    await world.clock.atRest();
    expect(agent.updater.snapshot().consecutiveFailures).toBe(4);
    leadership.lead(3);
    agent.updater.lookNow();
    await world.clock.atRest();
    expect(sends()).toBe(1);
  }, 60_000);
});

test("what an earlier run signed counts as in flight, with an age, until the new leader has settled its nonce", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "oracle-agent-"));
  try {
    const sender = world.net.keys.updater.address;
    const nonce = await world.net.jeju.client.getTransactionCount({ address: sender });
    const journal = new Journal(stateDir, "bot-1", { chainId: JEJU_CHAIN_ID, sender }, world.clock);
    journal.record(entryAt(nonce));
    journal.close();
    const leadership = follower();
    const agent = await world.agent({}, { leadership, stateDir });
    await world.pass(3 * POLL_S, POLL_S);
    expect(agent.updater.snapshot().inFlightAgeMs).toBe(3 * POLL_S * 1000);
    leadership.lead(2);
    agent.updater.lookNow();
    await world.pass(3 * POLL_S, POLL_S / 2);
    expect(agent.updater.snapshot().inFlightAgeMs).toBeUndefined();
    await agent.stop();
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}, 60_000);

describe("between the decision and the send", () => {
  /**
   * A leader in whose first push something happens while the update is simulated: after the decision was repeated on the
   * state to send on, before the last word.
   */
  async function interruptedLeader(happens: (agent: TestAgent, leadership: ScriptedLeadership) => void) {
    const leadership = new ScriptedLeadership(() => {
      const decided = agent?.looks.at(-1)?.decision.kind === "push";
      if (decided && jeju.calls.get("eth_estimateGas") === undefined) {
        setImmediate(() => agent && happens(agent, leadership));
      }
      return { granted: true, as: "leader", term: 1 };
    });
    let agent: TestAgent | undefined;
    agent = await agentWith(leadership);
    return agent;
  }

  test("a pause of the fleet stops the send: nothing is signed away, and the directive counts as obeyed", async () => {
    const agent = await interruptedLeader(({ updater }) => updater.obey(PAUSE));
    await world.net.feed.setAnswer(percentUp(2n));
    await world.pass(60 + 2 * POLL_S);
    expect(jeju.calls.get("eth_estimateGas")).toBe(1);
    expect(sends()).toBe(0);
    expect(agent.updater.snapshot()).toMatchObject({ directiveId: "d1", inFlightAgeMs: undefined });
    await world.pass(HEARTBEAT_S, POLL_S);
    expect(await world.net.updates()).toEqual([]);
    expect(agent.failures).toEqual([]);
  }, 60_000);

  test("the loss of the lead stops the send", async () => {
    const agent = await interruptedLeader((_agent, leadership) => leadership.follow());
    await world.net.feed.setAnswer(percentUp(2n));
    await world.pass(60 + 2 * POLL_S);
    expect(jeju.calls.get("eth_estimateGas")).toBe(1);
    expect(sends()).toBe(0);
    expect(agent.updater.snapshot().inFlightAgeMs).toBeUndefined();
    expect(agent.failures).toEqual([]);
  }, 60_000);
});
