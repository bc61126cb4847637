/**
 * Composition root: from environment variables to a running agent. HTTP first, so that "starting" is visible; then
 * configuration, chains, runtime. The heavy imports (elizaOS, viem) come after the port is open.
 */
import type { IAgentRuntime } from "@elizaos/core";
import {
  type AgentContext,
  agentEnv,
  ConfigError,
  configDigest,
  createAgentContext,
  type Env,
  parseEnv,
  systemClock,
} from "@jeju-oracle/kit";
import packageJson from "../package.json" with { type: "json" };
import { loadProcessConfig, type ProcessConfig, processEnv } from "./agent-config.ts";
import { collectProblems } from "./config-problems.ts";
import { type HttpServer, startHttpServer } from "./http-server.ts";
import { loadModelConfig } from "./model/model-env.ts";
import type { CataloguedPlugin } from "./plugin-catalogue.ts";
import { guardProcess } from "./process-guards.ts";
import { type Phase, processPages } from "./process-pages.ts";
import { withQuietElizaImport } from "./quiet-import.ts";
import { Shutdown, type ShutdownReport } from "./shutdown.ts";

/** Places in the order of stopping that are not a plugin's. Plugins take 1 to 9. */
const STOP_ORDER = { start: 0, networkRecheck: 0, model: 0, http: 20, guards: 30 } as const;

export interface StartOptions {
  readonly env: Env;
  /** Resolves the plugins this build knows. A function, because importing them is slow. */
  readonly loadCatalogue: () => Promise<readonly CataloguedPlugin[]>;
}

/** Why a running agent ends by itself. */
interface EndRequest {
  readonly reason: string;
  readonly exitCode: number;
}

/** An agent from the moment its port is open. */
export interface Agent {
  readonly context: AgentContext;
  readonly http: Pick<HttpServer, "port" | "host">;
  /**
   * Resolves when every service runs, or when the agent was stopped before that. Rejects with ConfigError,
   * ServiceStartError or DeadlineError.
   */
  readonly started: Promise<void>;
  /** The elizaOS runtime; undefined until it exists. */
  runtime(): IAgentRuntime | undefined;
  /** Resolves when a part of the agent asks for its end, with why and the exit code. */
  readonly endRequested: Promise<EndRequest>;
  /** Ends the agent in order, also one that is still starting. Never throws. */
  stop(reason: string): Promise<ShutdownReport>;
}

/**
 * Starts an agent.
 * @throws {ConfigError} naming every wrong variable, when those that log and port need are among them.
 */
export async function startAgent(options: StartOptions): Promise<Agent> {
  await refuseWithoutLogOrPort(options);
  const { promise: endRequested, resolve: requestEnd } = Promise.withResolvers<EndRequest>();
  const state: AgentState = { phase: "starting", runtime: undefined, configHash: "" };
  const context = createAgentContext(options.env, systemClock, {
    version: packageJson.version,
    configHash: () => state.configHash,
    endProcess: (reason, exitCode) => requestEnd({ reason, exitCode }),
  });
  const config = loadProcessConfig(options.env);
  const shutdown = new Shutdown(context.clock, context.logger);
  const http = startHttpServer(config.http, context);
  shutdown.add({ name: "http", order: STOP_ORDER.http, deadlineMs: 500, run: () => http.stop() });
  http.mount(processPages(context, () => state.phase));
  const unguard = guardProcess(context);
  shutdown.add({ name: "guards", order: STOP_ORDER.guards, deadlineMs: 100, run: async () => unguard() });
  context.logger.info("HTTP is up", { host: http.host, port: http.port });
  const started = finishStart({ options, context, config, http, shutdown, state });
  shutdown.add({ name: "start", order: STOP_ORDER.start, deadlineMs: 500, run: () => settled(started) });
  return {
    context,
    http,
    started,
    endRequested,
    runtime: () => state.runtime,
    stop(reason) {
      state.phase = "stopping";
      return shutdown.run(reason);
    },
  };
}

interface AgentState {
  phase: Phase;
  runtime: IAgentRuntime | undefined;
  configHash: string;
}

interface Start {
  readonly options: StartOptions;
  readonly context: AgentContext;
  readonly config: ProcessConfig;
  readonly http: HttpServer;
  readonly shutdown: Shutdown;
  readonly state: AgentState;
}

/**
 * Without a right log and port there is nothing to start with; then all other tables are checked as well before
 * giving up, so that nobody corrects one variable per start.
 */
async function refuseWithoutLogOrPort({ env, loadCatalogue }: StartOptions): Promise<void> {
  const early = collectProblems([() => parseEnv(agentEnv, env), () => loadProcessConfig(env)]);
  if (early.length === 0) return;
  const catalogue = await loadCatalogue();
  const others = collectProblems(
    catalogue.map(
      ({ checkEnv }) =>
        () =>
          checkEnv(env),
    ),
  );
  throw new ConfigError([...early, ...others]);
}

async function finishStart({ options, context, config, http, shutdown, state }: Start): Promise<void> {
  const [
    catalogue,
    { loadCharacter },
    { choosePlugins },
    network,
    runtimes,
    { pluginPages },
    { attachModel },
  ] = await withQuietElizaImport(() =>
    Promise.all([
      options.loadCatalogue(),
      import("./character.ts"),
      import("./choose-plugins.ts"),
      import("./network-check.ts"),
      import("./runtime.ts"),
      import("./plugin-pages.ts"),
      import("./model/attach-model.ts"),
    ]),
  );
  const problems = collectProblems([
    () => choosePlugins(loadCharacter(config.characterFile), catalogue),
    () => loadModelConfig(options.env),
    ...catalogue.map(
      ({ checkEnv }) =>
        () =>
          checkEnv(options.env),
    ),
  ]);
  if (problems.length > 0) throw new ConfigError(problems);
  state.configHash = configDigest([agentEnv, processEnv, ...catalogue.map(({ env }) => env)], options.env);
  const character = loadCharacter(config.characterFile);
  const plugins = choosePlugins(character, catalogue);

  const sawEverything = await network.checkNetworkAtStart(plugins, context, shutdown.signal);
  if (shutdown.signal.aborted) return;
  const runtime = runtimes.createRuntime(character, plugins, context);
  state.runtime = runtime;
  for (const plugin of plugins) {
    for (const stage of plugin.stops) {
      const { services, order, deadlineMs } = stage;
      const name = [plugin.plugin.name, ...(services ?? [])].join(" ");
      shutdown.add({ name, order, deadlineMs, run: () => runtimes.stopServices(runtime, plugin, stage) });
    }
  }
  await runtimes.startRuntime(runtime, plugins, context);
  if (shutdown.signal.aborted) return;
  if (!sawEverything) {
    const recheck = network.recheckNetwork(plugins, context, runtime);
    shutdown.add({
      name: "network recheck",
      order: STOP_ORDER.networkRecheck,
      deadlineMs: 300,
      run: () => recheck.stop(),
    });
  }
  http.mount(pluginPages(runtime));
  // Nothing waits for the model: it may be slow to load, or never answer.
  const model = attachModel(runtime, character, loadModelConfig(options.env), context, shutdown.signal);
  shutdown.add({ name: "model", order: STOP_ORDER.model, deadlineMs: 300, run: () => model });
  state.phase = "ready";
  context.logger.info("Agent is ready", {
    plugins: plugins.map(({ plugin }) => plugin.name).join(", "),
    processAgeMs: Math.round(process.uptime() * 1000),
    rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
  });
}

/** Waits for an outcome that someone else judges. */
async function settled(promise: Promise<void>): Promise<void> {
  await Promise.allSettled([promise]);
}
