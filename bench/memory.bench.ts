/** Resident memory of the agent process after 1,000 and 10,000 cycles; a cycle per Base block, 25 ms apart. */
import { startLocalnet } from "@jeju-oracle/localnet";
import { startBenchAgent } from "./support/agent.ts";

const CHECKPOINTS = [1_000, 2_500, 5_000, 7_500, 10_000] as const;
const DEADLINE_MS = 15 * 60_000;

const net = await startLocalnet({ bots: 1, baseBlockTimeMs: 25, jejuBlockTimeMs: 250 });
const agent = await startBenchAgent({
  ...net.env(0),
  MIN_UPDATE_INTERVAL_S: "0",
  UPDATE_INTERVAL_MS: "2000",
  PRICE_POLL_INTERVAL_MS: "1000",
});
const deadline = performance.now() + DEADLINE_MS;
try {
  for (const checkpoint of CHECKPOINTS) {
    let cycles = 0;
    while (cycles < checkpoint) {
      if (performance.now() > deadline)
        throw new Error(`only ${cycles} cycles within ${DEADLINE_MS / 60_000} minutes`);
      await Bun.sleep(500);
      cycles = await agent.metric("oracle_cycle_duration_seconds_count").catch(() => 0);
    }
    const updates = await agent.metric("oracle_total_updates");
    console.log(`${cycles} cycles, ${updates} updates: ${(await agent.rssMb()).toFixed(0)} MB`);
  }
} finally {
  await agent.stop();
  await net.stop();
}
