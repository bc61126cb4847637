/** What `npm start` can be told. */
import { parseArgs } from "node:util";
import { LocalnetInputError } from "../errors.ts";
import { SCENARIO_NAMES, type ScenarioName } from "../scenarios/index.ts";

const FENCES = ["nonce", "contract"] as const;

const DEFAULT_BOTS = 2;
const MAX_BOTS = 5;
const MAX_SECONDS = 999_999;

export const START_USAGE = `usage: npm start -- [options]

  --bots N                how many agents, 1 to ${MAX_BOTS} (default ${DEFAULT_BOTS})
  --scenario NAME         what the market does: ${SCENARIO_NAMES.join(", ")} (default random-walk)
  --fence KIND            ${FENCES.join(" or ")} (default nonce)
  --kill-leader-after S   kill the leader with SIGKILL after S seconds, and tell how long until the next update landed
  --seconds N             stop by itself after N seconds (1 to ${MAX_SECONDS})
  --help                  this text`;

export interface StartOptions {
  readonly scenario: ScenarioName;
  readonly fence: (typeof FENCES)[number];
  readonly bots: number;
  /** Undefined: nobody is killed. */
  readonly killLeaderAfterS: number | undefined;
  /** Undefined: until Ctrl-C. */
  readonly seconds: number | undefined;
}

/**
 * @returns undefined when help is asked for.
 * @throws {LocalnetInputError} naming the option and what it takes; its next step is the usage.
 */
export function parseStartOptions(args: readonly string[]): StartOptions | undefined {
  const given = readOptions(args);
  if (given.help) return undefined;
  const seconds = wholeNumber("seconds", given.seconds, MAX_SECONDS);
  const killLeaderAfterS = wholeNumber("kill-leader-after", given["kill-leader-after"], MAX_SECONDS);
  if (seconds !== undefined && killLeaderAfterS !== undefined && killLeaderAfterS >= seconds) {
    throw new LocalnetInputError(
      `--kill-leader-after ${killLeaderAfterS}: must be less than --seconds ${seconds}`,
      START_USAGE,
    );
  }
  return {
    scenario: oneOf("scenario", given.scenario, SCENARIO_NAMES),
    fence: oneOf("fence", given.fence, FENCES),
    bots: wholeNumber("bots", given.bots, MAX_BOTS) ?? DEFAULT_BOTS,
    seconds,
    killLeaderAfterS,
  };
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: { type: "string", default: "random-walk" },
        fence: { type: "string", default: "nonce" },
        bots: { type: "string" },
        "kill-leader-after": { type: "string" },
        seconds: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // npm keeps the names of options for itself unless `--` stands before them; only their values arrive here.
    const hint = args.some((arg) => arg.startsWith("-")) ? "" : " (npm needs `--` before the options)";
    throw new LocalnetInputError(`${error.message}${hint}`, START_USAGE);
  }
}

function wholeNumber(option: string, value: string | undefined, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(value) || Number(value) > max) {
    throw new LocalnetInputError(
      `--${option} ${value}: must be a whole number from 1 to ${max}`,
      START_USAGE,
    );
  }
  return Number(value);
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new LocalnetInputError(`--${option} ${value}: must be one of ${allowed.join(", ")}`, START_USAGE);
  }
  return found;
}
