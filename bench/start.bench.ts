/** From the start of the agent process to its first update landed, 1 s blocks. */
import { startLocalnet } from "@jeju-oracle/localnet";
import { startBenchAgent } from "./support/agent.ts";
import { describeMs } from "./support/figures.ts";
import { nextLanding } from "./support/landing-watch.ts";

const RUNS = 8;
const DEADLINE_MS = 20_000;

const net = await startLocalnet({ bots: 1, baseBlockTimeMs: 1_000, jejuBlockTimeMs: 1_000 });
const measured: number[] = [];
let price8 = 3_245_67000000n;
for (let run = 0; run < RUNS; run++) {
  price8 = (price8 * (run % 2 === 0 ? 103n : 98n)) / 100n;
  await net.feed.setAnswer(price8);
  const since = await net.jeju.client.getBlockNumber({ cacheTime: 0 });
  const startedAtMs = performance.now();
  const agent = await startBenchAgent({ ...net.env(0), MIN_UPDATE_INTERVAL_S: "0" });
  measured.push((await nextLanding(net, since, DEADLINE_MS)) - startedAtMs);
  await agent.stop();
}
await net.stop();
console.log(`start to first landed update: ${describeMs(measured)}`);
