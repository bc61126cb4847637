/** ETH jumps, stays up for a while, and comes back. */
import type { Localnet } from "../localnet.ts";
import { requireWhole } from "../require-whole.ts";
import { glide } from "./glide.ts";
import { dollars, perform, type ScenarioOptions } from "./scenario.ts";

export interface SpikeOptions extends ScenarioOptions {
  /** How far ETH/USD jumps, basis points; negative is down. Default 600 (6 %). */
  readonly moveBps?: number;
  /** Chain seconds up and down. Default 30. */
  readonly rampS?: number;
  /** Chain seconds in between. Default 60. */
  readonly holdS?: number;
}

const RAMP_STEPS = 6;

/** @throws ChainPausedError when Base is stopped meanwhile. */
export async function spike(net: Localnet, options: SpikeOptions = {}): Promise<void> {
  const { moveBps = 600, rampS = 30, holdS = 60 } = options;
  requireWhole("moveBps", moveBps, -9_999);
  requireWhole("rampS", rampS, 1);
  requireWhole("holdS", holdS, 0);
  return perform(net, options, async (stage) => {
    const low = await net.feed.ethUsd8();
    const high = (low * BigInt(10_000 + moveBps)) / 10_000n;
    stage.tell(`ETH goes from ${dollars(low)} to ${dollars(high)} within ${rampS} s`);
    await glide(stage, { fromUsd8: low, toUsd8: high, durationS: rampS, steps: RAMP_STEPS });
    stage.tell(`it stays there for ${holdS} s`);
    await stage.timeline.until(stage.timeline.elapsedS + holdS);
    await glide(stage, { fromUsd8: high, toUsd8: low, durationS: rampS, steps: RAMP_STEPS });
    stage.tell(`back at ${dollars(low)}`);
  });
}
