/** Changes a setting of the whole fleet for a while (seed: Oracle Price Stale: raise the gas cap, add an endpoint). */
import { OVERRIDE_NAMES, type OverrideName, publicUrl } from "@jeju-oracle/kit";
import { z } from "zod";
import type { ControlAction } from "./control-action.ts";
import { parseDurationS } from "./duration.ts";
import { fleetOf } from "./fleet-action.ts";
import { UsageError } from "./usage-error.ts";

const LONGEST_S = 86_400;
const DEFAULT_S = 7_200;

const params = z.object({
  name: z.enum(OVERRIDE_NAMES),
  value: z.string().min(1).max(500),
  forS: z.number().int().positive().max(LONGEST_S),
});
type Params = z.output<typeof params>;

const usage = `/set ${OVERRIDE_NAMES.join("|")} value [duration]`;
const example = "/set max-gas-price-gwei 200 2h";

/** What each value must look like; the agents check it again. */
const PATTERN_BY_NAME: Readonly<Record<OverrideName, RegExp>> = {
  "max-gas-price-gwei": /^\d{1,6}(\.\d{1,9})?$/,
  "max-price-deviation-pct": /^([1-9]|[1-4]\d|50)$/,
  "extra-base-rpc": /^https?:\/\/\S+$/,
  "extra-jeju-rpc": /^https?:\/\/\S+$/,
};

export const setOverride: ControlAction<Params> = {
  id: "set",
  title: "Change a setting for a while",
  risk: "normal",
  role: "operator",
  params,
  usage,
  example,
  verifyWithinMs: 30_000,
  parse(args) {
    const [typed = "", value = "", duration] = args;
    const name = OVERRIDE_NAMES.find((known) => known === typed.replaceAll("_", "-"));
    const forS = duration === undefined ? DEFAULT_S : parseDurationS(duration);
    if (name === undefined || forS === undefined || forS > LONGEST_S || args.length > 3) {
      throw new UsageError("set takes a setting, a value and a duration of at most 24h", { usage, example });
    }
    if (!PATTERN_BY_NAME[name].test(value)) {
      throw new UsageError(`${value === "" ? "nothing" : "this"} is no value for ${name}`, {
        usage,
        example,
      });
    }
    return { name, value, forS };
  },
  async plan(view, { name, value, forS }) {
    fleetOf(view);
    return {
      summary: [
        `${name} becomes ${shown(name, value)} on every agent`,
        `for ${Math.round(forS / 60)} min of chain time, then as configured.`,
      ],
      preconditions: {},
      baseline: { record: (await view.records?.read(recordOf(name)))?.version ?? "none" },
    };
  },
  async execute(view, { name, value, forS }, { by, reason }) {
    const { blockTimestampS } = await view.owner.readOracle();
    const untilChainTimeS = blockTimestampS + BigInt(forS);
    await fleetOf(view).set({ name, value, untilChainTimeS, by, reason });
  },
  async verify(view, { name, value }, { baseline }) {
    const record = await view.records?.read(recordOf(name));
    const isNew = record?.version !== baseline.record;
    const stands = isNew && record?.value.includes(JSON.stringify(value)) === true;
    return stands
      ? {
          kind: "verified",
          observed: `${name} is ${shown(name, value)} in the store; agents obey within seconds`,
        }
      : { kind: "pending", observed: "not in the store yet" };
  },
};

/** Where the fleet keeps it; the same value set again makes a new version. */
function recordOf(name: OverrideName): string {
  return `fleet/intent/override/${name}`;
}

/** The path of an RPC URL may be a key. */
function shown(name: OverrideName, value: string): string {
  return name.startsWith("extra-") ? publicUrl(value) : value;
}
