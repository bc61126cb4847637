/** The variables of leadership. */
import { ConfigError, defineEnv, type Env, envTypes, parseEnv } from "@jeju-oracle/kit";

/** Every variable this plugin reads. */
export const leaderLockEnv = defineEnv({
  LEADER_ELECTION_ENABLED: {
    schema: envTypes.boolean(),
    about:
      "Whether agents elect one leader. Without it every agent may push, and the fence on chain admits one.",
    example: "false",
    default: "false",
    source: "running deployment",
  },
});

export interface LeaderLockConfig {
  readonly election: "standalone";
}

/**
 * Reads the plugin's configuration.
 * @throws {ConfigError} when malformed, or when an election is asked for that this version does not have.
 */
export function loadLeaderLockConfig(env: Env): LeaderLockConfig {
  const values = parseEnv(leaderLockEnv, env);
  if (values.LEADER_ELECTION_ENABLED) {
    throw new ConfigError([
      {
        variable: "LEADER_ELECTION_ENABLED",
        problem:
          "this version has no election yet; set it to false: the fence on chain still admits one update per decision",
        example: "false",
      },
    ]);
  }
  return { election: "standalone" };
}
