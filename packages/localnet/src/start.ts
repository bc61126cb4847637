/**
 * `npm start`: the main job on this machine. Two local chains with real contracts, prices that move, and an agent that
 * keeps the oracle fresh, shown live until Ctrl-C.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeError } from "@jeju-oracle/kit";
import { LocalnetInputError } from "./errors.ts";
import { startLocalnet } from "./localnet.ts";
import { randomWalk, runScenario, SCENARIO_NAMES, type ScenarioName } from "./scenarios/index.ts";
import { type AgentProcess, startAgentProcess } from "./show/agent-process.ts";
import { createLiveOutput, type LiveOutput } from "./show/live-line.ts";
import { statusLine } from "./show/status-line.ts";

const USAGE = `usage: npm start -- [--scenario NAME] [--fence nonce|contract] [--seconds N]

  --scenario NAME   what the market does: ${SCENARIO_NAMES.join(", ")} (default random-walk)
  --fence KIND      nonce (default) or contract
  --seconds N       stop by itself after N seconds`;

/** Seed: Health Check Endpoints. */
const HEALTH_PORT = 3000;
const STATUS_EVERY_MS = 1_000;
/** Quick enough to see something happen; production defaults are in docs/configuration.md. */
const DEMONSTRATION_PACE: Readonly<Record<string, string>> = {
  UPDATE_INTERVAL_MS: "30000",
  PRICE_POLL_INTERVAL_MS: "2000",
  MIN_UPDATE_INTERVAL_S: "3",
  DEVIATION_THRESHOLD_BPS: "50",
};

/** A day of ordinary moves in minutes, so that deviations come before the heartbeat. */
const DEMONSTRATION_WALK = { stepS: 3, ethSpreadPpm: 1_500, elizaSpreadPpm: 3_000 } as const;
/** What the average over half an hour needs when every block has a swap: nothing for the agent to warn about. */
const OBSERVATIONS = 1_000;

interface Options {
  readonly scenario: ScenarioName;
  readonly fence: "nonce" | "contract";
  readonly seconds: number | undefined;
}

async function main(options: Options, output: LiveOutput): Promise<number> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const { signal } = stopping;

  output.line("Starting two local chains (anvil) and deploying Uniswap v3, a price feed and the oracle …");
  const startedAtMs = performance.now();
  const net = await startLocalnet({ fence: options.fence, bots: 1, observationCardinality: OBSERVATIONS });
  const stateDir = mkdtempSync(join(tmpdir(), "jeju-oracle-"));
  let agent: AgentProcess | undefined;
  try {
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    output.line(
      `Ready in ${seconds} s: Base ${net.base.rpcUrl}, Jeju ${net.jeju.rpcUrl}, oracle ${net.addresses.oracle}`,
    );
    agent = await startAgentProcess({
      botId: "bot-1",
      env: { ...net.env(0), ...DEMONSTRATION_PACE },
      stateDir,
      preferredPort: HEALTH_PORT,
      onLine: (line) => output.line(line),
    });
    output.line(
      `Agent bot-1: ${agent.healthUrl}, metrics beside it. The market plays "${options.scenario}". Ctrl-C ends everything.`,
    );
    void agent.exited.then(stop);
    const market = playMarket(net, options.scenario, output, signal);
    await showStatus(agent, output, signal, options.seconds);
    stop();
    await market;
    return 0;
  } finally {
    output.close();
    output.line("Stopping the agent and the chains …");
    await agent?.stop();
    await net.stop();
    rmSync(stateDir, { recursive: true, force: true });
    output.line("Stopped, nothing is left running.");
  }
}

async function playMarket(
  net: Awaited<ReturnType<typeof startLocalnet>>,
  scenario: ScenarioName,
  output: LiveOutput,
  signal: AbortSignal,
): Promise<void> {
  try {
    const told = { signal, onProgress: (text: string) => output.line(`market: ${text}`) };
    if (scenario === "random-walk") await randomWalk(net, { ...told, ...DEMONSTRATION_WALK });
    else await runScenario(net, scenario, told);
    if (!signal.aborted) output.line(`market: "${scenario}" is over, prices stay as they are`);
  } catch (error) {
    if (!signal.aborted) output.line(`market: stopped by an error: ${describeError(error)}`);
  }
}

async function showStatus(
  agent: AgentProcess,
  output: LiveOutput,
  signal: AbortSignal,
  seconds: number | undefined,
): Promise<void> {
  const endAtMs = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000;
  while (!signal.aborted && performance.now() < endAtMs) {
    output.status(await statusLine(agent.botId, agent.healthUrl));
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, STATUS_EVERY_MS);
      signal.addEventListener("abort", finish, { once: true });
    });
  }
}

function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: "string", default: "random-walk" },
      fence: { type: "string", default: "nonce" },
      seconds: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const scenario = SCENARIO_NAMES.find((name) => name === values.scenario);
  if (scenario === undefined) throw new LocalnetInputError(`there is no scenario ${values.scenario}`, USAGE);
  if (values.fence !== "nonce" && values.fence !== "contract") {
    throw new LocalnetInputError(`there is no fence ${values.fence}`, USAGE);
  }
  if (values.seconds !== undefined && !/^[1-9]\d{0,5}$/.test(values.seconds)) {
    throw new LocalnetInputError(`--seconds is ${values.seconds}`, USAGE);
  }
  return {
    scenario,
    fence: values.fence,
    seconds: values.seconds === undefined ? undefined : Number(values.seconds),
  };
}

try {
  process.exit(await main(parseOptions(process.argv.slice(2)), createLiveOutput(process.stdout)));
} catch (error) {
  const nextStep = error instanceof LocalnetInputError ? `\n${error.nextStep}` : "";
  console.error(`npm start failed: ${describeError(error)}${nextStep}`);
  process.exit(1);
}
