/** A bot's state in words, the same in the block and in the line. Pure. */
import type { BotState } from "./fleet-watch.ts";
import type { Health } from "./health.ts";

/** A decision older than this is told with its age: the agent has not looked at the chains since. */
const OLD_LOOK_S = 10;

/** `LEADER term 3`, `follower`. */
export function roleOf({ role, term }: Health): string {
  return role === "leader" ? `LEADER term ${term ?? "?"}` : (role ?? "no role yet");
}

/** `healthy`, or what is wrong. */
export function healthOf({ status, consecutiveFailures, reasons = [] }: Health): string {
  const why = status === "unhealthy" && reasons.length > 0 ? `: ${reasons.join("; ")}` : "";
  const failures = consecutiveFailures === 0 ? "" : `, ${consecutiveFailures} failures in a row`;
  return `${status === "unhealthy" ? "UNHEALTHY" : status}${why}${failures}`;
}

/** `push deviation`, `skip unchanged`. */
export function decisionOf({ decision, lastLookAgeS = 0 }: Health): string {
  if (decision === undefined) return "no look yet";
  const old = lastLookAgeS > OLD_LOOK_S ? ` ${lastLookAgeS} s ago` : "";
  return `${decision.kind} ${decision.reason}${old}`;
}

export function ageOf({ priceAgeS }: Health): string {
  return `price ${priceAgeS ?? "?"} s old`;
}

export function updatesOf({ totalUpdates }: Health): string {
  return totalUpdates === 1 ? "1 update" : `${totalUpdates} updates`;
}

/** Since when a bot is silent, in the time zone of the log. @param nowMs ms since the epoch. */
export function silenceOf({ everAnswered, silentSinceMs }: BotState, nowMs: number): string {
  const seconds = `${Math.max(0, Math.round((nowMs - silentSinceMs) / 1000))} s`;
  if (!everAnswered) return `is starting, no answer yet after ${seconds}`;
  return `DOES NOT ANSWER since ${new Date(silentSinceMs).toISOString().slice(11, 19)} (${seconds})`;
}

/** Both prices at the source and on chain, as the leader saw them, else the first bot that tells. */
export function pricesOf(fleet: readonly BotState[], leader: BotState | undefined): string {
  const told = [leader, ...fleet].find((bot) => bot?.health?.sourceEthUsd8 !== undefined)?.health;
  if (told === undefined) return "no prices read yet";
  const { sourceEthUsd8, chainEthUsd8, sourceElizaUsd8, chainElizaUsd8 } = told;
  return [
    `ETH ${usd(sourceEthUsd8, 2)} (on chain ${usd(chainEthUsd8, 2)})`,
    `elizaOS ${usd(sourceElizaUsd8, 6)} (on chain ${usd(chainElizaUsd8, 6)})`,
  ].join(" | ");
}

/** For display only: a price that is computed with stays a bigint. */
function usd(price8: string | undefined, decimals: number): string {
  return price8 === undefined ? "?" : `$${(Number(price8) / 1e8).toFixed(decimals)}`;
}
