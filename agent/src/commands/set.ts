/** `oracle-agent set`: changes one setting of every agent for a while, or ends such a change. */
import { OVERRIDE_NAMES, type OverrideName } from "@jeju-oracle/kit";
import type { FleetReport } from "@jeju-oracle/plugin-leader-lock";
import { oracleEnv } from "@jeju-oracle/plugin-oracle-updater";
import type { CommandInput } from "../command-line/command.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { nearest } from "../nearest.ts";
import { chainEnd, LONGEST_S, SHORTEST_S } from "./support/chain-end.ts";
import { confirm } from "./support/confirm.ts";
import { describeMs, durationOptionS } from "./support/duration.ts";
import { isEndpoint, isOverrideName, shownOverride } from "./support/overrides.ts";
import { requesterOf } from "./support/requester.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";
import { isoTime } from "./support/times.ts";
import { mayAnswer, namesOf, requireFleet } from "./support/words.ts";

/** Each override is held to the rule of the variable that it stands in for. */
const VARIABLES = {
  "max-gas-price-gwei": "MAX_GAS_PRICE_GWEI",
  "max-price-deviation-pct": "MAX_PRICE_DEVIATION_PCT",
  "extra-base-rpc": "BASE_RPC_URLS",
  "extra-jeju-rpc": "JEJU_RPC_URLS",
} as const satisfies Record<OverrideName, keyof typeof oracleEnv>;

export async function set(input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const [nameWord = "", value] = input.arguments;
  const name = overrideName(nameWord);
  if (input.has("clear")) {
    if (value !== undefined)
      throw new UsageError(`--clear takes no value ${value}`, "Leave one of the two out.");
    return clear(name, input, session);
  }
  if (value === undefined) {
    throw new UsageError("VALUE is missing", `Give a value, or --clear to end the override of ${name}.`);
  }
  const lasts = input.value("for");
  if (lasts === undefined) {
    throw new UsageError("--for DURATION is missing", "An override always ends: say when, e.g. --for 2h.");
  }
  return change(
    name,
    checkedValue(name, value),
    durationOptionS("for", lasts, SHORTEST_S, LONGEST_S),
    input,
    session,
  );
}

async function change(
  name: OverrideName,
  value: string,
  lastsS: number,
  input: CommandInput,
  session: FleetSession,
): Promise<CommandResult> {
  const { office, env } = session;
  const asked = requesterOf(input, env);
  const shown = shownOverride(name, value);
  const before = await office.report();
  requireFleet(before);
  const { untilChainTimeS, text: end } = await chainEnd(session, lastsS);
  await confirm(input, session, `This sets ${name} to ${shown} on every agent ${end}.`);
  const receipt = await office.control.set({ name, value, untilChainTimeS, ...asked });
  return {
    exitCode: EXIT_OK,
    failed: false,
    lines: [`${name} is ${shown} ${end}.`, reach(before, session)],
    data: {
      ok: true,
      command: "set",
      requestId: receipt.id,
      name,
      value: shown,
      until: isoTime(Number(untilChainTimeS) * 1_000),
    },
  };
}

async function clear(name: OverrideName, input: CommandInput, session: FleetSession): Promise<CommandResult> {
  const { office, env } = session;
  const asked = requesterOf(input, env, "cleared");
  const before = await office.report();
  requireFleet(before);
  const present = before.orders.overrides.find((override) => override.name === name);
  if (present !== undefined) {
    const shown = shownOverride(name, present.value);
    await confirm(input, session, `This ends the override of ${name} (${shown}) that ${present.by} set.`);
  }
  const receipt = await office.control.set({ name, value: undefined, untilChainTimeS: 0n, ...asked });
  return {
    exitCode: EXIT_OK,
    failed: false,
    lines:
      present === undefined
        ? [`There was no override of ${name}.`]
        : [
            `The override of ${name} is ended: every agent's own configuration counts.`,
            reach(before, session),
          ],
    data: {
      ok: true,
      command: "set",
      requestId: receipt.id,
      name,
      value: null,
      wasSet: present !== undefined,
    },
  };
}

/** Members do not report their overrides, so nothing can be waited for. */
function reach({ members }: FleetReport, { office }: FleetSession): string {
  const answering = members.filter(mayAnswer);
  return answering.length === 0
    ? "No agent runs: each takes it over as it starts."
    : `${namesOf(answering)} take it over within ${describeMs(office.timing.renewMs)}.`;
}

function overrideName(word: string): OverrideName {
  if (isOverrideName(word)) return word;
  const meant = nearest(word, OVERRIDE_NAMES);
  throw new UsageError(
    `there is no setting ${word}`,
    meant === undefined ? `Settings are ${OVERRIDE_NAMES.join(", ")}.` : `Did you mean ${meant}?`,
  );
}

/** @throws {UsageError} saying what is expected, never what was given: it may hold a key. */
function checkedValue(name: OverrideName, given: string): string {
  const value = given.trim();
  const variable = VARIABLES[name];
  const parsed = oracleEnv[variable].schema.safeParse(value);
  if (!parsed.success) {
    const problem = parsed.error.issues.map(({ message }) => message).join("; ");
    throw new UsageError(`${name} ${problem}`, `It follows the rule of ${variable}.`);
  }
  if (isEndpoint(name) && value.includes(",")) {
    throw new UsageError(`${name} takes one URL`, "It is used after the configured endpoints.");
  }
  return value;
}
