/** What the market does while it is shown: a scenario, begun again when the chain did not answer it. */
import { describeError } from "@jeju-oracle/kit";
import type { Localnet } from "../localnet.ts";
import { randomWalk, runScenario, type ScenarioName } from "../scenarios/index.ts";
import { pause } from "./pause.ts";

/** After the Base chain did not answer. */
const RETRY_MS = 2_000;
/** A day of ordinary moves in minutes, so that deviations come before the heartbeat. */
const DEMONSTRATION_WALK = { stepS: 3, ethSpreadPpm: 1_500, elizaSpreadPpm: 1_500 } as const;

/** Plays until the scenario is over or `signal` aborts. Never rejects. */
export async function playMarket(
  net: Localnet,
  scenario: ScenarioName,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const told = { signal, onProgress: tell };
  tell(`plays "${scenario}"`);
  while (!signal.aborted) {
    try {
      if (scenario === "random-walk") await randomWalk(net, { ...told, ...DEMONSTRATION_WALK });
      else await runScenario(net, scenario, told);
      if (!signal.aborted) tell(`"${scenario}" is over, prices stay as they are`);
      return;
    } catch (error) {
      if (signal.aborted) return;
      tell(`interrupted, starts again from the prices of now: ${describeError(error)}`);
      await pause(RETRY_MS, signal);
    }
  }
}
