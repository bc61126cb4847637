/** Sits out: watches as a follower does, claims nothing before its time, and lets a lease go that names this process. */
import type { ElectionConfig, ElectionEvent, In, Step } from "../election-types.ts";
import { isBusy, lookOrMark, observe, ownSighting, stay } from "../watching.ts";
import { beginDraining, releasing } from "./draining.ts";
import { follow, stopWatching } from "./follower.ts";

export function cooldownDueMs(state: In<"cooldown">): number {
  return isBusy(state) ? state.untilMs : Math.min(state.lookAtMs, state.untilMs);
}

export function stepCooldown(state: In<"cooldown">, event: ElectionEvent, config: ElectionConfig): Step {
  switch (event.type) {
    case "stop":
      return stopWatching(state, event, config);
    case "resign":
      return stay({ ...state, untilMs: Math.max(state.untilMs, event.nowMs + event.sitOutMs) });
    case "tick":
      return sitOut(state, event, config);
    case "looked":
    case "look-failed":
    case "write-won":
    case "write-lost":
    case "write-unknown":
      return afterSight(state, observe(state, event, config), event, config);
    default:
      return event satisfies never;
  }
}

/** What was seen before the reason to sit out does not end it. */
function afterSight(
  before: In<"cooldown">,
  state: In<"cooldown">,
  event: ElectionEvent,
  config: ElectionConfig,
): Step {
  const isNew = before.seen?.record?.version !== state.seen?.record?.version;
  const { untilMs: _, ...watching } = state;
  if (isNew && isCalled(state, config)) return follow({ ...watching, role: "follower" }, event, config);
  return sitOut(state, event, config);
}

function sitOut(state: In<"cooldown">, event: ElectionEvent, config: ElectionConfig): Step {
  const { untilMs, ...watching } = state;
  if (event.nowMs >= untilMs) return follow({ ...watching, role: "follower" }, event, config);
  const own = isBusy(state) ? undefined : ownSighting(state, config);
  if (own === undefined) return lookOrMark(state, event, config);
  // An attempt that was given up had landed: nobody could lead before it expires.
  const why = own.lease.revoked === true ? own.lease.why : "its holder sits out";
  const order = { why, nominee: own.lease.nominee, after: { kind: "cooldown", untilMs } } as const;
  return beginDraining(state, order, releasing(own.record), event, config);
}

/** The present leader lets go and names this process, or an operator does: that is newer than the reason to sit out. */
function isCalled({ seen }: In<"cooldown">, { self }: ElectionConfig): boolean {
  const { lease } = seen ?? {};
  return lease?.nominee === self.botId && (lease.holder === null || lease.revoked === true);
}
