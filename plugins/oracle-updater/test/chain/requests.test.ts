/** What the price loop costs its RPC providers, counted at the wire. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Localnet, type RpcLogEntry, startLocalnet } from "@jeju-oracle/localnet";
import { type ChainName, type ProxiedAgent, startProxiedAgent } from "./support/proxied-agent.ts";

const START_USD8 = 3_000_00000000n;
const JEJU_BLOCK_MS = 1_000;
const LOOKS = 8;
const PUSHES = 3;
const CASE_DEADLINE_MS = 60_000;
/** Two for the state, one simulation, one send. */
const REQUESTS_OF_A_PUSH = 4;
const ATTRIBUTION_REQUESTS = 2;

const usd8After = (moves: number) => START_USD8 + BigInt(moves) * 60_00000000n;
const isReceiptRequest = ({ methods }: RpcLogEntry) => methods.includes("eth_getTransactionReceipt");
const isAttribution = ({ methods }: RpcLogEntry) =>
  methods.includes("eth_getTransactionByHash") ||
  (methods.includes("eth_getLogs") && !methods.includes("eth_getTransactionReceipt"));

/** Requests at the only endpoint of a chain so far. */
function log({ proxies }: ProxiedAgent, chain: ChainName): readonly RpcLogEntry[] {
  return proxies[chain][0]?.log ?? [];
}

for (const fence of ["nonce", "contract"] as const) {
  describe(`with the ${fence} fence`, () => {
    let net: Localnet;
    let pusher: ProxiedAgent;
    let follower: ProxiedAgent;
    let moves = 0;

    beforeAll(async () => {
      net = await startLocalnet({
        fence,
        bots: 2,
        ethUsd8: START_USD8,
        baseBlockTimeMs: 1_000,
        jejuBlockTimeMs: JEJU_BLOCK_MS,
      });
      pusher = await startProxiedAgent(net, { endpoints: 1, botIndex: 0, botId: "pusher" });
      follower = await startProxiedAgent(net, {
        endpoints: 1,
        botIndex: 1,
        botId: "follower",
        leads: () => false,
      });
      await Promise.all([pusher, follower].map((subject) => looked(subject, 1)));
    }, 30_000);

    afterAll(async () => {
      await Promise.all([pusher, follower].map((subject) => subject?.stop()));
      await net?.stop();
    }, 30_000);

    async function looked({ agent }: ProxiedAgent, looks: number): Promise<void> {
      const target = agent.looks.length + looks;
      await agent.until(`${looks} looks`, () => agent.looks.length >= target, CASE_DEADLINE_MS);
    }

    /** The next move, until both agents see it on chain. */
    async function move(): Promise<void> {
      moves += 1;
      const price8 = usd8After(moves);
      await net.feed.setAnswer(price8);
      await Promise.all(
        [pusher, follower].map(({ agent }) =>
          agent.until("sees the move", () => agent.looks.at(-1)?.state.ethUsd8 === price8, CASE_DEADLINE_MS),
        ),
      );
    }

    test(
      "one poll costs one HTTP request to Base and one to Jeju, leader or follower",
      async () => {
        const costs = [pusher, follower].map(async (subject) => {
          await looked(subject, 1);
          const before = { base: log(subject, "Base").length, jeju: log(subject, "Jeju").length };
          const looksBefore = subject.agent.looks.length;
          await looked(subject, LOOKS);
          const looks = subject.agent.looks.length - looksBefore;
          expect(log(subject, "Base").length - before.base).toBe(looks);
          expect(log(subject, "Jeju").length - before.jeju).toBe(looks);
        });
        await Promise.all(costs);
      },
      CASE_DEADLINE_MS,
    );

    test(
      "one push costs at most four more to Jeju, then one per block until its receipt, and none to Base",
      async () => {
        for (let push = 0; push < PUSHES; push++) {
          await looked(pusher, 1);
          const start = log(pusher, "Jeju").length;
          const baseStart = log(pusher, "Base").length;
          const looksStart = pusher.agent.looks.length;
          const blockStart = await net.jeju.client.getBlockNumber();
          const landed = pusher.agent.landed.length;
          moves += 1;
          await net.feed.setAnswer(usd8After(moves));
          await pusher.agent.until("lands", () => pusher.agent.landed.length > landed, CASE_DEADLINE_MS);
          const jeju = log(pusher, "Jeju").slice(start);
          const polls = pusher.agent.looks.length - looksStart;
          const receipts = jeju.filter(isReceiptRequest);
          expect(jeju.length - receipts.length - polls).toBeLessThanOrEqual(REQUESTS_OF_A_PUSH);
          const blocks = Number((await net.jeju.client.getBlockNumber()) - blockStart);
          expect(receipts.length).toBeLessThanOrEqual(blocks + 1);
          expect(log(pusher, "Base").length - baseStart).toBe(polls);
        }
      },
      CASE_DEADLINE_MS,
    );

    test(
      "receipts of an update that waits are asked for one block apart",
      async () => {
        await looked(pusher, 1);
        const start = log(pusher, "Jeju").length;
        await net.jeju.pause();
        moves += 1;
        await net.feed.setAnswer(usd8After(moves));
        const proxy = pusher.proxies.Jeju[0]!;
        for (let receipt = 0; receipt < 4; receipt++)
          await proxy.nextCall("eth_getTransactionReceipt", CASE_DEADLINE_MS);
        net.jeju.resume();
        await pusher.agent.until(
          "lands",
          () => pusher.agent.landed.at(-1)?.ethUsd8 === usd8After(moves),
          CASE_DEADLINE_MS,
        );
        const atMs = log(pusher, "Jeju")
          .slice(start)
          .filter(isReceiptRequest)
          .map((entry) => entry.atMs);
        expect(atMs.length).toBeGreaterThanOrEqual(4);
        // A timer fires late on a busy machine, never early; the block time itself is an estimate.
        for (const [index, ms] of atMs.slice(1).entries()) {
          expect(ms - (atMs[index] ?? 0)).toBeGreaterThan(0.8 * JEJU_BLOCK_MS);
        }
      },
      CASE_DEADLINE_MS,
    );

    test(
      "an own update needs no attribution request, another agent's needs two",
      async () => {
        await move();
        for (const subject of [pusher, follower]) await looked(subject, 1);
        const start = { pusher: log(pusher, "Jeju").length, follower: log(follower, "Jeju").length };
        const looksStart = follower.agent.looks.length;
        const updates = 2;
        for (let update = 0; update < updates; update++) await move();
        for (const subject of [pusher, follower]) await looked(subject, 1);
        const looks = follower.agent.looks.length - looksStart;
        const seen = log(follower, "Jeju").slice(start.follower);
        expect(log(pusher, "Jeju").slice(start.pusher).filter(isAttribution)).toEqual([]);
        expect(seen.filter(isAttribution)).toHaveLength(updates * ATTRIBUTION_REQUESTS);
        expect(seen).toHaveLength(looks + updates * ATTRIBUTION_REQUESTS);
      },
      CASE_DEADLINE_MS,
    );
  });
}
