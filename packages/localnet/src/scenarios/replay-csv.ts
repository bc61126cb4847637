/** Plays a recorded day: the feed by Chainlink's rule, the pool by real swaps, a chain minute for each recorded one. */
import type { Localnet } from "../localnet.ts";
import { type PriceRange, type ReplayRow, type ReplayRowsOptions, readReplayRows } from "./replay-rows.ts";
import { dollars, perform, type ScenarioOptions, tokens } from "./scenario.ts";

export interface ReplayCsvOptions extends ScenarioOptions, ReplayRowsOptions {
  /** Told of each minute before it is played. */
  readonly onMinute?: (row: ReplayRow) => void;
}

/** A minute is played as its open (the last close), its two extremes and its close. */
const STEPS_PER_MINUTE = 3;
const MINUTE_S = 60;

/**
 * How fast a day passes is the localnet's `speedUp`; on a network that stands still it passes at once. Start the
 * localnet at the prices of the first row ({@link readReplayRows}), or the replay begins with a jump.
 * @throws {LocalnetInputError} for a file that is not as it should be, before anything moves.
 */
export async function replayCsv(net: Localnet, options: ReplayCsvOptions): Promise<void> {
  const rows = await readReplayRows(options);
  return perform(net, options, async ({ timeline, publisher, tell }) => {
    let ethUsd8 = await net.feed.ethUsd8();
    let elizaPerEth18 = await net.market.elizaPerEth18();
    const firstS = secondOfDay(rows[0]?.minute);
    for (const row of rows) {
      const minuteS = secondOfDay(row.minute) - firstS;
      options.onMinute?.(row);
      const ethPath = pathThrough(ethUsd8, row.ethUsd8);
      const elizaPath = pathThrough(elizaPerEth18, row.elizaPerEth18);
      for (let step = 0; step < STEPS_PER_MINUTE; step++) {
        await timeline.until(minuteS + ((step + 1) * MINUTE_S) / STEPS_PER_MINUTE);
        const nextEliza = elizaPath[step] ?? row.elizaPerEth18.close;
        ethUsd8 = ethPath[step] ?? row.ethUsd8.close;
        if (nextEliza !== elizaPerEth18) await net.market.moveTo(nextEliza);
        elizaPerEth18 = nextEliza;
        const published = await publisher.observe(ethUsd8);
        if (published) tell(`${row.minute} ETH ${dollars(ethUsd8)} (published), ${tokens(elizaPerEth18)}`);
      }
    }
  });
}

/** The file does not tell which extreme came first: the one on the far side of the move is taken to have. */
function pathThrough(open: bigint, { low, high, close }: PriceRange): readonly bigint[] {
  return close >= open ? [low, high, close] : [high, low, close];
}

/** Of a validated "HH:MM". */
function secondOfDay(minute = "00:00"): number {
  const [hours, minutes] = minute.split(":").map(Number);
  return ((hours ?? 0) * 60 + (minutes ?? 0)) * MINUTE_S;
}
