/** The configuration of leadership, and the relations between its times that make one leader a promise. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type ConfigProblem, type Env, type EnvValues, parseEnv, SEND_GUARD_MS } from "@jeju-oracle/kit";
import { leaderLockEnv } from "./leader-env.ts";
import { storeUrlProblem } from "./stores/store-url.ts";

/** Times of a lease in ms. `classic` are the seed's: 2-minute timeout, heartbeat every 30 seconds. */
const PROFILES = {
  fast: { ttlMs: 20_000, renewMs: 5_000, marginMs: 4_000, opTimeoutMs: 3_000, pollMs: 1_000 },
  classic: { ttlMs: 120_000, renewMs: 30_000, marginMs: 10_000, opTimeoutMs: 10_000, pollMs: 5_000 },
} as const;

type Values = EnvValues<typeof leaderLockEnv>;

/** Times of a lease, ms. */
export interface LeaseTiming {
  readonly ttlMs: number;
  readonly renewMs: number;
  readonly marginMs: number;
  readonly opTimeoutMs: number;
  readonly pollMs: number;
}

export interface ElectedConfig {
  readonly election: "elected";
  /** May hold a password: never shown. */
  readonly storeUrl: string;
  readonly lockFile: string;
  readonly timing: LeaseTiming;
  readonly priority: number;
  readonly nofailover: boolean;
  readonly unhealthyResignMs: number;
  readonly fallbackAfterMs: number;
  readonly fallbackRankOffsetMs: number;
}

export type LeaderLockConfig = { readonly election: "standalone" } | ElectedConfig;

/**
 * Reads the plugin's configuration.
 * @throws {ConfigError} with one problem per wrong variable or broken relation.
 */
export function loadLeaderLockConfig(env: Env): LeaderLockConfig {
  const heartbeat = heartbeatMs(env);
  const values = parseEnv(leaderLockEnv, env, (parsed) =>
    parsed.LEADER_ELECTION_ENABLED ? relationProblems(parsed, heartbeat) : [],
  );
  return values.LEADER_ELECTION_ENABLED ? electedConfig(values, heartbeat) : { election: "standalone" };
}

/** The part that a command line needs to reach the store, whether or not this host's agent takes part. @throws {ConfigError} */
export function loadStoreConfig(env: Env): ElectedConfig {
  const heartbeat = heartbeatMs(env);
  const values = parseEnv(leaderLockEnv, env, (parsed) => relationProblems(parsed, heartbeat));
  return electedConfig(values, heartbeat);
}

function electedConfig(values: Values, heartbeat: number): ElectedConfig {
  const timing = timingOf(values);
  return {
    election: "elected",
    storeUrl: values.LEADER_LOCK_URL || pathToFileURL(lockFile(values)).href,
    lockFile: lockFile(values),
    timing,
    priority: values.LEADER_PRIORITY,
    nofailover: values.LEADER_NOFAILOVER,
    unhealthyResignMs: values.LEADER_UNHEALTHY_RESIGN_MS,
    fallbackAfterMs: values.FALLBACK_AFTER_MS ?? heartbeat + timing.ttlMs + FALLBACK_SLACK_MS,
    fallbackRankOffsetMs: values.FALLBACK_RANK_OFFSET_MS,
  };
}

/** A heartbeat that is a little late is no outage. */
const FALLBACK_SLACK_MS = 10_000;
/** Default of UPDATE_INTERVAL_MS, which belongs to the price loop. */
const DEFAULT_HEARTBEAT_MS = 300_000;

function heartbeatMs(env: Env): number {
  const text = env.UPDATE_INTERVAL_MS?.trim() ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : DEFAULT_HEARTBEAT_MS;
}

function timingOf(values: Values): LeaseTiming {
  const profile = PROFILES[values.LEADER_LOCK_PROFILE];
  return {
    ttlMs: values.LEADER_LOCK_TTL_MS ?? profile.ttlMs,
    renewMs: values.LEADER_LOCK_RENEW_MS ?? profile.renewMs,
    marginMs: values.LEADER_LOCK_MARGIN_MS ?? profile.marginMs,
    opTimeoutMs: values.LEADER_LOCK_OP_TIMEOUT_MS ?? profile.opTimeoutMs,
    pollMs: values.LEADER_LOCK_POLL_MS ?? profile.pollMs,
  };
}

/** Absolute, so that it names one file whatever the working directory is later. */
function lockFile({ LEADER_LOCK_FILE: path }: Values): string {
  return resolve(path.startsWith("~/") ? `${homedir()}${path.slice(1)}` : path);
}

function relationProblems(values: Values, heartbeat: number): ConfigProblem[] {
  return [...urlProblems(values.LEADER_LOCK_URL), ...timingProblems(values, heartbeat)];
}

function urlProblems(url: string): ConfigProblem[] {
  const problem = url === "" ? undefined : storeUrlProblem(url);
  if (problem === undefined) return [];
  return [{ variable: "LEADER_LOCK_URL", problem, example: leaderLockEnv.LEADER_LOCK_URL.example }];
}

/** A lease must outlast a renewal that is late by two requests, leave time to push until the renewal, and then the margin. */
function timingProblems(values: Values, heartbeat: number): ConfigProblem[] {
  const { ttlMs, renewMs, marginMs, opTimeoutMs, pollMs } = timingOf(values);
  const problems: ConfigProblem[] = [];
  const isRenewalLonger = 2 * opTimeoutMs >= SEND_GUARD_MS;
  const neededMs = renewMs + Math.max(2 * opTimeoutMs, SEND_GUARD_MS) + marginMs;
  if (neededMs > ttlMs) {
    const [part, consequence] = isRenewalLonger
      ? [`2 x op timeout ${opTimeoutMs}`, "a leader could not renew in time"]
      : [`push ${SEND_GUARD_MS}`, "a leader could rarely push"];
    problems.push({
      variable: "LEADER_LOCK_TTL_MS",
      problem: `is ${ttlMs}, but renew ${renewMs} + ${part} + margin ${marginMs} = ${neededMs}: ${consequence}`,
      example: String(neededMs),
    });
  }
  if (pollMs > renewMs) {
    problems.push({
      variable: "LEADER_LOCK_POLL_MS",
      problem: `is ${pollMs}, but must be at most renew ${renewMs}: a follower would miss renewals and report too late`,
      example: String(renewMs),
    });
  }
  const fallbackMs = values.FALLBACK_AFTER_MS;
  if (fallbackMs !== undefined && fallbackMs <= heartbeat + ttlMs) {
    problems.push({
      variable: "FALLBACK_AFTER_MS",
      problem:
        `is ${fallbackMs}, but must be more than heartbeat ${heartbeat} + ttl ${ttlMs} = ${heartbeat + ttlMs}: ` +
        "agents would push beside a leader that is only failing over",
      example: String(heartbeat + ttlMs + FALLBACK_SLACK_MS),
    });
  }
  return problems;
}
