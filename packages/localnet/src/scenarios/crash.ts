/** A bad quarter of an hour: ETH falls by 20 % and stays down, and elizaOS falls faster than ETH. */
import type { Localnet } from "../localnet.ts";
import { requireWhole } from "../require-whole.ts";
import { dollars, perform, type ScenarioOptions, tokens } from "./scenario.ts";

export interface CrashOptions extends ScenarioOptions {
  /** How far ETH/USD falls, basis points. Default 2,000 (20 %). */
  readonly ethFallBps?: number;
  /** How much cheaper elizaOS gets in ETH, basis points more elizaOS per ETH. Default 1,500 (15 %). */
  readonly elizaFallBps?: number;
  /** Chain seconds of falling. Default 600. */
  readonly durationS?: number;
  /** Default 60. */
  readonly steps?: number;
}

const BPS = 10_000n;

/** @throws ChainPausedError when Base is stopped meanwhile. */
export async function crash(net: Localnet, options: CrashOptions = {}): Promise<void> {
  const { ethFallBps = 2_000, elizaFallBps = 1_500, durationS = 600, steps = 60 } = options;
  requireWhole("ethFallBps", ethFallBps, 1, 9_999);
  requireWhole("elizaFallBps", elizaFallBps, 0);
  requireWhole("durationS", durationS, 1);
  requireWhole("steps", steps, 1);
  return perform(net, options, async (stage) => {
    const ethStart = await net.feed.ethUsd8();
    const elizaStart = await net.market.elizaPerEth18();
    stage.tell(`ETH falls from ${dollars(ethStart)} by ${ethFallBps / 100} % within ${durationS} s`);
    for (let step = 1; step <= steps; step++) {
      await stage.timeline.until(Math.round((durationS * step) / steps));
      // Panic is not smooth: off the straight line by up to 1 % of the whole fall.
      const fallen = BigInt(
        Math.round((step * 1_000) / steps) + (step === steps ? 0 : stage.random.noise(3)),
      );
      const ethUsd8 = ethStart - (ethStart * BigInt(ethFallBps) * fallen) / (BPS * 1_000n);
      const elizaPerEth18 = elizaStart + (elizaStart * BigInt(elizaFallBps) * fallen) / (BPS * 1_000n);
      await net.market.moveTo(elizaPerEth18);
      if (await stage.publisher.observe(ethUsd8)) {
        stage.tell(`ETH ${dollars(ethUsd8)} (published), ${tokens(elizaPerEth18)}`);
      }
    }
  });
}
