/** Someone moves the pool's price tenfold, holds it for some blocks, and moves it back. The feed knows nothing of it. */
import type { Localnet } from "../localnet.ts";
import { requireWhole } from "../require-whole.ts";
import { perform, type ScenarioOptions, tokens } from "./scenario.ts";

export interface ManipulationOptions extends ScenarioOptions {
  /** Base blocks for which the price is held. Default 5. */
  readonly holdBlocks?: number;
  /** The price's factor. Default 10. */
  readonly factor?: number;
  /** "dearer": fewer elizaOS per ETH, as if elizaOS were worth more. Default "dearer". */
  readonly direction?: "dearer" | "cheaper";
}

/** @throws ChainPausedError when Base is stopped meanwhile. */
export async function manipulation(net: Localnet, options: ManipulationOptions = {}): Promise<void> {
  const { holdBlocks = 5, factor = 10, direction = "dearer" } = options;
  requireWhole("holdBlocks", holdBlocks, 1);
  requireWhole("factor", factor, 2);
  return perform(net, options, async (stage) => {
    const honest = await net.market.elizaPerEth18();
    const pushed = direction === "dearer" ? honest / BigInt(factor) : honest * BigInt(factor);
    await net.market.moveTo(pushed);
    stage.tell(`the pool is pushed from ${tokens(honest)} to ${tokens(pushed)}`);
    await stage.timeline.baseBlocks(holdBlocks);
    await net.market.moveTo(honest);
    stage.tell(`held for ${holdBlocks} blocks, now back at ${tokens(honest)}`);
  });
}
