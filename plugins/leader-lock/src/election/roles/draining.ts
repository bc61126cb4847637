/** Leads no more and lets the lease go, so that nobody has to wait for its end; gives up after a ttl, when it has ended anyway. */
import type { StoreRecord } from "@jeju-oracle/kit";
import { attemptDueMs, newAttempt, repetition, unsettled, writeEffect } from "../attempt.ts";
import type { Attempt, ElectionConfig, ElectionEvent, In, Memory, Moment, Step } from "../election-types.ts";
import { decodeLease, isSameAgent } from "../lease-record.ts";
import { becomeStopped, blank, remember, stay } from "../watching.ts";

/** What is told to the others, and what comes after. */
export type Order = Pick<In<"draining">, "why" | "nominee" | "after">;

interface Releasing {
  readonly releases: StoreRecord;
}

/** Nothing is under way: this version is the one to replace. */
export function releasing(record: StoreRecord): Releasing {
  return { releases: record };
}

/**
 * Begins with the release, or with the write that is under way or of unknown outcome: that is settled first, since only then is
 * it known which version to replace.
 */
export function beginDraining(
  { highestTerm, longestTtlMs }: Memory,
  { why, nominee, after }: Order,
  first: Attempt | Releasing,
  event: ElectionEvent,
  config: ElectionConfig,
): Step {
  const giveUpAtMs = event.nowMs + config.ttlMs;
  const draining = { role: "draining", why, nominee, after, giveUpAtMs, highestTerm, longestTtlMs } as const;
  if ("releases" in first) return release(draining, first.releases, event, config);
  return stay({ ...draining, attempt: first });
}

export function drainingDueMs({ giveUpAtMs, attempt }: In<"draining">): number {
  return Math.min(giveUpAtMs, attemptDueMs(attempt));
}

export function stepDraining(state: In<"draining">, event: ElectionEvent, config: ElectionConfig): Step {
  const { attempt, after } = state;
  switch (event.type) {
    case "write-won":
      if (attempt.purpose === "release") return end(state, event);
      // What was under way when draining began did land: release that version.
      return release(state, event.record, event, config);
    case "write-lost": {
      const { current } = event;
      const lease = current === null ? undefined : decodeLease(current.value);
      const knowing = { ...state, ...remember(state, lease) };
      const isOwn = lease?.holder != null && isSameAgent(lease.holder, config.self);
      if (current === null || !isOwn || event.nowMs >= state.giveUpAtMs) return end(knowing, event);
      const nominee = lease.revoked === true ? lease.nominee : state.nominee;
      return release({ ...knowing, nominee }, current, event, config);
    }
    case "write-unknown":
      return stay({ ...state, attempt: unsettled(attempt, event, config) });
    case "tick": {
      if (event.nowMs >= state.giveUpAtMs) return end(state, event);
      const repeated = repetition(attempt, event);
      if (repeated === undefined) return stay(state);
      return { state: { ...state, attempt: repeated }, effects: [writeEffect(repeated)] };
    }
    case "stop":
      return stay({ ...state, after: { kind: "stopped" } });
    case "resign": {
      if (after.kind === "stopped") return stay(state);
      const untilMs = Math.max(after.untilMs, event.nowMs + event.sitOutMs);
      return stay({ ...state, after: { kind: "cooldown", untilMs } });
    }
    case "looked":
    case "look-failed":
      return stay(state);
    default:
      return event satisfies never;
  }
}

function release(
  state: Omit<In<"draining">, "attempt">,
  replaced: StoreRecord,
  event: ElectionEvent,
  config: ElectionConfig,
): Step {
  const lease = {
    term: state.highestTerm,
    holder: null,
    ttlMs: config.ttlMs,
    timestamp: event.wallMs,
    nonce: event.nonce,
    why: state.why,
    from: config.self.botId,
    ...(state.nominee === undefined ? {} : { nominee: state.nominee }),
  };
  const attempt = newAttempt("release", replaced, lease, event);
  return { state: { ...state, attempt }, effects: [writeEffect(attempt)] };
}

function end(state: In<"draining">, moment: Moment): Step {
  if (state.after.kind === "stopped") return becomeStopped(state);
  return stay({ ...blank(state, moment), role: "cooldown", untilMs: state.after.untilMs });
}
