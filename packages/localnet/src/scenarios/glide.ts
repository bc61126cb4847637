/** Moves ETH/USD from one price to another in even steps of chain time, published by Chainlink's rule. */
import { dollars, type Stage } from "./scenario.ts";

export interface Glide {
  readonly fromUsd8: bigint;
  readonly toUsd8: bigint;
  readonly durationS: number;
  readonly steps: number;
}

export async function glide(stage: Stage, { fromUsd8, toUsd8, durationS, steps }: Glide): Promise<void> {
  const startS = stage.timeline.elapsedS;
  for (let step = 1; step <= steps; step++) {
    await stage.timeline.until(startS + Math.round((durationS * step) / steps));
    const price = fromUsd8 + ((toUsd8 - fromUsd8) * BigInt(step)) / BigInt(steps);
    if (await stage.publisher.observe(price)) stage.tell(`ETH ${dollars(price)} (published)`);
  }
}
