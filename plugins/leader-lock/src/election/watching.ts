/** Watching the record: what a follower and an agent in cooldown have in common. */
import type { StoreRecord } from "@jeju-oracle/kit";
import { newAttempt, writeEffect } from "./attempt.ts";
import type {
  ElectionConfig,
  ElectionEvent,
  ElectionState,
  In,
  Memory,
  Moment,
  Step,
} from "./election-types.ts";
import { decodeLease, isSameAgent, type LeaseRecord } from "./lease-record.ts";

export type Watcher = In<"follower"> | In<"cooldown">;

/** Events that tell what the record is, or that it could not be found out. */
type Sighting = Exclude<ElectionEvent, { type: "tick" | "resign" | "stop" }>;

/** A follower that knows nothing of the record and looks at once. */
export function blank({ highestTerm, longestTtlMs }: Memory, { nowMs }: Moment): In<"follower"> {
  return {
    role: "follower",
    seen: undefined,
    looking: false,
    marking: undefined,
    lookAtMs: nowMs,
    highestTerm,
    longestTtlMs,
  };
}

/** Takes part no more. */
export function becomeStopped({ highestTerm, longestTtlMs }: Memory): Step {
  return stay({ role: "stopped", highestTerm, longestTtlMs });
}

export function stay(state: ElectionState): Step {
  return { state, effects: [] };
}

/** An attempt that was given up has ended. If it landed, the next look shows this process as the holder. */
export function lookSoon(state: ElectionState, { nowMs }: Moment): Step {
  return stay(state.role === "follower" || state.role === "cooldown" ? { ...state, lookAtMs: nowMs } : state);
}

/** Whether an outcome is awaited that may change what is known of the record. */
export function isBusy({ looking, marking }: Watcher): boolean {
  return looking || marking !== undefined;
}

/** Takes what an event tells of the record into account. */
export function observe<State extends Watcher>(state: State, event: Sighting, config: ElectionConfig): State {
  switch (event.type) {
    case "looked":
      return watch({ ...state, looking: false }, event, event.lease, event.holderIsDead, config);
    case "look-failed":
      return { ...state, looking: false, lookAtMs: event.nowMs + config.retryMs };
    case "write-won":
      return watch({ ...state, marking: undefined }, event, event.record, false, config);
    case "write-lost":
      return watch({ ...state, marking: undefined }, event, event.current, event.holderIsDead, config);
    case "write-unknown":
      return { ...state, seen: undefined, marking: undefined, lookAtMs: event.nowMs + config.retryMs };
    default:
      return event satisfies never;
  }
}

/**
 * A version that is new to this agent is watched from this moment on: it was written before, so whoever holds it has counted
 * from an earlier time.
 */
export function watch<State extends Watcher>(
  state: State,
  moment: Moment,
  record: StoreRecord | null,
  holderIsDead: boolean,
  config: ElectionConfig,
): State {
  const { nowMs } = moment;
  const before = state.seen;
  const unchanged = before !== undefined && before.record?.version === record?.version;
  const lease = unchanged ? before.lease : record === null ? undefined : decodeLease(record.value);
  return {
    ...state,
    seen: {
      record,
      lease,
      sinceMs: unchanged ? before.sinceMs : nowMs,
      deadSinceMs: holderIsDead ? ((unchanged ? before.deadSinceMs : undefined) ?? nowMs) : undefined,
    },
    lookAtMs: nowMs + config.pollMs * (0.8 + 0.4 * moment.jitter),
    ...remember(state, lease),
  };
}

/** What must outlive the record. */
export function remember({ highestTerm, longestTtlMs }: Memory, lease: LeaseRecord | undefined): Memory {
  return {
    highestTerm: Math.max(highestTerm, lease?.term ?? 0),
    longestTtlMs: Math.max(longestTtlMs, lease?.ttlMs ?? 0),
  };
}

/** Looks when it is time to; lays a record on an empty store. */
export function lookOrMark(state: Watcher, event: ElectionEvent, config: ElectionConfig): Step {
  if (isBusy(state)) return stay(state);
  if (needsMark(state, config)) return mark(state, event, config);
  if (event.nowMs < state.lookAtMs) return stay(state);
  return { state: { ...state, looking: true }, effects: [{ kind: "look" }] };
}

/** Also one that knows of a higher term than whoever laid the record: terms must not fall because a store was wiped. */
function needsMark({ seen, highestTerm }: Watcher, { claimEmptyAtOnce }: ElectionConfig): boolean {
  if (seen === undefined) return false;
  if (seen.record === null) return !claimEmptyAtOnce;
  return seen.lease?.quarantined === true && seen.lease.term < highestTerm;
}

function mark(state: Watcher, event: ElectionEvent, config: ElectionConfig): Step {
  const lease: LeaseRecord = {
    term: state.highestTerm,
    holder: null,
    ttlMs: Math.max(config.ttlMs, state.longestTtlMs),
    timestamp: event.wallMs,
    nonce: event.nonce,
    why: "the store was empty",
    from: null,
    quarantined: true,
  };
  const attempt = newAttempt("mark", state.seen?.record ?? null, lease, event);
  return { state: { ...state, marking: attempt.next }, effects: [writeEffect(attempt)] };
}

/** The watched lease, if this very process is its holder: it let go of the claim or renewal that landed. */
export function ownSighting(
  { seen }: Watcher,
  { self }: ElectionConfig,
): { readonly record: StoreRecord; readonly lease: LeaseRecord } | undefined {
  const { record, lease } = seen ?? {};
  if (record == null || lease?.holder == null || !isSameAgent(lease.holder, self)) return undefined;
  return { record, lease };
}
