/** What `npm start` can be told. */
import { parseArgs } from "node:util";
import { LocalnetInputError } from "../errors.ts";
import { SCENARIO_NAMES, type ScenarioName } from "../scenarios/index.ts";

const FENCES = ["nonce", "contract"] as const;

export const START_USAGE = `usage: npm start -- [--scenario NAME] [--fence ${FENCES.join("|")}] [--seconds N]

  --scenario NAME   what the market does: ${SCENARIO_NAMES.join(", ")} (default random-walk)
  --fence KIND      nonce (default) or contract
  --seconds N       stop by itself after N seconds (1 to 999999)
  --help            this text`;

export interface StartOptions {
  readonly scenario: ScenarioName;
  readonly fence: (typeof FENCES)[number];
  /** Undefined: until Ctrl-C. */
  readonly seconds: number | undefined;
}

/**
 * @returns undefined when help is asked for.
 * @throws {LocalnetInputError} naming the option and what it takes; its next step is the usage.
 */
export function parseStartOptions(args: readonly string[]): StartOptions | undefined {
  const { scenario, fence, seconds, help } = readOptions(args);
  if (help) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(seconds ?? "1")) {
    throw new LocalnetInputError(
      `--seconds ${seconds}: must be a whole number from 1 to 999999`,
      START_USAGE,
    );
  }
  return {
    scenario: oneOf("scenario", scenario, SCENARIO_NAMES),
    fence: oneOf("fence", fence, FENCES),
    seconds: seconds === undefined ? undefined : Number(seconds),
  };
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: { type: "string", default: "random-walk" },
        fence: { type: "string", default: "nonce" },
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

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new LocalnetInputError(`--${option} ${value}: must be one of ${allowed.join(", ")}`, START_USAGE);
  }
  return found;
}
