/** Pauses the updates of the whole fleet, for a time or until resumed. Done when the leader obeys and nothing is in flight. */
import { z } from "zod";
import type { ControlAction } from "./control-action.ts";
import { parseDurationS } from "./duration.ts";
import { fleetOf, leaderAndTerm, obedienceTo } from "./fleet-action.ts";
import type { SystemView } from "./system-view.ts";
import { UsageError } from "./usage-error.ts";

const LONGEST_S = 86_400;
const params = z.object({ forS: z.number().int().positive().max(LONGEST_S).optional() });
type Params = z.output<typeof params>;

const usage = "/pause [duration]";
const example = "/pause 30m";

export const pause: ControlAction<Params> = {
  id: "pause",
  title: "Pause updates",
  risk: "normal",
  role: "operator",
  params,
  usage,
  example,
  verifyWithinMs: 30_000,
  parse(args) {
    const [duration] = args;
    if (duration === undefined) return {};
    const forS = parseDurationS(duration);
    if (forS === undefined || forS > LONGEST_S || args.length > 1) {
      throw new UsageError("pause takes a duration of at most 24h", { usage, example });
    }
    return { forS };
  },
  async plan(view, { forS }) {
    fleetOf(view);
    const { leader, term } = leaderAndTerm(view);
    const end = forS === undefined ? "until resumed" : `for ${Math.round(forS / 60)} min of chain time`;
    return {
      summary: [`No agent pushes prices ${end}.`, "Consumers see the price turn stale after an hour."],
      preconditions: {},
      baseline: { leader, term, directives: directivesOf(view) },
    };
  },
  async execute(view, { forS }, { by, reason }) {
    const until =
      forS === undefined
        ? {}
        : { untilChainTimeS: (await view.owner.readOracle()).blockTimestampS + BigInt(forS) };
    await fleetOf(view).pause({ by, reason, ...until });
  },
  async verify(view, _params, { baseline }) {
    return verifyDirective(view, baseline, "paused");
  },
};

/** Ends a pause, or the hold after a foreign update, for the whole fleet. */
export const resume: ControlAction<Record<string, never>> = {
  id: "resume",
  title: "Resume updates",
  risk: "normal",
  role: "operator",
  params: z.strictObject({}),
  usage: "/resume",
  example: "/resume",
  verifyWithinMs: 30_000,
  parse(args) {
    if (args.length > 0)
      throw new UsageError("resume takes nothing", { usage: "/resume", example: "/resume" });
    return {};
  },
  async plan(view) {
    fleetOf(view);
    const held = view
      .members()
      .flatMap(({ botId, pausedBy }) => (pausedBy === undefined ? [] : [`${botId}: ${pausedBy}`]));
    return {
      summary: ["All agents push again and accept the price that stands on chain.", ...held],
      preconditions: { held: held.join("; ") },
      baseline: { directives: directivesOf(view) },
    };
  },
  async execute(view, _params, { by, reason }) {
    await fleetOf(view).resume({ by, reason });
  },
  async verify(view, _params, { baseline }) {
    return verifyDirective(view, baseline, "resumed");
  },
};

/** Which directive each member obeys, in one word per member. */
function directivesOf(view: SystemView): string {
  return [...new Set(view.members().map(({ directiveId }) => directiveId ?? "none"))].sort().join(",");
}

/** Done when every living member obeys one and the same new directive, and nothing is in flight at a pause. */
function verifyDirective(
  view: SystemView,
  baseline: Readonly<Record<string, string>>,
  what: "paused" | "resumed",
) {
  const before = (baseline.directives ?? "").split(",");
  const fresh = view
    .members()
    .find(({ directiveId }) => directiveId !== undefined && !before.includes(directiveId));
  if (fresh?.directiveId === undefined)
    return { kind: "pending", observed: "no agent has obeyed yet" } as const;
  const { alive, missing } = obedienceTo(view, fresh.directiveId);
  if (missing.length > 0) return { kind: "pending", observed: `waiting for ${missing.join(", ")}` } as const;
  const inFlight = alive.filter((member) => member.inFlight).map(({ botId }) => botId);
  if (what === "paused" && inFlight.length > 0) {
    return { kind: "pending", observed: `in flight at ${inFlight.join(", ")}` } as const;
  }
  return { kind: "verified", observed: `${what}: ${alive.map(({ botId }) => botId).join(", ")}` } as const;
}
