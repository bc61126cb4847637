/** Guarantee G4: moves too large to be believed at once, on real chains and with the production configuration. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { HoldApproval } from "@jeju-oracle/kit";
import type { TestAgent } from "./support/agents.ts";
import { metric } from "./support/metric.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const HEARTBEAT_S = 300;
const POLL_S = 10;
const ETH_USD8 = 3_000n * 10n ** 8n;
/** HOLD_CONFIRMATIONS, HOLD_MIN_DURATION_S by default. */
const CONFIRMATIONS = 3;
const MIN_DURATION_S = 60n;
const ADA = { by: "ada", reason: "checked against two exchanges" };

let world: SteppedWorld;

beforeEach(async () => {
  world = await SteppedWorld.start({ ethUsd8: ETH_USD8 });
});

afterEach(() => world.stop());

const percentUp = (percent: bigint) => (ETH_USD8 * (100n + percent)) / 100n;
/** Of what an agent holds. */
function approvalOf(agent: TestAgent): HoldApproval {
  const { sourceEthUsd8 = 0n, sourceElizaUsd8 = 0n, lastUpdateMs } = agent.updater.snapshot();
  return {
    ...ADA,
    id: "approval-1",
    ethUsd8: sourceEthUsd8,
    elizaUsd8: sourceElizaUsd8,
    lastUpdateS: BigInt(lastUpdateMs / 1_000),
    untilChainTimeS: BigInt(world.nowS + 300),
  };
}

const lastReason = (agent: TestAgent) => agent.looks.at(-1)?.decision.reason;
const landedPrices = async () => (await world.net.updates()).map(({ ethUsd8 }) => ethUsd8);

async function walletOf(): Promise<{ nonce: number; balanceWei: bigint }> {
  const { address } = world.net.keys.updater;
  const { client } = world.net.jeju;
  const [nonce, balanceWei] = await Promise.all([
    client.getTransactionCount({ address }),
    client.getBalance({ address }),
  ]);
  return { nonce, balanceWei };
}

describe("G4: a move beyond MAX_PRICE_DEVIATION_PCT", () => {
  test("is pushed once 3 readings over 60 s agree, not before", async () => {
    const agent = await world.agent();
    await world.net.feed.setAnswer(percentUp(15n));
    await world.passUntil("an update landed", () => agent.landed.length === 1, 200);

    const held = agent.looks.filter(({ decision }) => decision.reason === "held");
    const firstHeldS = held[0]?.nowS ?? 0n;
    const [update] = await world.net.updates();
    expect(held.length).toBeGreaterThanOrEqual(CONFIRMATIONS);
    expect(BigInt(update?.timestampS ?? 0) - firstHeldS).toBeGreaterThanOrEqual(MIN_DURATION_S);
    expect(update?.ethUsd8).toBe(percentUp(15n));
    expect(agent.landed[0]?.reason).toBe("deviation");
    await world.pass(POLL_S);
    expect(agent.alerts.has("price-held")).toBe(false);
    expect(await metric(agent, "oracle_held")).toBe(0);
  }, 60_000);

  test("is held while readings disagree: no update, no heartbeat, an alert; the last good price stays", async () => {
    const agent = await world.agent();
    const wallet = await walletOf();
    for (let look = 0; look < 90; look++) {
      await world.net.feed.setAnswer(percentUp(look % 2 === 0 ? 15n : 19n));
      await world.pass(POLL_S, POLL_S / 2);
    }
    const held = agent.looks.slice(1).map(({ decision }) => decision);
    expect(held.length).toBeGreaterThanOrEqual(80);
    expect([...new Set(held.map(({ reason }) => reason))]).toEqual(["held"]);
    expect(held.at(-1)).toMatchObject({ kind: "skip", wouldPush: "deviation" });
    expect(Number((await world.net.oracleState()).lastUpdateS)).toBeLessThan(world.nowS - 2 * HEARTBEAT_S);
    expect(await landedPrices()).toEqual([]);
    expect(await walletOf()).toEqual(wallet);
    expect(agent.alerts.get("price-held")?.severity).toBe("warning");
    expect(await metric(agent, "oracle_held")).toBe(1);
    expect(agent.failures).toEqual([]);

    // They agree at last.
    await world.net.feed.setAnswer(percentUp(17n));
    await world.passUntil("an update landed", () => agent.landed.length === 1, 120);
    expect(await landedPrices()).toEqual([percentUp(17n)]);
  }, 60_000);

  test("that is gone again by the next look was never pushed", async () => {
    const agent = await world.agent();
    await world.net.feed.setAnswer(percentUp(15n));
    await world.pass(2 * POLL_S);
    expect(lastReason(agent)).toBe("held");
    await world.net.feed.setAnswer(ETH_USD8);
    await world.pass(2 * POLL_S);
    expect(lastReason(agent)).toBe("unchanged");
    expect(agent.alerts.has("price-held")).toBe(false);
    await world.passUntil("the heartbeat landed", () => agent.landed.length === 1, HEARTBEAT_S + POLL_S);
    expect(await landedPrices()).toEqual([ETH_USD8]);
  }, 60_000);

  test("is pushed at once when an engineer approves what was shown", async () => {
    const agent = await world.agent();
    await world.net.feed.setAnswer(percentUp(15n));
    await world.pass(2 * POLL_S);
    agent.updater.approveHeld(approvalOf(agent));
    await world.passUntil("an update landed", () => agent.landed.length === 1, POLL_S);
    expect(agent.landed[0]).toMatchObject({ reason: "approved", ethUsd8: percentUp(15n) });
    expect(agent.log.matching("Held price approved").join()).toContain("ada");
  }, 60_000);

  test("is pushed once for one approval, also by a run that hears of it only later", async () => {
    const agent = await world.agent();
    await world.net.feed.setAnswer(percentUp(15n));
    await world.pass(2 * POLL_S);
    const approval = approvalOf(agent);
    agent.updater.approveHeld(approval);
    await world.passUntil("an update landed", () => agent.landed.length === 1, POLL_S);

    // Back to where it was, and up again to the approved price: another move, which nobody approved.
    await world.net.feed.setAnswer(ETH_USD8);
    await world.passUntil("it is held", () => lastReason(agent) === "held", 2 * POLL_S);
    await world.passUntil("an update landed", () => agent.landed.length === 2, 100);
    const later = await world.agent({}, { botIndex: 1, leads: () => false });
    later.updater.approveHeld(approval);
    agent.updater.approveHeld(approval);
    await world.net.feed.setAnswer(percentUp(15n));
    await world.pass(2 * POLL_S);
    expect([lastReason(agent), lastReason(later)]).toEqual(["held", "held"]);
    expect(later.log.matching("Held price approved")).toEqual([]);
  }, 60_000);

  test("is not pushed when the approval was replaced between the decision and the transaction", async () => {
    const agent = await world.agent();
    await world.net.feed.setAnswer(percentUp(15n));
    await world.pass(2 * POLL_S);
    const approval = approvalOf(agent);
    const replaced = agent
      .nextLook(({ decision }) => decision.reason === "approved")
      .then(() => agent.updater.approveHeld({ ...approval, id: "approval-2", ethUsd8: percentUp(20n) }));
    agent.updater.approveHeld(approval);
    await world.pass(POLL_S);
    await replaced;
    expect(agent.looks.filter(({ decision }) => decision.kind === "push")).toHaveLength(1);
    expect(lastReason(agent)).toBe("held");
    expect(await landedPrices()).toEqual([]);
    expect(agent.failures).toEqual([]);
  }, 60_000);

  test("stays held when the approved prices are not those of the readings", async () => {
    const agent = await world.agent();
    await world.net.feed.setAnswer(percentUp(15n));
    await world.pass(2 * POLL_S);
    agent.updater.approveHeld({ ...approvalOf(agent), ethUsd8: percentUp(20n) });
    await world.pass(POLL_S);
    expect(lastReason(agent)).toBe("held");
    expect(await landedPrices()).toEqual([]);
  }, 60_000);
});

test("G4: a move beyond the contract's 50 % is not sent: no gas is burnt, a human is paged, the owner's update ends it", async () => {
  const agent = await world.agent();
  const wallet = await walletOf();
  await world.net.feed.setAnswer(percentUp(60n));
  await world.pass(HEARTBEAT_S + 10 * POLL_S, POLL_S);

  const reasons = agent.looks.slice(1).map(({ decision }) => decision.reason);
  expect(reasons.length).toBeGreaterThanOrEqual(30);
  expect([...new Set(reasons)]).toEqual(["beyond-contract-limit"]);
  expect(await walletOf()).toEqual(wallet);
  expect(await landedPrices()).toEqual([]);
  expect(agent.failures).toEqual([]);
  expect(agent.alerts.get("beyond-contract-limit")).toMatchObject({
    severity: "critical",
    nextStep: expect.stringContaining("Emergency Price Update"),
  });

  // The runbook: the owner sets the price, the fleet holds until a person resumes.
  await world.net.owner.emergencyPriceUpdate(percentUp(60n), agent.updater.snapshot().sourceElizaUsd8 ?? 0n);
  await world.pass(2 * POLL_S);
  expect(agent.alerts.has("beyond-contract-limit")).toBe(false);
  expect(agent.alerts.get("foreign-update")?.severity).toBe("critical");
  agent.updater.resume(ADA);
  await world.passUntil(
    "the heartbeat landed",
    () => agent.landed.length === 1,
    HEARTBEAT_S + 2 * POLL_S,
    POLL_S,
  );
  expect((await landedPrices()).at(-1)).toBe(percentUp(60n));
}, 60_000);

describe("G4: a pool whose spot is far from its average", () => {
  /** elizaOS falls by 9 %: the spread is 9 % now, and the average moves by 1 % within some 200 s. */
  const doubtful = async () => {
    const agent = await world.agent();
    await world.pass(POLL_S);
    await world.net.market.moveByBps(1_000);
    return agent;
  };

  test("holds deviation pushes of elizaOS and alerts, while heartbeats carry the average", async () => {
    const agent = await doubtful();
    await world.passUntil(
      "the average has moved enough for a push",
      () => lastReason(agent) === "pool-doubtful",
      HEARTBEAT_S,
    );
    expect(agent.landed).toEqual([]);
    expect(agent.alerts.get("spot-twap-spread")?.severity).toBe("warning");
    const waitedS = await world.passUntil(
      "the heartbeat landed",
      () => agent.landed.length === 1,
      HEARTBEAT_S,
    );
    expect(waitedS).toBeGreaterThan(POLL_S);
    expect(agent.landed[0]?.reason).toBe("heartbeat");
    const look = agent.looks.findLast(({ decision }) => decision.kind === "push");
    expect(look?.source.kind === "quote" && look.source.elizaUsd8).toBe(agent.landed[0]?.elizaUsd8 ?? 0n);
  }, 60_000);

  test("does not hold an update because ETH moved", async () => {
    const agent = await doubtful();
    await world.passUntil(
      "the average has moved enough for a push",
      () => lastReason(agent) === "pool-doubtful",
      HEARTBEAT_S,
    );
    await world.net.feed.setAnswer(percentUp(2n));
    await world.passUntil("an update landed", () => agent.landed.length === 1, 2 * POLL_S);
    expect(agent.landed[0]).toMatchObject({ reason: "deviation", ethUsd8: percentUp(2n) });
  }, 60_000);
});
