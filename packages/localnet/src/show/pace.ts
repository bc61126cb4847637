/** How fast the agents of `npm start` work: quick enough to see something happen. The lease has its default times. */
import type { ScenarioName } from "../scenarios/index.ts";

export const HEARTBEAT_S = 30;
export const DEVIATION_BPS = 50;

/** Production defaults are in docs/configuration.md. */
const PACE: Readonly<Record<string, string>> = {
  UPDATE_INTERVAL_MS: String(HEARTBEAT_S * 1000),
  PRICE_POLL_INTERVAL_MS: "2000",
  MIN_UPDATE_INTERVAL_S: "3",
  DEVIATION_THRESHOLD_BPS: String(DEVIATION_BPS),
};

/** A feed that stalls is noticed within two minutes instead of half an hour. */
const PACE_OF_SCENARIO: Readonly<Partial<Record<ScenarioName, Readonly<Record<string, string>>>>> = {
  "feed-stall": { FEED_MAX_AGE_S: "90" },
};

/** Variables of an agent's environment. */
export function paceOf(scenario: ScenarioName): Readonly<Record<string, string>> {
  return { ...PACE, ...PACE_OF_SCENARIO[scenario] };
}
