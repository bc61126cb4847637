/** `oracle-agent run`: one agent from the environment, until a signal ends it. What a supervisor runs. */
import {
  BaseError,
  ConfigError,
  describeError,
  type Env,
  formatProblem,
  scrubSecrets,
} from "@jeju-oracle/kit";
import { EXIT_CONFIG, EXIT_FAILURE, EXIT_OK } from "../exit-codes.ts";
import { onStopSignal, type StopSignal } from "../signals.ts";
import { type Agent, startAgent } from "../start-agent.ts";

/** Runs until a signal. @returns the exit code. */
export async function run(env: Env): Promise<number> {
  let agent: Agent;
  try {
    agent = await startAgent({ env, loadCatalogue });
  } catch (error) {
    return reportFailedStart(error);
  }
  const signal = new Promise<StopSignal>((resolve) => {
    onStopSignal(agent.context.logger, resolve, (code) => process.exit(code));
  });
  const end = Promise.race([signal, agent.endRequested]);
  try {
    const first = await Promise.race([end, agent.started]);
    const why = first ?? (await end);
    const { reason, exitCode } = typeof why === "string" ? { reason: why, exitCode: EXIT_OK } : why;
    await agent.stop(reason);
    if (exitCode !== EXIT_OK) say(`The agent ended: ${reason}`);
    return exitCode;
  } catch (error) {
    const code = reportFailedStart(error);
    await agent.stop("the start failed");
    return code;
  }
}

async function loadCatalogue() {
  return (await import("../plugin-catalogue.ts")).pluginCatalogue;
}

/** One line per problem on stderr, without a secret. */
function reportFailedStart(error: unknown): number {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) say(formatProblem(problem));
    say(error.nextStep);
    return EXIT_CONFIG;
  }
  say(`The agent did not start: ${describeError(error)}`);
  if (error instanceof BaseError) say(error.nextStep);
  return EXIT_FAILURE;
}

function say(line: string): void {
  process.stderr.write(`${scrubSecrets(line)}\n`);
}
