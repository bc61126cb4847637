/**
 * `npm start`: the main job on this machine. Two local chains with real contracts, prices that move, and an agent that
 * keeps the oracle fresh, shown live until Ctrl-C.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BaseError, describeError } from "@jeju-oracle/kit";
import { LocalnetInputError } from "./errors.ts";
import { startLocalnet } from "./localnet.ts";
import { randomWalk, runScenario, type ScenarioName } from "./scenarios/index.ts";
import { startAgentProcess } from "./show/agent-process.ts";
import { createLiveOutput, type LiveOutput } from "./show/live-line.ts";
import { pause } from "./show/pause.ts";
import { parseStartOptions, START_USAGE, type StartOptions } from "./show/start-options.ts";
import { createStatusLine } from "./show/status-line.ts";
import { type SupervisedAgent, superviseAgent } from "./show/supervised-agent.ts";

/** sysexits.h, as everywhere in this repository. */
const EXIT_USAGE = 64;
const BOT_ID = "bot-1";

/** Seed: Health Check Endpoints. */
const HEALTH_PORT = 3000;
const STATUS_EVERY_MS = 1_000;
/** After the Base chain did not answer the market. */
const MARKET_RETRY_MS = 2_000;
/** Quick enough to see something happen; production defaults are in docs/configuration.md. */
const DEMONSTRATION_PACE: Readonly<Record<string, string>> = {
  UPDATE_INTERVAL_MS: "30000",
  PRICE_POLL_INTERVAL_MS: "2000",
  MIN_UPDATE_INTERVAL_S: "3",
  DEVIATION_THRESHOLD_BPS: "50",
};

/** A day of ordinary moves in minutes, so that deviations come before the heartbeat. */
const DEMONSTRATION_WALK = { stepS: 3, ethSpreadPpm: 1_500, elizaSpreadPpm: 1_500 } as const;
/** A feed that stalls is noticed within two minutes instead of half an hour. */
const SCENARIO_PACE: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>> = {
  "feed-stall": { FEED_MAX_AGE_S: "90" },
};
/** What the average over half an hour needs when every block has a swap, so that the startup check has nothing to note. */
const OBSERVATIONS = 1_000;

async function main(options: StartOptions, output: LiveOutput): Promise<number> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  process.once("SIGHUP", stop);
  const { signal } = stopping;

  output.line("Starting two local chains (anvil) and deploying Uniswap v3, a price feed and the oracle …");
  const startedAtMs = performance.now();
  const net = await startLocalnet({ fence: options.fence, bots: 1, observationCardinality: OBSERVATIONS });
  const stateDir = mkdtempSync(join(tmpdir(), "jeju-oracle-"));
  let agent: SupervisedAgent | undefined;
  try {
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    output.line(
      `Ready in ${seconds} s: Base ${net.base.rpcUrl}, Jeju ${net.jeju.rpcUrl}, oracle ${net.addresses.oracle}`,
    );
    const env = { ...net.env(0), ...DEMONSTRATION_PACE, ...SCENARIO_PACE[options.scenario] };
    const onLine = (line: string) => output.line(line);
    agent = await superviseAgent(
      () => startAgentProcess({ botId: BOT_ID, env, stateDir, preferredPort: HEALTH_PORT, onLine }),
      onLine,
    );
    output.line(
      `Agent ${BOT_ID}: ${agent.healthUrl}, metrics beside it. The market plays "${options.scenario}". Ctrl-C ends everything.`,
    );
    let failed = false;
    const fail = (why: string) => {
      if (signal.aborted) return;
      failed = true;
      output.line(why);
      stop();
    };
    void agent.ended.then(() => fail("Without an agent there is nothing to show."));
    for (const [name, chain] of Object.entries({ Base: net.base, Jeju: net.jeju })) {
      void chain.exited.then((code) =>
        fail(
          `The ${name} chain (anvil) ended with code ${code}, and its state with it. Run npm start again.`,
        ),
      );
    }
    const market = playMarket(net, options.scenario, output, signal);
    await showStatus(agent, output, signal, options.seconds);
    stop();
    await market;
    return failed ? 1 : 0;
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
  const told = { signal, onProgress: (text: string) => output.line(`market: ${text}`) };
  while (!signal.aborted) {
    try {
      if (scenario === "random-walk") await randomWalk(net, { ...told, ...DEMONSTRATION_WALK });
      else await runScenario(net, scenario, told);
      if (!signal.aborted) output.line(`market: "${scenario}" is over, prices stay as they are`);
      return;
    } catch (error) {
      if (signal.aborted) return;
      output.line(`market: interrupted, starts again from the prices of now: ${describeError(error)}`);
      await pause(MARKET_RETRY_MS, signal);
    }
  }
}

async function showStatus(
  agent: SupervisedAgent,
  output: LiveOutput,
  signal: AbortSignal,
  seconds: number | undefined,
): Promise<void> {
  const endAtMs = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000;
  const statusLine = createStatusLine(BOT_ID);
  while (!signal.aborted && performance.now() < endAtMs) {
    output.status(await statusLine(agent.healthUrl));
    await pause(STATUS_EVERY_MS, signal);
  }
}

try {
  const options = parseStartOptions(process.argv.slice(2));
  if (options === undefined) console.log(START_USAGE);
  else process.exitCode = await main(options, createLiveOutput(process.stdout));
  process.exit();
} catch (error) {
  if (error instanceof LocalnetInputError) {
    console.error(`npm start: ${error.message}\n\n${error.nextStep}`);
    process.exit(EXIT_USAGE);
  }
  const nextStep = error instanceof BaseError ? `\n${error.nextStep}` : "";
  console.error(`npm start failed: ${describeError(error)}${nextStep}`);
  process.exit(1);
}
