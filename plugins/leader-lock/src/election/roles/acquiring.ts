/** Claims the lease: one write, repeated until its outcome is known or would come too late to be used. */
import {
  attemptDueMs,
  newAttempt,
  ownLease,
  repetition,
  unsettled,
  validUntil,
  writeEffect,
} from "../attempt.ts";
import type { ElectionConfig, ElectionEvent, HowFree, In, Moment, Step } from "../election-types.ts";
import { blank, stay, watch } from "../watching.ts";
import { beginDraining } from "./draining.ts";
import { becomeLeader } from "./leader.ts";

const WHY_BY_HOW = {
  empty: "first election in this store",
  unreadable: "the lease record was unreadable",
  released: "released",
  dead: "the process of the previous leader is dead",
  expired: "the lease of the previous leader expired",
  own: "leads again after the store was out of reach",
} as const satisfies Record<HowFree, string>;

function whyNow(how: HowFree, term: number): string {
  return how === "empty" && term > 1 ? "the store had lost the lease" : WHY_BY_HOW[how];
}

/** Sends the claim. It replaces exactly the version that was watched. */
export function becomeAcquiring(
  state: In<"follower">,
  how: HowFree,
  event: ElectionEvent,
  config: ElectionConfig,
): Step {
  const { seen, highestTerm, longestTtlMs } = state;
  const previous = seen?.lease;
  const term = highestTerm + 1;
  const from = previous?.holder?.botId ?? previous?.from ?? undefined;
  const isHandedOver = how === "released" || previous?.revoked === true;
  const why = (isHandedOver ? previous?.why : undefined) ?? whyNow(how, term);
  const lease = { ...ownLease(config, event), term, why, from: from ?? null };
  const claim = newAttempt("claim", seen?.record ?? null, lease, event);
  return {
    state: { role: "acquiring", claim, term, from, how, highestTerm, longestTtlMs },
    effects: [writeEffect(claim)],
  };
}

export function acquiringDueMs({ claim }: In<"acquiring">): number {
  return attemptDueMs(claim);
}

export function stepAcquiring(state: In<"acquiring">, event: ElectionEvent, config: ElectionConfig): Step {
  const { claim } = state;
  switch (event.type) {
    case "write-won":
      // The reply came after the lease had run out: it is ours in the store and must not be used.
      if (event.nowMs >= validUntil(claim, config)) return abandon(state, event);
      return becomeLeader(state, event.record, config);
    case "write-lost":
      return {
        state: watch(blank(state, event), event, event.current, event.holderIsDead, config),
        effects: [{ kind: "claim-failed", why: "lost-race" }],
      };
    case "write-unknown":
      return stay({ ...state, claim: unsettled(claim, event, config) });
    case "tick": {
      if (claim.underWay) return stay(state);
      if (event.nowMs >= validUntil(claim, config)) return abandon(state, event);
      const repeated = repetition(claim, event);
      if (repeated === undefined) return stay(state);
      return { state: { ...state, claim: repeated }, effects: [writeEffect(repeated)] };
    }
    // The claim may have landed: finds out, and lets the lease go if it did.
    case "stop": {
      const order = { why: event.why, nominee: undefined, after: { kind: "stopped" } } as const;
      return beginDraining({ ...state, highestTerm: state.term }, order, claim, event, config);
    }
    case "resign": {
      const { why, nominee, nowMs, sitOutMs } = event;
      const order = { why, nominee, after: { kind: "cooldown", untilMs: nowMs + sitOutMs } } as const;
      return beginDraining({ ...state, highestTerm: state.term }, order, claim, event, config);
    }
    case "looked":
    case "look-failed":
      return stay(state);
    default:
      return event satisfies never;
  }
}

/** The claim may have landed or may land yet: the next look tells, and shows this process as the holder if it did. */
function abandon(state: In<"acquiring">, moment: Moment): Step {
  return { state: blank(state, moment), effects: [{ kind: "claim-failed", why: "store-unavailable" }] };
}
