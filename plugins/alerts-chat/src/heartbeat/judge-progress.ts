/**
 * Whether this agent does what it is there for, so that the outside watch may hear of it. Pure. Being alive is no progress: an agent
 * that hangs, sees nothing, lets the price grow old or cannot tell of alerts is as good as gone, and is silent.
 */
import type { Env, OracleSnapshot } from "@jeju-oracle/kit";

export interface ProgressInput {
  /** Undefined before the price loop has started. */
  readonly snapshot: Pick<OracleSnapshot, "lastLookAgeMs" | "priceAgeS" | "pausedBy"> | undefined;
  /** Time in ms since the alert pipeline last went round. */
  readonly pipelineAgeMs: number;
}

export interface ProgressLimits {
  readonly lookFreshMs: number;
  /** While updates run. */
  readonly priceKeptS: bigint;
  /** While they are paused, by a person or because somebody else changed the price. */
  readonly priceKeptPausedS: bigint;
}

/** The contract's: consumers refuse an older price. */
const STALE_AFTER_S = 3_600n;
/** As the alert OraclePriceAgeing. */
const AGEING_HEARTBEATS = 3n;
const SHORTEST_LOOK_FRESH_MS = 120_000;
const LOOKS_MISSED = 3;
/** It goes round every 5 s. */
const PIPELINE_FRESH_MS = 60_000;
/** Defaults of variables that belong to the price loop. */
const DEFAULT_HEARTBEAT_MS = 300_000;
const DEFAULT_POLL_MS = 10_000;

/**
 * Half the time to staleness is left to people when the price is not kept; with a slower heartbeat three of them pass first. A pause
 * is somebody's decision, so it may last until the price is stale, and not longer: a forgotten one must not look alive for ever.
 */
export function progressLimits(env: Env): ProgressLimits {
  const heartbeatS = BigInt(Math.ceil(numberIn(env.UPDATE_INTERVAL_MS, DEFAULT_HEARTBEAT_MS) / 1_000));
  const pollMs = numberIn(env.PRICE_POLL_INTERVAL_MS, DEFAULT_POLL_MS);
  const threeHeartbeatsS = AGEING_HEARTBEATS * heartbeatS;
  const halfS = STALE_AFTER_S / 2n;
  const priceKeptS = threeHeartbeatsS > halfS ? threeHeartbeatsS : halfS;
  return {
    lookFreshMs: Math.max(SHORTEST_LOOK_FRESH_MS, LOOKS_MISSED * pollMs),
    priceKeptS: priceKeptS < STALE_AFTER_S ? priceKeptS : STALE_AFTER_S,
    priceKeptPausedS: STALE_AFTER_S,
  };
}

/** @returns why there is no progress; undefined when there is. */
export function obstacleToProgress(input: ProgressInput, limits: ProgressLimits): string | undefined {
  const { snapshot, pipelineAgeMs } = input;
  if (snapshot === undefined) return "the price loop has not started";
  const { lastLookAgeMs, priceAgeS, pausedBy } = snapshot;
  if (lastLookAgeMs === undefined) return "source and chain have not been read yet";
  if (lastLookAgeMs > limits.lookFreshMs)
    return `source and chain were last read ${Math.round(lastLookAgeMs / 1_000)} s ago`;
  if (priceAgeS === undefined) return "the price on chain has not been read yet";
  if (priceAgeS > (pausedBy === undefined ? limits.priceKeptS : limits.priceKeptPausedS))
    return `the price on chain is ${priceAgeS} s old${pausedBy === undefined ? "" : ", and updates are paused"}`;
  if (pipelineAgeMs > PIPELINE_FRESH_MS)
    return `the alert pipeline stands still for ${Math.round(pipelineAgeMs / 1_000)} s`;
  return undefined;
}

/** A malformed value is the price loop's to refuse. */
function numberIn(text: string | undefined, otherwise: number): number {
  const word = text?.trim() ?? "";
  return /^\d{1,9}$/.test(word) ? Number(word) : otherwise;
}
