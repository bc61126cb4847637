/** The elizaOS runtime of this agent: character, plugins and memory, started to the point where every service runs. */
import { AgentRuntime, type Character, type IAgentRuntime, type ServiceTypeName } from "@elizaos/core";
import {
  type AgentContext,
  BaseError,
  describeError,
  provideAgentContext,
  withDeadline,
} from "@jeju-oracle/kit";
import { elizaLoggerTo, redirectGlobalElizaLog } from "./eliza-log.ts";
import { MemoryAdapter } from "./memory-adapter.ts";
import type { CataloguedPlugin, StopStage } from "./plugin-catalogue.ts";

/** elizaOS gives up on a service after 30 s; ours only construct in `start`, so a third of it is generous. */
const START_DEADLINE_MS = 10_000;

/** A service that the agent cannot do without did not start. */
export class ServiceStartError extends BaseError {
  constructor(serviceType: string, cause: unknown) {
    super(`service ${serviceType} did not start: ${describeError(cause)}`, {
      code: "service-start-failed",
      retryable: true,
      nextStep: "Read the cause; the supervisor starts the agent again.",
      details: { serviceType },
    });
  }
}

/** A runtime that has not started anything yet. */
export function createRuntime(
  character: Character,
  plugins: readonly CataloguedPlugin[],
  context: AgentContext,
): AgentRuntime {
  const logger = context.logger.child({ source: "elizaos" });
  redirectGlobalElizaLog(logger);
  const runtime = new AgentRuntime({
    character,
    plugins: plugins.map(({ plugin }) => plugin),
    adapter: new MemoryAdapter(),
    settings: {},
  });
  runtime.logger = elizaLoggerTo(logger);
  provideAgentContext(runtime, context);
  return runtime;
}

/**
 * Starts the runtime and waits until every service has started. A service of a plugin that is not essential may fail:
 * that is logged.
 * @throws {ServiceStartError} when an essential service failed or was not up in time.
 * @throws {DeadlineError} when elizaOS itself did not initialise in time.
 */
export async function startRuntime(
  runtime: AgentRuntime,
  plugins: readonly CataloguedPlugin[],
  context: AgentContext,
): Promise<void> {
  const starts = plugins.flatMap(({ plugin, essential }) =>
    serviceTypesOf(plugin).map((serviceType) => ({
      serviceType,
      essential,
      // Asked for before initialize(): a rejection that nobody awaits would end the process.
      outcome: settle(runtime.getServiceLoadPromise(serviceType)),
    })),
  );
  await withDeadline(context.clock, "elizaOS initialisation", START_DEADLINE_MS, () => runtime.initialize());
  for (const { serviceType, essential, outcome } of starts) {
    const error = await failureOf(serviceType, outcome, context);
    if (error === undefined) continue;
    if (essential) throw new ServiceStartError(serviceType, error);
    context.logger.error("A service did not start; the agent goes on without it", {
      serviceType,
      error: describeError(error),
    });
  }
}

/** Stops the services of `plugin` that `stage` names. The caller sets the deadline. */
export async function stopServices(
  runtime: IAgentRuntime,
  { plugin }: CataloguedPlugin,
  { services }: StopStage,
): Promise<void> {
  const stopping = serviceTypesOf(plugin).filter((type) => services === undefined || services.includes(type));
  for (const serviceType of stopping) await runtime.getService(serviceType)?.stop();
}

function serviceTypesOf(plugin: CataloguedPlugin["plugin"]): ServiceTypeName[] {
  return (plugin.services ?? []).map(({ serviceType }) => serviceType as ServiceTypeName);
}

type Outcome = { readonly error: unknown } | undefined;

async function settle(promise: Promise<unknown>): Promise<Outcome> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return { error };
  }
}

async function failureOf(
  serviceType: string,
  outcome: Promise<Outcome>,
  { clock }: AgentContext,
): Promise<unknown> {
  try {
    const failed = await withDeadline(
      clock,
      `start of service ${serviceType}`,
      START_DEADLINE_MS,
      () => outcome,
    );
    return failed?.error;
  } catch (error) {
    return error;
  }
}
