/** Chainlink stops publishing while the market moves on; later it comes back. */
import type { Localnet } from "../localnet.ts";
import { requireWhole } from "../require-whole.ts";
import { walk } from "./random-walk.ts";
import { dollars, perform, type ScenarioOptions } from "./scenario.ts";

export interface FeedStallOptions extends ScenarioOptions {
  /** Chain seconds without a round. Default 2,400: beyond the half hour after which a feed counts as stale. */
  readonly stallS?: number;
  /** Chain seconds of ordinary market after it. Default 120. */
  readonly afterS?: number;
  /** Chain seconds between steps of the market. Default 10. */
  readonly stepS?: number;
}

/** @throws ChainPausedError when Base is stopped meanwhile. */
export async function feedStall(net: Localnet, options: FeedStallOptions = {}): Promise<void> {
  const { stallS = 2_400, afterS = 120, stepS = 10 } = options;
  requireWhole("stallS", stallS, 1);
  requireWhole("afterS", afterS, 0);
  requireWhole("stepS", stepS, 1);
  return perform(net, options, async (stage) => {
    let ethUsd8: bigint;
    net.feed.stall();
    try {
      stage.tell(`the feed publishes nothing for ${stallS} s`);
      ethUsd8 = await walk(stage, { stepS, steps: Math.ceil(stallS / stepS) });
    } finally {
      net.feed.unstall();
    }
    await stage.publisher.observe(ethUsd8);
    stage.tell(`the feed is back at ${dollars(ethUsd8)}`);
    await walk(stage, { stepS, steps: Math.ceil(afterS / stepS) });
  });
}
