/** Sees updates land from outside the agent, a few ms after their block. */
import type { Localnet } from "@jeju-oracle/localnet";

const LOOK_EVERY_MS = 20;

/** Resolves with the host time (performance.now) at which the oracle first shows an update newer than `sinceBlock`. */
export async function nextLanding(net: Localnet, sinceBlock: bigint, deadlineMs: number): Promise<number> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const head = await net.jeju.client.getBlockNumber({ cacheTime: 0 });
    if (head > sinceBlock && (await net.updates({ fromBlock: sinceBlock + 1n })).length > 0)
      return performance.now();
    if (performance.now() > deadline) throw new Error(`no update landed within ${deadlineMs} ms`);
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
