/**
 * Looks at the chains before anything is sent. What is wrong stops the start; what cannot be reached does not, because
 * an agent that waits for its network beats one that has to be started again: it is looked at until it was seen once.
 */
import type { IAgentRuntime } from "@elizaos/core";
import {
  type AgentContext,
  ConfigError,
  describeError,
  findPort,
  formatProblem,
  type Supervised,
  sleep,
  supervise,
  withDeadline,
} from "@jeju-oracle/kit";
import type { CataloguedPlugin, NetworkReport } from "./plugin-catalogue.ts";

/** Long enough for a slow endpoint and its fallback, short enough that a dead one does not hold the start. */
const CHECK_DEADLINE_MS = 10_000;
const RECHECK_INTERVAL_MS = 60_000;

/** Runs the network checks of every plugin. Out of time, or aborted, counts as unreachable. */
export async function checkNetwork(
  plugins: readonly CataloguedPlugin[],
  context: AgentContext,
  signal?: AbortSignal,
): Promise<NetworkReport> {
  const reports = await Promise.all(
    plugins.map(async ({ plugin, checkNetwork: check }): Promise<NetworkReport> => {
      if (check === undefined) return { problems: [], notes: [], unreachable: [] };
      try {
        return await withDeadline(
          context.clock,
          `network check of ${plugin.name}`,
          CHECK_DEADLINE_MS,
          () => check(context),
          signal,
        );
      } catch (error) {
        if (error instanceof ConfigError) return { problems: error.problems, notes: [], unreachable: [] };
        return { problems: [], notes: [], unreachable: [describeError(error)] };
      }
    }),
  );
  return {
    problems: reports.flatMap(({ problems }) => problems),
    notes: reports.flatMap(({ notes }) => notes),
    unreachable: reports.flatMap(({ unreachable }) => unreachable),
  };
}

/**
 * The check at start.
 * @returns whether everything could be looked at.
 * @throws {ConfigError} when the chains contradict the configuration.
 */
export async function checkNetworkAtStart(
  plugins: readonly CataloguedPlugin[],
  context: AgentContext,
  signal: AbortSignal,
): Promise<boolean> {
  const { problems, notes, unreachable } = await checkNetwork(plugins, context, signal);
  if (problems.length > 0) throw new ConfigError(problems);
  for (const note of notes) context.logger.warn("Startup check", { note });
  for (const what of unreachable) {
    context.logger.warn("Startup check could not look at everything; the agent starts and keeps trying", {
      what,
    });
  }
  return unreachable.length === 0;
}

/** Repeats the check until everything was looked at. A contradiction found late is an alert: a running agent stays. */
export function recheckNetwork(
  plugins: readonly CataloguedPlugin[],
  context: AgentContext,
  runtime: IAgentRuntime,
): Supervised {
  return supervise(context.clock, context.logger, "network recheck", async (signal) => {
    while (!signal.aborted) {
      await sleep(context.clock, RECHECK_INTERVAL_MS, signal);
      if (signal.aborted) return;
      const { problems, unreachable } = await checkNetwork(plugins, context, signal);
      if (signal.aborted) return;
      for (const problem of problems)
        context.logger.error("Configuration problem", { problem: formatProblem(problem) });
      const [first] = problems;
      if (first !== undefined) {
        findPort(runtime, "alerts")?.raise({
          key: "configuration-contradicts-chain",
          severity: "critical",
          summary: `${first.variable}: ${first.problem}`,
          nextStep: "Correct the variable and restart this agent.",
        });
      }
      if (problems.length > 0 || unreachable.length === 0) return;
    }
  });
}
