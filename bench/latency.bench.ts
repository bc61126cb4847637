/**
 * From a deviation appearing on Base to the update landed on Jeju, 1 s blocks on both chains, agent as its own process.
 * ETH/USD: from the feed's block. elizaOS: from the first Base block whose TWAP is beyond the threshold.
 */
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { parseAbi } from "viem";
import { sqrtRatioX96AtTick } from "../plugins/oracle-updater/src/price/tick-math.ts";
import { elizaUsd8 } from "../plugins/oracle-updater/src/price/usd-price.ts";
import { type BenchAgent, startBenchAgent } from "./support/agent.ts";
import { describeMs } from "./support/figures.ts";
import { nextLanding } from "./support/landing-watch.ts";

const MOVES = 20;
const ELIZA_MOVES = 4;
const DEADLINE_MS = 30_000;
const THRESHOLD_BPS = 100n;
/** A short window, so that a move crosses the threshold within seconds. */
const WINDOW_S = 15;
const poolAbi = parseAbi([
  "function observe(uint32[] secondsAgos) view returns (int56[] tickCumulatives, uint160[] liquidity)",
]);

const aggregatorAbi = parseAbi([
  "function latestRoundData() view returns (uint80, int256 answer, uint256, uint256, uint80)",
]);

async function measure(mode: "new heads" | "polling every 2 s"): Promise<void> {
  const net = await startLocalnet({ bots: 1, baseBlockTimeMs: 1_000, jejuBlockTimeMs: 1_000 });
  const { BASE_WS_URL, ...withoutHeads } = net.env(0);
  const agent = await startBenchAgent({
    ...withoutHeads,
    ...(mode === "new heads" && BASE_WS_URL !== undefined ? { BASE_WS_URL } : {}),
    PRICE_POLL_INTERVAL_MS: mode === "new heads" ? "10000" : "2000",
    MIN_UPDATE_INTERVAL_S: "0",
    UPDATE_INTERVAL_MS: "3540000",
    TWAP_WINDOW_S: String(WINDOW_S),
    TWAP_MIN_WINDOW_S: String(WINDOW_S),
    MAX_SPOT_TWAP_SPREAD_PCT: "50",
  });
  try {
    await ready(agent);
    console.log(`ETH/USD, ${mode}:  ${describeMs(await ethMoves(net))}`);
    console.log(`elizaOS, ${mode}:  ${describeMs(await elizaMoves(net))}`);
  } finally {
    await agent.stop();
    await net.stop();
  }
}

async function ready(agent: BenchAgent): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const response = await fetch(`${agent.url}/health`).catch(() => undefined);
    if (response?.status === 200) return;
    if (performance.now() > deadline) throw new Error("the agent did not become healthy");
    await Bun.sleep(50);
  }
}

async function ethMoves(net: Localnet): Promise<number[]> {
  const measured: number[] = [];
  let price8 = 3_245_67000000n;
  for (let move = 0; move < MOVES; move++) {
    price8 = (price8 * (move % 2 === 0 ? 102n : 98n)) / 100n;
    const since = await net.jeju.client.getBlockNumber({ cacheTime: 0 });
    await net.feed.setAnswer(price8);
    const appearedAtMs = performance.now();
    measured.push((await nextLanding(net, since, DEADLINE_MS)) - appearedAtMs);
    // A different phase of the block interval each time.
    await Bun.sleep(300 + ((move * 370) % 1_000));
  }
  return measured;
}

async function elizaMoves(net: Localnet): Promise<number[]> {
  const measured: number[] = [];
  for (let move = 0; move < ELIZA_MOVES; move++) {
    const since = await net.jeju.client.getBlockNumber({ cacheTime: 0 });
    await net.market.moveByBps(move % 2 === 0 ? -300 : 300);
    const crossedAtMs = await crossing(net);
    measured.push((await nextLanding(net, since, DEADLINE_MS)) - crossedAtMs);
    // The average must settle before the next move, or two moves would mix.
    await Bun.sleep((WINDOW_S + 2) * 1_000);
  }
  return measured;
}

/** Host time at which the average over the window is first beyond the threshold of the price on chain. */
async function crossing(net: Localnet): Promise<number> {
  const { elizaUsd8: onChain } = await net.oracleState();
  const deadline = performance.now() + WINDOW_S * 1_500;
  for (;;) {
    const average = await averageUsd8(net);
    const distance = average > onChain ? average - onChain : onChain - average;
    if ((distance * 10_000n) / onChain >= THRESHOLD_BPS) return performance.now();
    if (performance.now() > deadline) throw new Error("the average did not cross the threshold");
    await Bun.sleep(20);
  }
}

async function averageUsd8(net: Localnet): Promise<bigint> {
  const { pool, feed } = net.addresses;
  const [[cumulatives], round] = await Promise.all([
    net.base.client.readContract({
      address: pool,
      abi: poolAbi,
      functionName: "observe",
      args: [[WINDOW_S, 0]],
    }),
    net.base.client.readContract({ address: feed, abi: aggregatorAbi, functionName: "latestRoundData" }),
  ]);
  const meanTick = Math.floor(Number((cumulatives[1] ?? 0n) - (cumulatives[0] ?? 0n)) / WINDOW_S);
  return elizaUsd8(
    { answer: round[1], decimals: 8 },
    { sqrtRatioX96: sqrtRatioX96AtTick(meanTick), elizaIsToken0: false, elizaDecimals: 18 },
  );
}

await measure("new heads");
await measure("polling every 2 s");
