/** Guarantee G4, the arithmetic: what lands on a real oracle is what a real pool and feed say, to the last digit. */
import { afterEach, describe, expect, test } from "bun:test";
import { referenceElizaUsd8, referenceEthUsd8 } from "./support/reference-price.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const WAD = 10n ** 18n;
/** The contract takes any price within its bounds once the one it has is older than a day. */
const OVER_A_DAY_S = 90_000;
/** Still deep enough where elizaOS is cheapest. */
const DEEP_WEI = 100_000n * WAD;

/** Cheap, usual and dear; the ETH prices end in digits that 8 decimals must round. */
const LEVELS = [
  { ethUsd18: 3_245_671_234_567_890_123_456n, elizaPerEth18: 30_000n * WAD },
  { ethUsd18: 500_000_000_005_000_000_000n, elizaPerEth18: 470_000_000n * WAD },
  { ethUsd18: 9_999_999_999_994_999_999_999n, elizaPerEth18: (25n * WAD) / 10n },
];

let world: SteppedWorld | undefined;

afterEach(async () => {
  await world?.stop();
  world = undefined;
});

for (const tokenOrder of ["eliza-token0", "eliza-token1"] as const) {
  describe(`G4: ${tokenOrder}`, () => {
    for (const elizaDecimals of [6, 8, 18] as const) {
      for (const feedDecimals of [8, 18] as const) {
        test(`elizaOS with ${elizaDecimals} decimals, feed with ${feedDecimals}: the prices on chain are exact`, async () => {
          world = await SteppedWorld.start({
            tokenOrder,
            elizaDecimals,
            feedDecimals,
            wethDepthWei: DEEP_WEI,
          });
          for (const { ethUsd18, elizaPerEth18 } of LEVELS) {
            const answer = ethUsd18 / 10n ** BigInt(18 - feedDecimals);
            await publish(world, answer, elizaPerEth18);
            const input = {
              answer,
              feedDecimals,
              tick: await world.net.market.tick(),
              elizaIsToken0: tokenOrder === "eliza-token0",
              elizaDecimals,
            };
            const { ethUsd8, elizaUsd8 } = await world.net.oracleState();
            expect({ ethUsd8, elizaUsd8 }).toEqual({
              ethUsd8: referenceEthUsd8(input),
              elizaUsd8: referenceElizaUsd8(input),
            });
          }
        }, 60_000);
      }
    }
  });
}

/** Lets the market be at this price for a day and an agent push it. */
async function publish(world: SteppedWorld, answer: bigint, elizaPerEth18: bigint): Promise<void> {
  const { feed, market } = world.net;
  await market.moveTo(elizaPerEth18);
  await world.pass(OVER_A_DAY_S, OVER_A_DAY_S);
  const { roundId } = await feed.latestRound();
  const updatedAtS = world.nowS;
  await feed.setRound({
    roundId: roundId + 1n,
    answer,
    startedAtS: updatedAtS,
    updatedAtS,
    answeredInRound: roundId + 1n,
  });
  const agent = await world.agent();
  await world.passUntil("the price landed", () => agent.landed.length === 1, 300, 10);
  await agent.stop();
}
