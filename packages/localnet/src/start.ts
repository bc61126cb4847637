/**
 * `npm start`: the main job on this machine. Two local chains with real contracts, prices that move, and a fleet of agents
 * that elects its leader and keeps the oracle fresh, shown live until Ctrl-C.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BaseError, describeError } from "@jeju-oracle/kit";
import { CONSOLE_SOCKET } from "@jeju-oracle/kit/console";
import { LocalnetInputError } from "./errors.ts";
import { type Localnet, startLocalnet } from "./localnet.ts";
import { demonstrateFailover } from "./show/demonstrate-failover.ts";
import { Ending } from "./show/ending.ts";
import { type Fleet, startFleet } from "./show/fleet.ts";
import { createLiveOutput, type LiveOutput } from "./show/live-output.ts";
import { botLine, botPaint, namedLine } from "./show/log-prefix.ts";
import { MarketPlayer } from "./show/market-player.ts";
import { operatorsEnv } from "./show/operators-file.ts";
import { paceOf } from "./show/pace.ts";
import { ScenarioCommands } from "./show/scenario-commands.ts";
import { showFleet } from "./show/show-fleet.ts";
import { parseStartOptions, START_USAGE, type StartOptions } from "./show/start-options.ts";
import { openTypedConsole, type TypedConsole } from "./show/typed-console.ts";

/** sysexits.h, as everywhere in this repository. */
const EXIT_USAGE = 64;
/** Seed: Health Check Endpoints. The first bot's; the others take the next ones. */
const HEALTH_PORT = 3000;
/** What the average over half an hour needs when every block has a swap, so that the startup check has nothing to note. */
const OBSERVATIONS = 1_000;

/** @returns the exit code. */
async function main(options: StartOptions, output: LiveOutput): Promise<number> {
  const tell = (line: string) => output.line(line);
  const ending = new Ending(tell);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => ending.end());
  tell("Starting two local chains (anvil) and deploying Uniswap v3, a price feed and the oracle …");
  const startedAtMs = performance.now();
  const { fence, bots } = options;
  const net = await startLocalnet({ fence, bots, observationCardinality: OBSERVATIONS });
  const stateDir = mkdtempSync(join(tmpdir(), "jeju-oracle-"));
  let fleet: Fleet | undefined;
  try {
    const tookS = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    const { base, jeju, addresses } = net;
    tell(`Ready in ${tookS} s: Base ${base.rpcUrl}, Jeju ${jeju.rpcUrl}`);
    tell(`Oracle on Jeju: ${addresses.oracle}`);
    fleet = await startBots(net, stateDir, options, output);
    failOnLoss(net, fleet, ending);
    await play(net, fleet, stateDir, options, output, ending);
    return ending.failed ? 1 : 0;
  } finally {
    output.close();
    tell("Stopping the agents and the chains …");
    await fleet?.stop();
    await net.stop();
    rmSync(stateDir, { recursive: true, force: true });
    tell("Stopped, nothing is left running.");
  }
}

async function startBots(
  net: Localnet,
  stateDir: string,
  { bots, scenario }: StartOptions,
  output: LiveOutput,
): Promise<Fleet> {
  const common = { ...paceOf(scenario), ...operatorsEnv(stateDir) };
  const envs = Array.from({ length: bots }, (_, bot) => ({ ...net.env(bot), ...common }));
  const { colours } = output;
  const paint = botPaint(colours);
  const fleet = await startFleet({
    envs,
    stateDir,
    firstPort: HEALTH_PORT,
    onLine: (botId, line) => output.line(botLine(botId, line, paint, colours)),
  });
  const urls = fleet.agents.map(({ botId, healthUrl }) => `${botId} ${healthUrl}`);
  output.line(urls.join(", "));
  return fleet;
}

/** Without chains or agents there is nothing to show. */
function failOnLoss(net: Localnet, fleet: Fleet, ending: Ending): void {
  void fleet.ended.then(() => ending.fail("Without an agent there is nothing to show."));
  for (const [name, chain] of Object.entries({ Base: net.base, Jeju: net.jeju })) {
    void chain.exited.then((code) =>
      ending.fail(
        `The ${name} chain (anvil) ended with code ${code}, and its state with it. Run npm start again.`,
      ),
    );
  }
}

/** Everything that happens at the same time, until it is over. */
async function play(
  net: Localnet,
  { agents }: Fleet,
  stateDir: string,
  { scenario, seconds, killLeaderAfterS }: StartOptions,
  output: LiveOutput,
  ending: Ending,
): Promise<void> {
  const tell = (line: string) => output.line(line);
  const { signal } = ending;
  const market = new MarketPlayer(net, scenario, (text) => tell(namedLine("market", text)), signal);
  let demonstrated = killLeaderAfterS === undefined;
  const demonstration = demonstrateFailover(agents, killLeaderAfterS, tell, ending).then(() => {
    demonstrated = true;
  });
  const commands = new ScenarioCommands({ agents, net, market, tell, signal });
  const typed = openConsole(agents, stateDir, commands, output, ending);
  try {
    const shown = { agents, lockFile: net.lockFile, paint: botPaint(output.colours) };
    await showFleet(shown, output, seconds, signal);
    if (!demonstrated) ending.fail("The time was over before another agent had updated the oracle.");
  } finally {
    ending.end();
    await Promise.all([market.over, demonstration, typed?.close()]);
  }
}

/** Only on a terminal: elsewhere nobody types, and the input is not ours to read. */
function openConsole(
  agents: Fleet["agents"],
  stateDir: string,
  commands: ScenarioCommands,
  output: LiveOutput,
  ending: Ending,
): TypedConsole | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  output.line("Type /help to speak with the fleet, !help to do something to it.");
  return openTypedConsole({
    input: process.stdin,
    output,
    sockets: new Map(agents.map(({ botId }) => [botId, join(stateDir, botId, CONSOLE_SOCKET)])),
    commands,
    paint: botPaint(output.colours),
    onEnd: () => ending.end(),
    signal: ending.signal,
  });
}

try {
  const options = parseStartOptions(process.argv.slice(2));
  if (options === undefined) console.log(START_USAGE);
  else
    process.exitCode = await main(
      options,
      createLiveOutput(process.stdout, process.env.NO_COLOR === undefined),
    );
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
