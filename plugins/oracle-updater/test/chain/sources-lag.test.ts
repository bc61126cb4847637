/** Guarantee G2 against sources that lag: an endpoint with an old view of Base never "corrects" a newer price back. */
import { afterEach, describe, expect, test } from "bun:test";
import { type Localnet, type LocalnetOptions, type RpcFault, startLocalnet } from "@jeju-oracle/localnet";
import { type ProxiedAgent, type ProxiedAgentOptions, startProxiedAgent } from "./support/proxied-agent.ts";

const START_USD8 = 3_000_00000000n;
const CASE_DEADLINE_MS = 60_000;

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, 30_000);

async function network(options: LocalnetOptions): Promise<Localnet> {
  const net = await startLocalnet({ ethUsd8: START_USD8, baseBlockTimeMs: 1_000, ...options });
  cleanups.push(() => net.stop());
  return net;
}

async function agentOn(net: Localnet, options: ProxiedAgentOptions): Promise<ProxiedAgent> {
  const subject = await startProxiedAgent(net, options);
  cleanups.push(() => subject.stop());
  await subject.agent.until("a first look", () => subject.agent.looks.length > 0, CASE_DEADLINE_MS);
  return subject;
}

/** Up and down in turns, never by more than the hold band, each price another one. */
function prices(count: number): bigint[] {
  let price8 = START_USD8;
  return Array.from({ length: count }, (_, index) => {
    price8 = index % 2 === 0 ? (price8 * 103n) / 100n : (price8 * 98n) / 100n;
    return price8;
  });
}

/**
 * Publishes a price in a Base block of a second of its own. Real Base blocks never share one, and an updater that sees
 * the newer of two such blocks is right.
 */
async function publish(net: Localnet, price8: bigint): Promise<void> {
  net.clock.advanceBy(1);
  await net.feed.setAnswer(price8);
}

describe("G2: a source endpoint that lags", () => {
  const MOVES = 5;
  const LAGGING: readonly (readonly [name: string, fault: RpcFault])[] = [
    ["by a few blocks", { kind: "syncing", behindBlocks: 4 }],
    ["because it stands still", { kind: "frozen-head" }],
    ["in every second answer", { kind: "load-balanced", behindBlocks: 4 }],
  ];

  for (const [name, fault] of LAGGING) {
    test(
      `${name} never takes a newer price back`,
      async () => {
        const net = await network({ bots: 2, jejuBlockTimeMs: 300 });
        const upToDate = await agentOn(net, { endpoints: 1, botId: "up-to-date" });
        const lagging = await agentOn(net, { endpoints: 1, botId: "lagging" });
        await lagging.setFault(["Base"], 0, fault);
        const moves = prices(MOVES);
        let refused = 0;
        for (const price8 of moves) {
          await publish(net, price8);
          const looksBefore = lagging.agent.looks.length;
          await Promise.all(
            [upToDate, lagging].map(({ agent }) =>
              agent.until(
                "sees the new price on chain",
                () => agent.looks.at(-1)?.state.ethUsd8 === price8,
                CASE_DEADLINE_MS,
              ),
            ),
          );
          refused += lagging.agent.looks
            .slice(looksBefore)
            .filter(({ decision }) => decision.reason === "source-older-than-chain").length;
        }
        await lagging.setFault(["Base"], 0, null);
        await lagging.agent.nextLook(({ decision }) => decision.reason === "unchanged", CASE_DEADLINE_MS);
        expect((await net.updates()).map(({ ethUsd8 }) => ethUsd8)).toEqual(moves);
        expect(refused).toBeGreaterThan(0);
        for (const { agent } of [upToDate, lagging]) {
          expect(agent.failures).toEqual([]);
          expect(agent.updater.snapshot().pausedBy).toBeUndefined();
        }
      },
      CASE_DEADLINE_MS,
    );
  }

  test(
    "is left for a second one that does not, and the update is pushed from there",
    async () => {
      const net = await network({ bots: 2, jejuBlockTimeMs: 300 });
      const { agent, setFault } = await agentOn(net, { endpoints: 2 });
      await setFault(["Base"], 0, { kind: "frozen-head" });
      const [price8] = prices(1);
      await publish(net, price8!);
      await agent.until("lands", () => agent.landed.length === 1, CASE_DEADLINE_MS);
      expect(agent.landed[0]?.ethUsd8).toBe(price8!);
      expect(agent.log.matching("Base RPC 0 failed, trying fallback")[0]).toContain("head-stalled");
    },
    CASE_DEADLINE_MS,
  );
});
