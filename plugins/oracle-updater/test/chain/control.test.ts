/** What people can ask of a running agent, and the settings that hold it back: on real chains. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SteppedWorld } from "./support/stepped-world.ts";

const HEARTBEAT_S = 300;
const POLL_S = 10;
const ETH_USD8 = 3_000n * 10n ** 8n;
const ADA = { by: "ada", reason: "drill" };

let world: SteppedWorld;

beforeEach(async () => {
  world = await SteppedWorld.start({ ethUsd8: ETH_USD8 });
});

afterEach(() => world.stop());

const percentUp = (percent: bigint) => (ETH_USD8 * (100n + percent)) / 100n;

/** The result of something that needs time to pass. */
async function whilePassing<T>(work: Promise<T>, limitS: number): Promise<T> {
  let result: { readonly value: T } | undefined;
  const settled = work.then((value) => {
    result = { value };
  });
  await world.passUntil("it ended", () => result !== undefined, limitS);
  await settled;
  if (result === undefined) throw new Error("unreachable: it ended");
  return result.value;
}

describe("forceUpdate", () => {
  test("pushes at once though nothing is due and MIN_UPDATE_INTERVAL_S has not passed, and tells the transaction", async () => {
    const agent = await world.agent();
    const result = await whilePassing(agent.updater.forceUpdate(ADA), POLL_S);
    const [update] = await world.net.updates();
    expect(result).toEqual({
      landed: true,
      detail: `landed in block ${update?.blockNumber}`,
      transactionHash: update?.transactionHash,
    });
    expect(agent.landed[0]?.reason).toBe("forced");
    expect(agent.log.matching("Forced update requested").join()).toContain("ada");
  }, 60_000);

  test("still obeys every guard: a held move, a rejected source and a pause are answered, not pushed", async () => {
    const agent = await world.agent();
    await world.net.feed.setAnswer(percentUp(15n));
    expect(await whilePassing(agent.updater.forceUpdate(ADA), POLL_S)).toMatchObject({
      landed: false,
      detail: expect.stringMatching(/^held: /),
    });
    await world.net.feed.setRound({ answer: 0n });
    expect(await whilePassing(agent.updater.forceUpdate(ADA), POLL_S)).toMatchObject({
      landed: false,
      detail: expect.stringMatching(/^source-rejected: answer-not-positive/),
    });
    await world.net.feed.setAnswer(ETH_USD8);
    agent.updater.pause(ADA);
    expect(await whilePassing(agent.updater.forceUpdate(ADA), POLL_S)).toMatchObject({
      landed: false,
      detail: "paused: paused by ada: drill",
    });
    expect(await world.net.updates()).toEqual([]);
  }, 60_000);
});

describe("pause", () => {
  test("stops every push until resumed, heartbeats included", async () => {
    const agent = await world.agent();
    agent.updater.pause(ADA);
    await world.pass(HEARTBEAT_S + 5 * POLL_S, POLL_S);
    expect(agent.updater.snapshot().lastDecision).toMatchObject({ reason: "paused", wouldPush: "heartbeat" });
    expect(agent.updater.snapshot().pausedBy).toBe("paused by ada: drill");
    expect(agent.alerts.get("paused")?.severity).toBe("info");
    expect(await world.net.updates()).toEqual([]);

    agent.updater.resume(ADA);
    await world.passUntil("an update landed", () => agent.landed.length === 1, 2 * POLL_S);
    await world.pass(POLL_S);
    expect(agent.alerts.has("paused")).toBe(false);
  }, 60_000);

  test("with an end, ends by chain time: a wrong host clock neither shortens nor prolongs it", async () => {
    const agent = await world.agent();
    const untilS = world.nowS + 2 * HEARTBEAT_S;
    agent.updater.pause({ ...ADA, untilChainTimeS: BigInt(untilS) });
    world.clock.jumpWall(86_400_000);
    await world.pass(2 * HEARTBEAT_S - POLL_S, POLL_S);
    expect(agent.updater.snapshot().pausedBy).toBeDefined();
    expect(await world.net.updates()).toEqual([]);
    world.clock.jumpWall(-2 * 86_400_000);
    await world.passUntil("an update landed", () => agent.landed.length === 1, 5 * POLL_S);
    const [update] = await world.net.updates();
    expect(update?.timestampS).toBeGreaterThanOrEqual(untilS);
    expect(agent.updater.snapshot().pausedBy).toBeUndefined();
  }, 60_000);

  test("survives a restart", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "oracle-agent-"));
    try {
      const before = await world.agent({}, { stateDir });
      before.updater.pause(ADA);
      await world.pass(POLL_S);
      await before.stop();
      const after = await world.agent({}, { stateDir });
      await world.pass(HEARTBEAT_S + 5 * POLL_S, POLL_S);
      expect(after.updater.snapshot().pausedBy).toBe("paused by ada: drill");
      expect(await world.net.updates()).toEqual([]);
      after.updater.resume(ADA);
      await world.passUntil("an update landed", () => after.landed.length === 1, 2 * POLL_S);
      await after.stop();
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  }, 60_000);
});

describe("settings that hold an agent back", () => {
  test("OBSERVE_ONLY decides and tells but sends nothing, not even when forced", async () => {
    const jeju = await world.proxy("jeju");
    const agent = await world.agent({ OBSERVE_ONLY: "true", JEJU_RPC_URLS: jeju.url });
    await world.net.feed.setAnswer(percentUp(2n));
    await world.pass(60 + 2 * POLL_S);
    expect(agent.updater.snapshot().lastDecision).toMatchObject({
      reason: "observe-only",
      wouldPush: "deviation",
    });
    expect(await whilePassing(agent.updater.forceUpdate(ADA), POLL_S)).toMatchObject({
      landed: false,
      detail: expect.stringContaining("OBSERVE_ONLY"),
    });
    await world.pass(HEARTBEAT_S + 2 * POLL_S, POLL_S);
    expect(jeju.calls.get("eth_sendRawTransaction")).toBeUndefined();
    expect(jeju.calls.get("eth_estimateGas")).toBeUndefined();
    expect(await world.net.updates()).toEqual([]);
  }, 60_000);

  test("MIN_UPDATE_INTERVAL_S: however often the price moves, two updates are at least so far apart", async () => {
    const agent = await world.agent({ MIN_UPDATE_INTERVAL_S: "60" });
    for (let move = 1n; move <= 40n; move++) {
      await world.net.feed.setAnswer(move % 2n === 0n ? ETH_USD8 : percentUp(2n));
      await world.pass(POLL_S);
    }
    const times = (await world.net.updates()).map(({ timestampS }) => timestampS);
    expect(times.length).toBeGreaterThanOrEqual(4);
    for (const [index, atS] of times.slice(1).entries())
      expect(atS - (times[index] ?? 0)).toBeGreaterThanOrEqual(60);
    expect(agent.looks.some(({ decision }) => decision.reason === "rate-limited")).toBe(true);
    expect(agent.failures).toEqual([]);
  }, 60_000);

  test("DEVIATION_THRESHOLD_BPS: a move of 1 % goes out at the next look, a smaller one with the heartbeat", async () => {
    const agent = await world.agent();
    await world.pass(60);
    await world.net.feed.setAnswer(ETH_USD8 + (ETH_USD8 * 99n) / 10_000n);
    await world.pass(5 * POLL_S);
    expect(agent.looks.at(-1)?.decision.reason).toBe("unchanged");
    await world.net.feed.setAnswer(percentUp(1n));
    await world.passUntil("an update landed", () => agent.landed.length === 1, 2 * POLL_S);
    expect(agent.landed[0]).toMatchObject({ reason: "deviation", ethUsd8: percentUp(1n) });
    await world.net.feed.setAnswer(percentUp(1n) + (ETH_USD8 * 99n) / 10_000n);
    await world.passUntil("the heartbeat landed", () => agent.landed.length === 2, HEARTBEAT_S + 2 * POLL_S);
    expect(agent.landed[1]?.reason).toBe("heartbeat");
  }, 60_000);
});

describe("a price that is older than an hour when the agent starts", () => {
  for (const [ageS, reason] of [
    [3_500, "heartbeat"],
    [3_700, "stale"],
  ] as const) {
    test(`${ageS} s: is pushed by the first look, as ${reason}`, async () => {
      await world.stop();
      world = await SteppedWorld.start({ ethUsd8: ETH_USD8, initialOracle: { ageS } });
      const agent = await world.agent();
      await world.passUntil("an update landed", () => agent.landed.length === 1, POLL_S);
      expect(agent.landed[0]?.reason).toBe(reason);
      expect(agent.looks).toHaveLength(1);
      expect((await world.net.oracleState()).fresh).toBe(true);
    }, 60_000);
  }
});
