/**
 * Guarantee G2 behind a load balancer: when the only Jeju endpoint answers from now and from a while ago in turns, no
 * update is doubled or lost, and none of the fleet's looks foreign. Both fences run at the same time.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { type ProxiedAgent, startProxiedAgent } from "./support/proxied-agent.ts";

const FENCES = ["nonce", "contract"] as const;
const AGENTS = 3;
const MOVES = 15;
const BEHIND_BLOCKS = 4;
const START_USD8 = 3_000_00000000n;
const CASE_DEADLINE_MS = 60_000;

interface FenceRun {
  readonly net: Localnet;
  readonly subjects: readonly ProxiedAgent[];
  readonly finished: Promise<void>;
}

/** Up and down in turns, never by more than the hold band, each price another one. */
const PRICES8 = Array.from({ length: MOVES }, (_, move) => {
  const upBps = BigInt(move) * 10n;
  return (START_USD8 * (10_000n + upBps + (move % 2 === 0 ? 300n : 0n))) / 10_000n;
});

const runs = new Map<string, FenceRun>();

beforeAll(async () => {
  for (const fence of FENCES) {
    const net = await startLocalnet({
      fence,
      bots: AGENTS,
      ethUsd8: START_USD8,
      baseBlockTimeMs: 1_000,
      jejuBlockTimeMs: 300,
    });
    // The older node knows the oracle as well.
    await net.jeju.mine(BEHIND_BLOCKS);
    const subjects = await Promise.all(
      Array.from({ length: AGENTS }, (_, index) =>
        startProxiedAgent(net, { endpoints: 1, botIndex: index, botId: `bot-${index + 1}` }),
      ),
    );
    const finished = makeMoves(net, subjects);
    finished.catch(() => undefined); // Judged by the fence's own test.
    runs.set(fence, { net, subjects, finished });
  }
}, 60_000);

afterAll(async () => {
  for (const { net, subjects } of runs.values()) {
    await Promise.all(subjects.map((subject) => subject.stop()));
    await net.stop();
  }
}, 30_000);

async function makeMoves(net: Localnet, subjects: readonly ProxiedAgent[]): Promise<void> {
  await Promise.all(
    subjects.map(({ agent }) => agent.until("a first look", () => agent.looks.length > 0, CASE_DEADLINE_MS)),
  );
  for (const [index, subject] of subjects.entries()) {
    const first = index % 2 === 0 ? "current" : "behind";
    await subject.setFault(["Jeju"], 0, { kind: "load-balanced", behindBlocks: BEHIND_BLOCKS, first });
  }
  for (const price8 of PRICES8) {
    await net.feed.setAnswer(price8);
    await Promise.all(subjects.map((subject) => settledAt(subject, price8)));
  }
}

/** Until the agent, having nothing of its own on the way, finds this price on chain. */
function settledAt({ agent }: ProxiedAgent, price8: bigint): Promise<void> {
  return agent.until(
    `sees ${price8} on chain and is done`,
    () => {
      const look = agent.looks.at(-1);
      return look?.state.ethUsd8 === price8 && look.decision.reason === "unchanged";
    },
    CASE_DEADLINE_MS,
  );
}

for (const fence of FENCES) {
  test(
    `G2 with the ${fence} fence: ${AGENTS} agents that all lead behind a balancer, ${MOVES} moves: one update per move, 0 duplicates, 0 missed, no false alarm`,
    async () => {
      const { net, subjects, finished } = runs.get(fence)!;
      await finished;
      expect((await net.updates()).map(({ ethUsd8 }) => ethUsd8)).toEqual(PRICES8);
      const claimed = subjects.flatMap(({ agent }) => agent.landed.map((update) => update.transactionHash));
      expect(new Set(claimed).size).toBe(claimed.length);
      expect(claimed.length).toBe(MOVES);
      for (const { agent } of subjects) {
        expect(agent.failures).toEqual([]);
        expect(agent.updater.snapshot().pausedBy).toBeUndefined();
        expect(agent.log.matching("Foreign update")).toEqual([]);
        expect(agent.log.matching("Cycle failed")).toEqual([]);
      }
    },
    3 * CASE_DEADLINE_MS,
  );
}
