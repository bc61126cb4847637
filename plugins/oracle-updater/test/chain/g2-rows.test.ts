/** Guarantee G2, the rows beside the matrix: what could make an agent overwrite a price that it has not seen. */

import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualPriceOracleAbi } from "@jeju-oracle/contracts/ManualPriceOracle";
import { type Localnet, startLocalnet, startRpcProxy } from "@jeju-oracle/localnet";
import { formatUnits } from "viem";
import { QUICK, startAgent, type TestAgent, type TestAgentOptions } from "./support/agents.ts";

const START_ETH_USD8 = 3_000n * 10n ** 8n;
const JEJU_BLOCK_MS = 300;

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, 30_000);

async function network(fence: "nonce" | "contract" = "nonce"): Promise<Localnet> {
  const net = await startLocalnet({
    fence,
    bots: 2,
    baseBlockTimeMs: 1_000,
    jejuBlockTimeMs: JEJU_BLOCK_MS,
    ethUsd8: START_ETH_USD8,
  });
  cleanups.push(() => net.stop());
  return net;
}

async function agentOn(
  net: Localnet,
  index: number,
  env: Record<string, string> = {},
  options: Partial<TestAgentOptions> = {},
): Promise<TestAgent> {
  const agent = startAgent({
    env: { ...net.env(index), ...QUICK, ...env },
    botId: `bot-${index + 1}`,
    ...options,
  });
  cleanups.push(() => agent.stop());
  await agent.until("a first look", () => agent.looks.length > 0);
  return agent;
}

const percentUp = (percent: bigint) => (START_ETH_USD8 * (100n + percent)) / 100n;

async function nonces(net: Localnet): Promise<{ latest: number; pending: number }> {
  const address = net.keys.updater.address;
  const [latest, pending] = await Promise.all([
    net.jeju.client.getTransactionCount({ address, blockTag: "latest" }),
    net.jeju.client.getTransactionCount({ address, blockTag: "pending" }),
  ]);
  return { latest, pending };
}

async function eventually(what: string, holds: () => Promise<boolean>, deadlineMs = 15_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await Bun.sleep(50);
  }
}

describe("G2: a dead leader's pending transaction", () => {
  test("is replaced by the successor's fresh decision and never lands late", async () => {
    const net = await network();
    const dead = await agentOn(net, 0);
    net.jeju.pause();
    const old = await nonces(net);
    await net.feed.setAnswer(percentUp(2n));
    await eventually("the leader's update is pending", async () => (await nonces(net)).pending > old.latest);
    await dead.stop();
    await net.feed.setAnswer(percentUp(5n));

    const successor = await agentOn(net, 1, { TX_DEADLINE_MS: "1500" });
    await successor.until("sent a replacement", () => successor.log.matching("Pushing").length >= 2);
    await eventually("the replacement is the one that waits", async () => {
      const waiting = await net.jeju.client.getBlock({ blockTag: "pending", includeTransactions: true });
      return waiting.transactions.some((transaction) =>
        transaction.input.includes(percentUp(5n).toString(16)),
      );
    });
    net.jeju.resume();
    await successor.until("its update landed", () => successor.landed.length === 1);

    const updates = await net.updates({ fromBlock: 1n });
    expect(updates.map((update) => update.ethUsd8)).toEqual([percentUp(5n)]);
    expect((await nonces(net)).latest).toBe(old.latest + 1);
  }, 60_000);

  test("is cancelled when nothing is due any more", async () => {
    const net = await network();
    const dead = await agentOn(net, 0);
    net.jeju.pause();
    const old = await nonces(net);
    await net.feed.setAnswer(percentUp(2n));
    await eventually("the leader's update is pending", async () => (await nonces(net)).pending > old.latest);
    await dead.stop();
    await net.feed.setAnswer(START_ETH_USD8);

    const successor = await agentOn(net, 1, { TX_DEADLINE_MS: "1500" });
    await eventually("a cancellation waits instead", async () => {
      const waiting = await net.jeju.client.getBlock({ blockTag: "pending", includeTransactions: true });
      return waiting.transactions.some(({ from, to }) => from === to);
    });
    net.jeju.resume();
    await eventually("the nonce is used up", async () => (await nonces(net)).latest === old.latest + 1);
    await successor.nextLook((look) => look.decision.reason === "unchanged");

    expect(await net.updates({ fromBlock: 1n })).toEqual([]);
  }, 60_000);
});

test("G4: a stuck transaction is cancelled although the sources cannot be read, so its old price never lands", async () => {
  const net = await network();
  const source = await startRpcProxy({ target: net.base.rpcUrl });
  cleanups.push(() => source.stop());
  const env = { BASE_RPC_URLS: source.url, BASE_WS_URL: "", TX_DEADLINE_MS: "1500", RPC_TIMEOUT_MS: "500" };
  const agent = await agentOn(net, 0, env);
  net.jeju.pause();
  const before = await nonces(net);
  await net.feed.setAnswer(percentUp(2n));
  await eventually("the update is pending", async () => (await nonces(net)).pending > before.latest);
  await source.setFault({ kind: "refuse" });
  await eventually("a cancellation waits instead", async () => {
    const waiting = await net.jeju.client.getBlock({ blockTag: "pending", includeTransactions: true });
    return waiting.transactions.some(({ from, to }) => from === to);
  });
  net.jeju.resume();
  await eventually("the nonce is used up", async () => (await nonces(net)).latest > before.latest);
  expect(await net.updates({ fromBlock: 1n })).toEqual([]);
  expect(agent.landed).toEqual([]);
}, 60_000);

test("G4: an update that already pays the fee cap is cancelled, and the fresh price lands at the next nonce", async () => {
  const net = await network();
  net.jeju.pause();
  const gasPriceWei = await net.jeju.client.getGasPrice();
  const capGwei = formatUnits((gasPriceWei * 126n) / 100n, 9);
  const agent = await agentOn(net, 0, { TX_DEADLINE_MS: "1500", MAX_GAS_PRICE_GWEI: capGwei });
  const before = await nonces(net);
  await net.feed.setAnswer(percentUp(2n));
  await eventually("the update is pending", async () => (await nonces(net)).pending > before.latest);
  await net.feed.setAnswer(percentUp(5n));
  await eventually("a cancellation waits instead", async () => {
    const waiting = await net.jeju.client.getBlock({ blockTag: "pending", includeTransactions: true });
    return waiting.transactions.some(({ from, to }) => from === to);
  });
  net.jeju.resume();
  await agent.until("the fresh price landed", () => agent.landed.at(-1)?.ethUsd8 === percentUp(5n));
  expect((await net.updates({ fromBlock: 1n })).map(({ ethUsd8 }) => ethUsd8)).toEqual([percentUp(5n)]);
}, 60_000);

test("G2: after a reorganisation an own transaction queued behind the gap is cancelled before the gap is filled", async () => {
  const net = await network();
  const agent = await agentOn(net, 0, { TX_DEADLINE_MS: "2000" });
  await net.feed.setAnswer(percentUp(2n));
  await agent.until("the first update landed", () => agent.landed.length === 1);
  const first = await nonces(net);
  net.jeju.pause();
  await net.feed.setAnswer(percentUp(4n));
  await eventually(
    "the second update is pending",
    async () => (await nonces(net)).pending === first.latest + 1,
  );

  const [update] = await net.updates({ fromBlock: 1n });
  const head = await net.jeju.client.getBlockNumber();
  await net.jeju.client.request({
    method: "anvil_rollback" as never,
    params: [Number(head - (update?.blockNumber ?? head) + 1n)] as never,
  });
  await net.feed.setAnswer(percentUp(7n));
  net.jeju.resume();
  await agent.until("a fresh update landed", () => agent.landed.at(-1)?.ethUsd8 === percentUp(7n), 40_000);
  await agent.nextLook((look) => look.decision.reason === "unchanged");

  const landed = (await net.updates({ fromBlock: 1n })).map(({ ethUsd8 }) => ethUsd8);
  expect(landed).not.toContain(percentUp(4n));
  expect(landed.at(-1)).toBe(percentUp(7n));
}, 90_000);

for (const fence of ["nonce", "contract"] as const) {
  describe(`G2 with the ${fence} fence`, () => {
    test("two agents with identical prices and fees: one lands, one knows that it lost", async () => {
      const net = await network(fence);
      const both = Promise.withResolvers<void>();
      let ready = 0;
      const beforeBroadcast = async () => {
        ready += 1;
        if (ready === 2) both.resolve();
        await both.promise;
      };
      const first = await agentOn(net, 0, {}, { beforeBroadcast });
      const second = await agentOn(net, 1, {}, { beforeBroadcast });
      await net.feed.setAnswer(percentUp(2n));
      await Promise.all(
        [first, second].map((agent) =>
          agent.until(
            "sees the new price and is done",
            () =>
              agent.looks.at(-1)?.state.ethUsd8 === percentUp(2n) &&
              agent.looks.at(-1)?.decision.reason === "unchanged",
          ),
        ),
      );
      expect(ready).toBe(2);
      expect((await net.updates({ fromBlock: 1n })).length).toBe(1);
      expect(first.landed.length + second.landed.length).toBe(1);
      expect([...first.failures, ...second.failures]).toEqual([]);
    }, 60_000);

    test("an owner's emergency price between read and send stops the fleet", async () => {
      const net = await network(fence);
      const emergency8 = percentUp(3n);
      let interfered = false;
      const agent = await agentOn(
        net,
        0,
        {},
        {
          beforeBroadcast: async () => {
            if (interfered) return;
            interfered = true;
            await net.owner.emergencyPriceUpdate(emergency8, 10_000_000n);
          },
        },
      );
      await net.feed.setAnswer(percentUp(2n));
      await agent.until(
        "holds",
        () => agent.updater.snapshot().pausedBy?.includes("foreign update") ?? false,
      );
      await agent.until("alerts", () => agent.alerts.has("foreign-update"));
      const updates = (await net.updates({ fromBlock: 1n })).map(({ ethUsd8 }) => ethUsd8);
      if (fence === "contract") expect(updates).toEqual([emergency8]);
      else expect(updates[0]).toBe(emergency8);

      await net.feed.setAnswer(percentUp(6n));
      const look = await agent.nextLook(
        ({ source }) => source.kind === "quote" && source.ethUsd8 === percentUp(6n),
      );
      expect(look.decision).toMatchObject({ kind: "skip", reason: "paused", wouldPush: "deviation" });
      agent.updater.resume({ by: "alice", reason: "the emergency is over" });
      await agent.until("pushes again", () => agent.landed.at(-1)?.ethUsd8 === percentUp(6n));
    }, 60_000);
  });
}

test("G2: a manual send from the updater's key wins the nonce, and the fleet holds", async () => {
  const net = await network();
  const manual8 = percentUp(3n);
  let interfered = false;
  const agent = await agentOn(
    net,
    0,
    {},
    {
      beforeBroadcast: async () => {
        if (interfered) return;
        interfered = true;
        const hash = await net.jeju.client.writeContract({
          account: net.keys.updater,
          chain: null,
          address: net.addresses.oracle,
          abi: manualPriceOracleAbi,
          functionName: "updatePrices",
          args: [manual8, 10_000_000n],
        });
        await net.jeju.client.waitForTransactionReceipt({ hash });
      },
    },
  );
  await net.feed.setAnswer(percentUp(2n));
  await agent.until("holds", () => agent.updater.snapshot().pausedBy?.includes("foreign update") ?? false);
  expect((await net.updates({ fromBlock: 1n })).map(({ ethUsd8 }) => ethUsd8)).toEqual([manual8]);
  expect(agent.landed).toEqual([]);
}, 60_000);

test("G2: an owner's price that arrives while the agent restarts is not overwritten: it holds", async () => {
  const net = await network();
  const stateDir = mkdtempSync(join(tmpdir(), "oracle-agent-restart-"));
  cleanups.push(async () => rmSync(stateDir, { recursive: true, force: true }));
  const before = await agentOn(net, 0, {}, { stateDir });
  await before.stop();
  await net.owner.emergencyPriceUpdate(percentUp(3n), 10_000_000n);
  const after = await agentOn(net, 0, {}, { stateDir });
  await after.until("holds", () => after.updater.snapshot().pausedBy?.includes("foreign update") ?? false);
  expect((await net.updates({ fromBlock: 1n })).map(({ ethUsd8 }) => ethUsd8)).toEqual([percentUp(3n)]);
}, 60_000);

test("G2: a restarted agent still holds after a foreign update", async () => {
  const net = await network();
  const stateDir = mkdtempSync(join(tmpdir(), "oracle-agent-restart-"));
  cleanups.push(async () => rmSync(stateDir, { recursive: true, force: true }));
  const before = await agentOn(net, 0, {}, { stateDir });
  await net.owner.emergencyPriceUpdate(percentUp(3n), 10_000_000n);
  await before.until("holds", () => before.updater.snapshot().pausedBy !== undefined);
  await before.stop();
  const after = await agentOn(net, 0, {}, { stateDir });
  const look = await after.nextLook(() => true);
  expect(look.decision).toMatchObject({ reason: "paused" });
}, 60_000);
