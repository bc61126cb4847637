/**
 * The plugins this agent can load, in the order of their start: leadership answers before the price loop asks. A
 * character names the ones it wants; everything else about a plugin that the process must know is in its entry.
 */
import type { Plugin } from "@elizaos/core";
import type { AgentContext, ConfigProblem, Env, EnvSpec } from "@jeju-oracle/kit";
import alertsChatPlugin, { alertsChatEnv, checkChatConfig } from "@jeju-oracle/plugin-alerts-chat";
import leaderLockPlugin, { leaderLockEnv, loadLeaderLockConfig } from "@jeju-oracle/plugin-leader-lock";
import oracleUpdaterPlugin, {
  checkStartup,
  loadOracleConfig,
  oracleEnv,
} from "@jeju-oracle/plugin-oracle-updater";

/** What a look at the chains found before anything is sent. */
export interface NetworkReport {
  /** The configuration is wrong: do not start. */
  readonly problems: readonly ConfigProblem[];
  /** Works, but an operator should know. */
  readonly notes: readonly string[];
  /** Could not be checked now. */
  readonly unreachable: readonly string[];
}

/** One place in the order of stopping. */
export interface StopStage {
  /** Types of the services that stop here; every one of the plugin when left out. */
  readonly services?: readonly string[];
  /** Small numbers first. */
  readonly order: number;
  /** How long these services may take to stop. */
  readonly deadlineMs: number;
}

export interface CataloguedPlugin {
  /** Name in a character's `plugins`. */
  readonly packageName: string;
  readonly plugin: Plugin;
  /** Without it the agent cannot do its job: a character must name it, and its services must start. */
  readonly essential: boolean;
  /** Where its services stop. */
  readonly stops: readonly StopStage[];
  readonly env: EnvSpec;
  /** @throws {ConfigError} when the plugin's variables are wrong. */
  readonly checkEnv: (env: Env) => void;
  /** Checks that need the network. @throws {ConfigError} when the variables are wrong. */
  readonly checkNetwork?: (context: AgentContext) => Promise<NetworkReport>;
}

/**
 * Stopping the price loop first lets the lead go only when nothing can be sent any more. The chat hears all of it, and then writes
 * its last records: the store and the chat lease end last.
 */
export const pluginCatalogue: readonly CataloguedPlugin[] = [
  {
    packageName: "@jeju-oracle/plugin-leader-lock",
    plugin: leaderLockPlugin,
    essential: true,
    stops: [
      { services: ["leadership", "fleet"], order: 2, deadlineMs: 1_000 },
      { services: ["coordination"], order: 4, deadlineMs: 1_000 },
    ],
    env: leaderLockEnv,
    checkEnv: loadLeaderLockConfig,
  },
  {
    packageName: "@jeju-oracle/plugin-oracle-updater",
    plugin: oracleUpdaterPlugin,
    essential: true,
    stops: [{ order: 1, deadlineMs: 2_000 }],
    env: oracleEnv,
    checkEnv: loadOracleConfig,
    checkNetwork: (context) => checkStartup(loadOracleConfig(context.env), context),
  },
  {
    packageName: "@jeju-oracle/plugin-alerts-chat",
    plugin: alertsChatPlugin,
    essential: false,
    stops: [{ order: 3, deadlineMs: 1_000 }],
    env: alertsChatEnv,
    checkEnv: checkChatConfig,
  },
];
