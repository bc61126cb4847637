/**
 * Guarantee G2, run on real chains: whatever agents believe, an update lands only if its decision saw the last update
 * that landed. Six agents lead at once, with random pauses between decision and send.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { QUICK, startAgent, type TestAgent } from "./support/agents.ts";
import { seededRandom } from "./support/random.ts";

const AGENTS = 6;
const MOVES = 50;
const JEJU_BLOCK_MS = 300;
const MAX_PAUSE_MS = 500;
const START_USD = 3_000;

for (const fence of ["nonce", "contract"] as const) {
  describe(`G2 with the ${fence} fence`, () => {
    let net: Localnet;
    let agents: TestAgent[] = [];

    beforeAll(async () => {
      net = await startLocalnet({
        fence,
        bots: AGENTS,
        baseBlockTimeMs: 1_000,
        jejuBlockTimeMs: JEJU_BLOCK_MS,
        ethUsd8: BigInt(START_USD) * 10n ** 8n,
      });
      const random = seededRandom(20_260_101);
      agents = Array.from({ length: AGENTS }, (_, index) =>
        startAgent({
          env: { ...net.env(index), ...QUICK },
          botId: `bot-${index + 1}`,
          beforeBroadcast: () => Bun.sleep(random() * MAX_PAUSE_MS),
        }),
      );
      await Promise.all(agents.map((agent) => agent.until("a first look", () => agent.looks.length > 0)));
    }, 60_000);

    afterAll(async () => {
      await Promise.all(agents.map((agent) => agent.stop()));
      await net?.stop();
    }, 30_000);

    test(`six leaders, ${MOVES} moves: one update per move, 0 duplicates, 0 missed`, async () => {
      const fromBlock = (await net.jeju.client.getBlockNumber()) + 1n;
      const expected: bigint[] = [];
      let usd = START_USD;
      for (let move = 0; move < MOVES; move++) {
        usd = move % 2 === 0 ? usd * 1.02 : usd * 0.985;
        const price8 = BigInt(Math.round(usd * 1e8));
        expected.push(price8);
        await net.feed.setAnswer(price8);
        await everyAgentSees(agents, price8);
      }
      const updates = await net.updates({ fromBlock });
      expect(updates.map((update) => update.ethUsd8)).toEqual(expected);
      expect(agents.flatMap((agent) => agent.failures)).toEqual([]);
      const claimed = agents.flatMap((agent) => agent.landed.map((update) => update.transactionHash));
      expect(new Set(claimed).size).toBe(claimed.length);
      expect(claimed.length).toBe(MOVES);
    }, 240_000);
  });
}

/** Until every agent, having nothing of its own on the way, finds this price on chain. */
async function everyAgentSees(agents: readonly TestAgent[], price8: bigint): Promise<void> {
  await Promise.all(
    agents.map((agent) =>
      agent.until(
        `sees ${price8} on chain`,
        () => {
          const look = agent.looks.at(-1);
          return look?.state.ethUsd8 === price8 && look.decision.reason === "unchanged";
        },
        30_000,
      ),
    ),
  );
}
