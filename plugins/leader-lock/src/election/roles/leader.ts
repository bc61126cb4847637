/** Leads until its lease ends, and renews it long before. */
import type { StoreRecord } from "@jeju-oracle/kit";
import {
  attemptDueMs,
  newAttempt,
  ownLease,
  repetition,
  unsettled,
  validUntil,
  writeEffect,
} from "../attempt.ts";
import type { Attempt, ElectionConfig, ElectionEvent, In, Moment, Step } from "../election-types.ts";
import { decodeLease, isSameAgent, type LeaseRecord } from "../lease-record.ts";
import { blank, remember, stay, watch } from "../watching.ts";
import { beginDraining, type Order, releasing } from "./draining.ts";

/** The claim landed in time. */
export function becomeLeader(
  { term, from, how, claim, longestTtlMs }: In<"acquiring">,
  held: StoreRecord,
  config: ElectionConfig,
): Step {
  return {
    state: { role: "leader", term, ...leaseFrom(claim, held, config), highestTerm: term, longestTtlMs },
    effects: [{ kind: "elected", term, from, why: claim.lease.why, how }],
  };
}

/** The lease that a claim or renewal which landed as `held` gives. */
function leaseFrom(landed: Attempt, held: StoreRecord, config: ElectionConfig) {
  return {
    held,
    lease: landed.lease,
    validUntilMs: validUntil(landed, config),
    renewAtMs: landed.firstSentMs + config.renewMs,
    renewal: undefined,
  };
}

export function leaderDueMs({ renewal, renewAtMs, validUntilMs }: In<"leader">): number {
  return Math.min(validUntilMs, renewal === undefined ? renewAtMs : attemptDueMs(renewal));
}

export function stepLeader(state: In<"leader">, event: ElectionEvent, config: ElectionConfig): Step {
  const { renewal } = state;
  if (event.type === "stop") {
    return drain(state, { why: event.why, nominee: undefined, after: { kind: "stopped" } }, event, config);
  }
  if (event.type === "resign") {
    const { why, nominee, nowMs, sitOutMs } = event;
    const after = { kind: "cooldown", untilMs: nowMs + sitOutMs } as const;
    return drain(state, { why, nominee, after }, event, config);
  }
  // A renewal that landed counts even when its reply comes after the end of the lease that it renews: nobody can have claimed.
  if (event.type === "write-won" && renewal !== undefined) {
    const renewed = { ...state, ...leaseFrom(renewal, event.record, config) };
    return event.nowMs < renewed.validUntilMs
      ? stay(renewed)
      : demote(state, "the renewal came too late", event);
  }
  if (event.type === "write-lost") return afterLostRenewal(state, event, config);
  if (event.nowMs >= state.validUntilMs)
    return demote(state, "the lease could not be renewed in time", event);
  switch (event.type) {
    case "write-unknown":
      if (renewal === undefined) return stay(state);
      return stay({ ...state, renewal: unsettled(renewal, event, config) });
    case "tick":
      return renewIfDue(state, event, config);
    case "write-won":
    case "looked":
    case "look-failed":
      return stay(state);
    default:
      return event satisfies never;
  }
}

function renewIfDue(state: In<"leader">, event: ElectionEvent, config: ElectionConfig): Step {
  const attempt =
    state.renewal === undefined ? renewal(state, event, config) : repetition(state.renewal, event);
  if (attempt === undefined) return stay(state);
  return { state: { ...state, renewal: attempt }, effects: [writeEffect(attempt)] };
}

function renewal(
  { renewAtMs, held, term, lease }: In<"leader">,
  event: ElectionEvent,
  config: ElectionConfig,
): Attempt | undefined {
  if (event.nowMs < renewAtMs) return undefined;
  const { why, from } = lease;
  return newAttempt("renew", held, { ...ownLease(config, event), term, why, from }, event);
}

/** The record is not what this leader wrote last: it may not write again, and leads no more. */
function afterLostRenewal(
  state: In<"leader">,
  event: Extract<ElectionEvent, { type: "write-lost" }>,
  config: ElectionConfig,
): Step {
  const { current, nowMs } = event;
  const lease = current === null ? undefined : decodeLease(current.value);
  const isOwn = lease?.holder != null && isSameAgent(lease.holder, config.self);
  if (current !== null && isOwn && lease.revoked === true) {
    const { why, nominee } = lease;
    const untilMs = nowMs + (nominee === config.self.botId ? 0 : config.nomineeGraceMs);
    const order = { why, nominee, after: { kind: "cooldown", untilMs } } as const;
    const revoked = { ...state, ...remember(state, lease), held: current, renewal: undefined };
    return drain(revoked, order, event, config);
  }
  const why = whyLost(current, lease, isOwn);
  const follower = watch(blank(state, event), event, current, event.holderIsDead, config);
  return { ...demote(state, why, event), state: follower };
}

function whyLost(current: StoreRecord | null, lease: LeaseRecord | undefined, isOwn: boolean): string {
  if (current === null) return "the lease record is gone";
  if (isOwn) return "the lease record was changed by somebody else";
  return lease?.holder == null ? "the lease record was lost" : "the lease was taken";
}

/** Ends without having been asked to. What is in the store stays: a renewal under way may still land there. */
function demote(state: In<"leader">, why: string, moment: Moment): Step {
  return {
    state: blank(state, moment),
    effects: [{ kind: "demoted", term: state.term, why, voluntary: false }],
  };
}

/** Stops leading at once, then lets the lease go so that nobody has to wait for its end. */
function drain(state: In<"leader">, order: Order, event: ElectionEvent, config: ElectionConfig): Step {
  const begun = beginDraining(state, order, state.renewal ?? releasing(state.held), event, config);
  return {
    ...begun,
    effects: [{ kind: "demoted", term: state.term, why: order.why, voluntary: true }, ...begun.effects],
  };
}
