/** The configuration of leadership, and the relations between its times that make one leader a promise. */
import { homedir } from "node:os";
import { type ConfigProblem, type Env, type EnvValues, parseEnv, registerUrlSecrets } from "@jeju-oracle/kit";
import { leaderLockEnv } from "./leader-env.ts";
import { STORE_SCHEMES } from "./stores/schemes.ts";

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
  const values = parseEnv(leaderLockEnv, env, (parsed) => relationProblems(parsed, heartbeatMs(env)));
  if (!values.LEADER_ELECTION_ENABLED) return { election: "standalone" };
  return electedConfig(values, heartbeatMs(env));
}

/** The part that a command line needs to reach the store. @throws {ConfigError} */
export function loadStoreConfig(env: Env): ElectedConfig {
  const values = parseEnv(leaderLockEnv, env, (parsed) => relationProblems(parsed, heartbeatMs(env)));
  return electedConfig(values, heartbeatMs(env));
}

function electedConfig(values: Values, heartbeat: number): ElectedConfig {
  const timing = timingOf(values);
  const url = storeUrl(values);
  // A path is no secret, and an operator needs it in the log.
  if (!url.startsWith("file:")) registerUrlSecrets(url);
  return {
    election: "elected",
    storeUrl: url,
    lockFile: expandHome(values.LEADER_LOCK_FILE),
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

function storeUrl(values: Values): string {
  if (values.LEADER_LOCK_URL !== "") return values.LEADER_LOCK_URL;
  const path = expandHome(values.LEADER_LOCK_FILE);
  return `file://${encodeURI(path.startsWith("/") ? path : `${process.cwd()}/${path}`)}`;
}

function expandHome(path: string): string {
  return path.startsWith("~/") ? `${homedir()}${path.slice(1)}` : path;
}

function relationProblems(values: Values, heartbeat: number): ConfigProblem[] {
  if (!values.LEADER_ELECTION_ENABLED) return [];
  return [...urlProblems(values.LEADER_LOCK_URL), ...timingProblems(values, heartbeat)];
}

function urlProblems(url: string): ConfigProblem[] {
  if (url === "") return [];
  const problem = (text: string): ConfigProblem => ({
    variable: "LEADER_LOCK_URL",
    problem: text,
    example: leaderLockEnv.LEADER_LOCK_URL.example,
  });
  if (!URL.canParse(url)) return [problem("is not a URL")];
  const { protocol, pathname } = new URL(url);
  const scheme = protocol.slice(0, -1);
  if (!STORE_SCHEMES.some((known) => known === scheme)) {
    return [problem(`names an unknown store ${scheme}; known are ${STORE_SCHEMES.join(", ")}`)];
  }
  return scheme === "file" && pathname.length < 2 ? [problem("names no file")] : [];
}

/** A lease must outlast a renewal that is late by two requests and still leave the margin. */
function timingProblems(values: Values, heartbeat: number): ConfigProblem[] {
  const { ttlMs, renewMs, marginMs, opTimeoutMs } = timingOf(values);
  const problems: ConfigProblem[] = [];
  const neededMs = renewMs + 2 * opTimeoutMs + marginMs;
  if (neededMs > ttlMs) {
    problems.push({
      variable: "LEADER_LOCK_TTL_MS",
      problem:
        `is ${ttlMs}, but renew ${renewMs} + 2 x op timeout ${opTimeoutMs} + margin ${marginMs} = ${neededMs}: ` +
        "a leader could not renew in time",
      example: String(neededMs),
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
