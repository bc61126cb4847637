/**
 * Gives a running agent its optional model. Whatever is wrong with it (not installed, broken, never answering, refusing its key) is one
 * warning, and the agent goes on without. It runs in this process: a plugin that computes without end stands in the way of everything. Of the plugin the runtime gets the small text model and nothing else: none of its
 * actions, providers, services or routes.
 */

import { dirname } from "node:path";
import { type Character, type IAgentRuntime, ModelType, type Plugin } from "@elizaos/core";
import { type AgentContext, BaseError, describeError, withDeadline } from "@jeju-oracle/kit";
import { elizaLoggerTo } from "../eliza-log.ts";
import { withQuietElizaImport } from "../quiet-import.ts";
import { findPackage, type InstalledPackage } from "./find-package.ts";
import type { ModelConfig } from "./model-env.ts";
import { surroundingsOf } from "./plugin-surroundings.ts";
import type { ModelProvider } from "./providers.ts";

const IMPORT_DEADLINE_MS = 30_000;
const INIT_DEADLINE_MS = 10_000;

/** What is installed under the plugin's name cannot give a model. */
class ModelPluginError extends BaseError {
  constructor(problem: string) {
    super(problem, {
      code: "model-plugin-unusable",
      retryable: false,
      nextStep: "Install the version of the plugin that the agent's page names.",
    });
  }
}

/** Attaches the model that is wanted, if one is. Never throws; ends soon after `signal` aborts. */
export async function attachModel(
  runtime: IAgentRuntime,
  character: Character,
  config: ModelConfig,
  context: AgentContext,
  signal: AbortSignal,
): Promise<void> {
  const { wanted, pluginDirectory } = config;
  const [provider, ...others] = wanted;
  if (provider === undefined) return;
  const warn = (why: string, nextStep: string) =>
    context.logger.warn(`No model answers free text: ${why}. Everything else works`, { nextStep });
  if (others.length > 0) {
    warn(
      `the variables of ${wanted.map(({ id }) => id).join(" and ")} are set`,
      `Set MODEL_PROVIDER to one of ${wanted.map(({ id }) => id).join(", ")}.`,
    );
    return;
  }
  const { id, packageName, version, wantedBy } = provider;
  if (character.plugins?.includes(packageName) !== true) {
    warn(`${wantedBy} is set, and the character does not name ${packageName}`, "Add it to CHARACTER_FILE.");
    return;
  }
  const folder = pluginDirectory ?? import.meta.dir;
  const install = `In ${pluginDirectory ?? "a folder of its own, to be named by MODEL_PLUGIN_DIR,"} run: bun add ${packageName}@${version}`;
  try {
    const found = findPackage(packageName, folder);
    if (found === undefined) {
      warn(`${wantedBy} is set, and ${packageName} is not installed`, install);
      return;
    }
    await register(runtime, provider, found, config, context, signal);
    context.logger.info("A model answers free text", {
      provider: id,
      plugin: packageName,
      version: found.version,
    });
  } catch (error) {
    if (signal.aborted) return;
    warn(
      `${packageName} cannot be used: ${describeError(error)}`,
      `${install} (the version that was tried).`,
    );
  }
}

async function register(
  runtime: IAgentRuntime,
  provider: ModelProvider,
  { entry }: InstalledPackage,
  { values }: ModelConfig,
  { clock, logger }: AgentContext,
  signal: AbortSignal,
): Promise<void> {
  // The AI SDK below the plugins prints warnings to the console unless this is false.
  Reflect.set(globalThis, "AI_SDK_LOG_WARNINGS", false);
  const what = `the import of ${provider.packageName}`;
  const importAll = async () => {
    const imported = await importPlugin(entry);
    await redirectLogOf(entry, elizaLoggerTo(logger.child({ source: "elizaos" })));
    return imported;
  };
  const plugin = await withQuietElizaImport(() =>
    withDeadline(clock, what, IMPORT_DEADLINE_MS, importAll, signal),
  );
  const generate = plugin.models?.[ModelType.TEXT_SMALL];
  if (generate === undefined) throw new ModelPluginError("it offers no small text model");
  const surroundings = surroundingsOf(runtime, provider, values);
  await withDeadline(
    clock,
    `the start of ${provider.packageName}`,
    INIT_DEADLINE_MS,
    async () => plugin.init?.({}, surroundings),
    signal,
  );
  runtime.registerModel(
    ModelType.TEXT_SMALL,
    async (_runtime, params) => generate(surroundings, { ...params, prompt: String(params.prompt) }),
    provider.id,
  );
}

async function importPlugin(entry: string): Promise<Plugin> {
  const module: unknown = await import(entry);
  if (!hasDefault(module) || !isPlugin(module.default))
    throw new ModelPluginError("it exports no elizaOS plugin");
  return module.default;
}

/** A plugin that was installed elsewhere brings its own elizaOS, with a log of its own. */
async function redirectLogOf(entry: string, log: IAgentRuntime["logger"]): Promise<void> {
  const found = findPackage("@elizaos/core", dirname(entry));
  if (found === undefined) return;
  const core: unknown = await import(found.entry);
  if (typeof core !== "object" || core === null || !("logger" in core)) return;
  if (typeof core.logger === "object" && core.logger !== null) Object.assign(core.logger, log);
}

function hasDefault(module: unknown): module is { readonly default: unknown } {
  return typeof module === "object" && module !== null && "default" in module;
}

function isPlugin(value: unknown): value is Plugin {
  return typeof value === "object" && value !== null && "name" in value && "models" in value;
}
