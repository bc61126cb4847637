/** The scenarios by name, for those that need no parameters. */
import type { Localnet } from "../localnet.ts";
import { crash } from "./crash.ts";
import { feedStall } from "./feed-stall.ts";
import { manipulation } from "./manipulation.ts";
import { randomWalk } from "./random-walk.ts";
import type { ScenarioOptions } from "./scenario.ts";
import { spike } from "./spike.ts";

export { type CrashOptions, crash } from "./crash.ts";
export { type FeedStallOptions, feedStall } from "./feed-stall.ts";
export { type ManipulationOptions, manipulation } from "./manipulation.ts";
export { type RandomWalkOptions, randomWalk } from "./random-walk.ts";
export { type ReplayCsvOptions, replayCsv } from "./replay-csv.ts";
export { type PriceRange, type ReplayRow, type ReplayRowsOptions, readReplayRows } from "./replay-rows.ts";
export type { ScenarioOptions } from "./scenario.ts";
export { type SpikeOptions, spike } from "./spike.ts";

const SCENARIOS = {
  "random-walk": randomWalk,
  spike,
  crash,
  manipulation,
  "feed-stall": feedStall,
} as const satisfies Record<string, (net: Localnet, options: ScenarioOptions) => Promise<void>>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

/** Runs one scenario with its default parameters until it is over or aborted. */
export function runScenario(net: Localnet, name: ScenarioName, options: ScenarioOptions = {}): Promise<void> {
  return SCENARIOS[name](net, options);
}
