/** Watches the record and claims it once it is free. */
import { claimable } from "../claimable.ts";
import type { ElectionConfig, ElectionEvent, In, Standing, Step } from "../election-types.ts";
import { becomeStopped, isBusy, lookOrMark, observe, ownSighting, stay, type Watcher } from "../watching.ts";
import { becomeAcquiring } from "./acquiring.ts";
import { beginDraining, releasing } from "./draining.ts";

export function followerDueMs(state: In<"follower">, standing: Standing, config: ElectionConfig): number {
  if (isBusy(state)) return Number.POSITIVE_INFINITY;
  const claim = claimable(state, standing, config);
  return Math.min(state.lookAtMs, claim?.atMs ?? Number.POSITIVE_INFINITY);
}

export function stepFollower(state: In<"follower">, event: ElectionEvent, config: ElectionConfig): Step {
  switch (event.type) {
    case "stop":
      return stopWatching(state, event, config);
    case "resign":
      return stay({ ...state, role: "cooldown", untilMs: event.nowMs + event.sitOutMs });
    case "tick":
      return follow(state, event, config);
    case "looked":
    case "look-failed":
    case "write-won":
    case "write-lost":
    case "write-unknown":
      return follow(observe(state, event, config), event, config);
    default:
      return event satisfies never;
  }
}

/** What a follower does on what it knows. Nothing while an outcome is awaited: it may know better in a moment. */
export function follow(state: In<"follower">, event: ElectionEvent, config: ElectionConfig): Step {
  if (isBusy(state)) return stay(state);
  const letGo = letGoOfUnusable(state, event, config);
  if (letGo !== undefined) return letGo;
  const claim = claimable(state, event.standing, config);
  if (claim !== undefined && event.nowMs >= claim.atMs) {
    return becomeAcquiring(state, claim.how, event, config);
  }
  return lookOrMark(state, event, config);
}

/** A lease that names this process and must not be used would keep everybody waiting for its end. */
function letGoOfUnusable(
  state: In<"follower">,
  event: ElectionEvent,
  config: ElectionConfig,
): Step | undefined {
  const own = ownSighting(state, config);
  if (own === undefined) return undefined;
  const { record, lease } = own;
  const isRevoked = lease.revoked === true && lease.nominee !== config.self.botId;
  if (event.standing.eligible && !isRevoked) return undefined;
  const why = isRevoked ? lease.why : "its holder may not lead";
  const untilMs = event.nowMs + (isRevoked ? config.nomineeGraceMs : 0);
  const order = { why, nominee: lease.nominee, after: { kind: "cooldown", untilMs } } as const;
  return beginDraining(state, order, releasing(record), event, config);
}

/** Ends watching; a lease that names this process is let go first. */
export function stopWatching(
  state: Watcher,
  event: Extract<ElectionEvent, { type: "stop" }>,
  config: ElectionConfig,
): Step {
  const own = ownSighting(state, config);
  if (own === undefined) return becomeStopped(state);
  const order = { why: event.why, nominee: own.lease.nominee, after: { kind: "stopped" } } as const;
  return beginDraining(state, order, releasing(own.record), event, config);
}
