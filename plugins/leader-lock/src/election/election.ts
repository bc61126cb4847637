/**
 * Who leads: a pure machine over one lease record. It does no I/O, reads no clock and draws no random number; time comes with
 * each event, and what is to be done leaves as effects.
 *
 * Guarantee (G1): at no instant do two agents on one store both get true from {@link leadsAt}.
 * - A leader acts only until `validUntilMs` = when it *sent* its last successful write + ttl - margin, by its own clock.
 * - Another agent claims only a record that its holder let go, whose holder is provably dead, that names this very process, or
 *   that it has itself watched unchanged for the record's own ttl, by its own clock. The claim replaces exactly the version
 *   that was watched.
 *
 * Assumed: clock *rates* differ by less than margin/(2·ttl); the clock runs on while the host sleeps (CLOCK_BOOTTIME); members
 * of one fleet agree on the ttl when the store was wiped. Not assumed: that wall clocks agree, that replies arrive, that a
 * write whose reply was lost did not land.
 *
 * Not guaranteed: that work which was begun under a lease ends before the next one begins. The fence on chain is for that.
 */
import type { StoreRecord } from "@jeju-oracle/kit";
import { claimable } from "./claimable.ts";
import type {
  Attempt,
  Effect,
  ElectionConfig,
  ElectionEvent,
  ElectionState,
  HowFree,
  In,
  Memory,
  Moment,
  Standing,
  Step,
  Watching,
} from "./election-types.ts";
import { decodeLease, encodeLease, isSameAgent, type LeaseRecord } from "./lease-record.ts";

/** The beginning: a follower that looks at once. */
export function initialState(): ElectionState {
  return { role: "follower", seen: undefined, looking: false, lookAtMs: 0, highestTerm: 0, longestTtlMs: 0 };
}

/** Whether this agent leads at `nowMs`. Ask at every use: an answer must not be kept. */
export function leadsAt(state: ElectionState, nowMs: number): boolean {
  return state.role === "leader" && nowMs < state.validUntilMs;
}

/** The lease as this agent knows it: its own, or the one that it watches. */
export function knownLease(state: ElectionState): LeaseRecord | undefined {
  switch (state.role) {
    case "follower":
    case "cooldown":
      return state.seen?.lease;
    case "leader":
    case "draining":
      return state.held === null ? undefined : decodeLease(state.held.value);
    case "acquiring":
    case "stopped":
      return undefined;
    default:
      return state satisfies never;
  }
}

/** When the next tick is due. The shell may tick sooner; later costs time, never safety. */
export function nextTickMs(state: ElectionState, standing: Standing, config: ElectionConfig): number {
  switch (state.role) {
    case "follower": {
      if (state.looking) return Number.POSITIVE_INFINITY;
      const claim = claimable(state, standing, config);
      return Math.min(state.lookAtMs, claim?.atMs ?? Number.POSITIVE_INFINITY);
    }
    case "cooldown":
      return state.looking ? Number.POSITIVE_INFINITY : Math.min(state.lookAtMs, state.untilMs);
    case "acquiring":
      return state.claim.underWay ? Number.POSITIVE_INFINITY : state.claim.repeatAtMs;
    case "leader": {
      const { renewal } = state;
      const workAtMs =
        renewal === undefined
          ? state.renewAtMs
          : renewal.underWay
            ? Number.POSITIVE_INFINITY
            : renewal.repeatAtMs;
      return Math.min(state.validUntilMs, workAtMs);
    }
    case "draining":
      return state.attempt === undefined
        ? 0
        : Math.min(
            state.giveUpAtMs,
            state.attempt.underWay ? Number.POSITIVE_INFINITY : state.attempt.repeatAtMs,
          );
    case "stopped":
      return Number.POSITIVE_INFINITY;
    default:
      return state satisfies never;
  }
}

/** One step. */
export function step(state: ElectionState, event: ElectionEvent, config: ElectionConfig): Step {
  if ("next" in event && event.next !== attemptOf(state)?.next) return lookSoon(state, event);
  switch (state.role) {
    case "follower":
      return stepFollower(state, event, config);
    case "cooldown":
      return stepCooldown(state, event, config);
    case "acquiring":
      return stepAcquiring(state, event, config);
    case "leader":
      return stepLeader(state, event, config);
    case "draining":
      return stepDraining(state, event, config);
    case "stopped":
      return { state, effects: [] };
    default:
      return state satisfies never;
  }
}

/** An attempt that was given up has ended. If it landed, the next look shows this process as the holder. */
function lookSoon(state: ElectionState, { nowMs }: Moment): Step {
  return stay(state.role === "follower" || state.role === "cooldown" ? { ...state, lookAtMs: nowMs } : state);
}

function attemptOf(state: ElectionState): Attempt | undefined {
  switch (state.role) {
    case "acquiring":
      return state.claim;
    case "leader":
      return state.renewal;
    case "draining":
      return state.attempt;
    case "follower":
    case "cooldown":
    case "stopped":
      return undefined;
    default:
      return state satisfies never;
  }
}

function stepFollower(state: In<"follower">, event: ElectionEvent, config: ElectionConfig): Step {
  switch (event.type) {
    case "stop":
      return becomeStopped(state);
    case "resign":
      return stay({ ...state, role: "cooldown", untilMs: event.nowMs + event.sitOutMs });
    case "looked":
      return claimOrWait(watch(state, event, event.lease, event.holderIsDead, config), event, config);
    case "look-failed":
      return stay({ ...state, looking: false, lookAtMs: event.nowMs + config.retryMs });
    case "tick":
      return claimOrWait(state, event, config);
    case "write-won":
    case "write-lost":
    case "write-unknown":
      return stay(state);
    default:
      return event satisfies never;
  }
}

function stepCooldown(state: In<"cooldown">, event: ElectionEvent, config: ElectionConfig): Step {
  switch (event.type) {
    case "stop":
      return becomeStopped(state);
    case "resign":
      return stay({ ...state, untilMs: Math.max(state.untilMs, event.nowMs + event.sitOutMs) });
    case "looked": {
      const next = watch(state, event, event.lease, event.holderIsDead, config);
      // An attempt that was given up had landed: nobody could lead before it expires.
      if (heldBySelf(next, config) && next.seen?.record != null) {
        return beginDraining(
          next,
          next.seen.record,
          "sits out",
          undefined,
          { kind: "cooldown", untilMs: state.untilMs },
          event,
          config,
        );
      }
      return stay(next);
    }
    case "look-failed":
      return stay({ ...state, looking: false, lookAtMs: event.nowMs + config.retryMs });
    case "tick":
      if (event.nowMs >= state.untilMs) return claimOrWait({ ...state, role: "follower" }, event, config);
      return lookIfDue(state, event);
    case "write-won":
    case "write-lost":
    case "write-unknown":
      return stay(state);
    default:
      return event satisfies never;
  }
}

function stepAcquiring(state: In<"acquiring">, event: ElectionEvent, config: ElectionConfig): Step {
  const { claim } = state;
  const validUntilMs = claim.firstSentMs + config.ttlMs - config.marginMs;
  switch (event.type) {
    case "write-won":
      // The reply came after the lease had run out: it is ours in the store and must not be used.
      if (event.nowMs >= validUntilMs) return abandonClaim(state, event);
      return becomeLeader(state, event.record, validUntilMs, config);
    case "write-lost": {
      const follower: In<"follower"> = { ...blank(state, event), looking: false };
      return {
        state: watch(follower, event, event.current, event.holderIsDead, config),
        effects: [{ kind: "claim-failed", why: "lost-race" }],
      };
    }
    case "write-unknown":
      return stay({
        ...state,
        claim: { ...claim, underWay: false, repeatAtMs: event.nowMs + config.retryMs },
      });
    case "tick":
      if (claim.underWay) return stay(state);
      if (event.nowMs >= validUntilMs) return abandonClaim(state, event);
      if (event.nowMs < claim.repeatAtMs) return stay(state);
      return { state: { ...state, claim: { ...claim, underWay: true } }, effects: [writeEffect(claim)] };
    case "stop":
      return settle(state, event.why, { kind: "stopped" }, event, config);
    case "resign":
      return settle(
        state,
        event.why,
        { kind: "cooldown", untilMs: event.nowMs + event.sitOutMs },
        event,
        config,
      );
    case "looked":
    case "look-failed":
      return stay(state);
    default:
      return event satisfies never;
  }
}

/** The claim may have landed: finds out, and lets the lease go if it did. */
function settle(
  { claim, ...memory }: In<"acquiring">,
  why: string,
  after: In<"draining">["after"],
  event: ElectionEvent,
  config: ElectionConfig,
): Step {
  return beginDraining(memory, claim.previous, why, undefined, after, event, config, claim);
}

function stepLeader(state: In<"leader">, event: ElectionEvent, config: ElectionConfig): Step {
  if (event.type === "stop") {
    return drain(state, event.why, undefined, { kind: "stopped" }, event, config);
  }
  if (event.type === "resign") {
    return drain(
      state,
      event.why,
      event.nominee,
      { kind: "cooldown", untilMs: event.nowMs + event.sitOutMs },
      event,
      config,
    );
  }
  const { renewal } = state;
  if (event.type === "write-won" && renewal !== undefined) {
    const validUntilMs = renewal.firstSentMs + config.ttlMs - config.marginMs;
    const renewed: In<"leader"> = {
      ...state,
      held: event.record,
      validUntilMs,
      renewAtMs: renewal.firstSentMs + config.renewMs,
      renewal: undefined,
    };
    return event.nowMs < validUntilMs ? stay(renewed) : demote(renewed, "the renewal came too late", event);
  }
  if (event.nowMs >= state.validUntilMs)
    return demote(state, "the lease could not be renewed in time", event);
  switch (event.type) {
    case "write-lost":
      return afterLostRenewal(state, event, config);
    case "write-unknown":
      if (renewal === undefined) return stay(state);
      return stay({
        ...state,
        renewal: { ...renewal, underWay: false, repeatAtMs: event.nowMs + config.retryMs },
      });
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

function stepDraining(state: In<"draining">, event: ElectionEvent, config: ElectionConfig): Step {
  switch (event.type) {
    case "write-won":
      if (state.attempt?.purpose === "release") return endDraining(state, event);
      // What was under way when draining began did land: release that version.
      return release({ ...state, held: event.record, attempt: undefined }, event, config);
    case "write-lost": {
      const lease = event.current === null ? undefined : decodeLease(event.current.value);
      const stillOurs = lease?.holder != null && isSameAgent(lease.holder, config.self);
      if (event.current === null || !stillOurs) return endDraining(state, event);
      return release({ ...state, held: event.current, attempt: undefined }, event, config);
    }
    case "write-unknown": {
      const { attempt } = state;
      if (attempt === undefined) return stay(state);
      return stay({
        ...state,
        attempt: { ...attempt, underWay: false, repeatAtMs: event.nowMs + config.retryMs },
      });
    }
    case "tick": {
      const { attempt } = state;
      if (event.nowMs >= state.giveUpAtMs) return endDraining(state, event);
      if (attempt === undefined) return release(state, event, config);
      if (attempt.underWay || event.nowMs < attempt.repeatAtMs) return stay(state);
      return {
        state: { ...state, attempt: { ...attempt, underWay: true } },
        effects: [writeEffect(attempt)],
      };
    }
    case "stop":
      return stay({ ...state, after: { kind: "stopped" } });
    case "resign":
    case "looked":
    case "look-failed":
      return stay(state);
    default:
      return event satisfies never;
  }
}

/** Takes a look at the record into account. A version that is new to this agent is watched from now on. */
function watch<State extends In<"follower"> | In<"cooldown">>(
  state: State,
  moment: Moment,
  record: StoreRecord | null,
  holderIsDead: boolean,
  config: ElectionConfig,
): State {
  const before = state.seen;
  const unchanged = before !== undefined && before.record?.version === record?.version;
  const lease = record === null ? undefined : decodeLease(record.value);
  return {
    ...state,
    seen: unchanged ? { ...before, holderIsDead } : { record, lease, sinceMs: moment.nowMs, holderIsDead },
    looking: false,
    lookAtMs: moment.nowMs + config.pollMs * (0.8 + 0.4 * moment.jitter),
    highestTerm: Math.max(state.highestTerm, lease?.term ?? 0),
    longestTtlMs: Math.max(state.longestTtlMs, lease?.ttlMs ?? 0),
  };
}

function claimOrWait(state: In<"follower">, event: ElectionEvent, config: ElectionConfig): Step {
  const claim = state.looking ? undefined : claimable(state, event.standing, config);
  if (claim !== undefined && event.nowMs >= claim.atMs)
    return becomeAcquiring(state, claim.how, event, config);
  return lookIfDue(state, event);
}

function lookIfDue<State extends In<"follower"> | In<"cooldown">>(state: State, { nowMs }: Moment): Step {
  if (state.looking || nowMs < state.lookAtMs) return stay(state);
  return { state: { ...state, looking: true }, effects: [{ kind: "look" }] };
}

function becomeAcquiring(
  state: In<"follower">,
  how: HowFree,
  event: ElectionEvent,
  config: ElectionConfig,
): Step {
  const lease = state.seen?.lease;
  const term = state.highestTerm + 1;
  const from = lease?.holder?.botId ?? lease?.from ?? undefined;
  const next = encodeLease({
    ...ownLease(config, event),
    term,
    why: lease?.holder === null || lease?.revoked === true ? lease.why : WHY_BY_HOW[how],
    from: from ?? null,
  });
  const claim = newAttempt("claim", state.seen?.record ?? null, next, event);
  const { highestTerm, longestTtlMs } = state;
  return {
    state: {
      role: "acquiring",
      claim,
      term,
      from,
      how,
      highestTerm: Math.max(highestTerm, term),
      longestTtlMs,
    },
    effects: [writeEffect(claim)],
  };
}

const WHY_BY_HOW = {
  empty: "first election in this store",
  unreadable: "the lease record was unreadable",
  released: "released",
  dead: "the process of the previous leader is dead",
  expired: "the lease of the previous leader expired",
  own: "leads again after the store was out of reach",
} as const satisfies Record<HowFree, string>;

function becomeLeader(
  { term, from, how, claim, highestTerm, longestTtlMs }: In<"acquiring">,
  held: StoreRecord,
  validUntilMs: number,
  config: ElectionConfig,
): Step {
  const renewAtMs = claim.firstSentMs + config.renewMs;
  const why = decodeLease(held.value)?.why ?? WHY_BY_HOW[how];
  return {
    state: {
      role: "leader",
      term,
      held,
      validUntilMs,
      renewAtMs,
      renewal: undefined,
      highestTerm,
      longestTtlMs,
    },
    effects: [{ kind: "elected", term, from, why, how }],
  };
}

/** The claim may have landed or may land yet: the next look tells, and shows this process as the holder if it did. */
function abandonClaim(state: In<"acquiring">, moment: Moment): Step {
  return { state: blank(state, moment), effects: [{ kind: "claim-failed", why: "store-unavailable" }] };
}

function renewIfDue(state: In<"leader">, event: ElectionEvent, config: ElectionConfig): Step {
  const { renewal } = state;
  if (renewal !== undefined) {
    if (renewal.underWay || event.nowMs < renewal.repeatAtMs) return stay(state);
    return { state: { ...state, renewal: { ...renewal, underWay: true } }, effects: [writeEffect(renewal)] };
  }
  if (event.nowMs < state.renewAtMs) return stay(state);
  const lease = decodeLease(state.held.value);
  const next = encodeLease({
    ...ownLease(config, event),
    term: state.term,
    why: lease?.why ?? "",
    from: lease?.from ?? null,
  });
  const attempt = newAttempt("renew", state.held, next, event);
  return { state: { ...state, renewal: attempt }, effects: [writeEffect(attempt)] };
}

function afterLostRenewal(
  state: In<"leader">,
  event: Extract<ElectionEvent, { type: "write-lost" }>,
  config: ElectionConfig,
): Step {
  const { current } = event;
  const lease = current === null ? undefined : decodeLease(current.value);
  if (
    current !== null &&
    lease?.revoked === true &&
    lease.holder !== null &&
    isSameAgent(lease.holder, config.self)
  ) {
    const after = { kind: "cooldown", untilMs: event.nowMs + config.nomineeGraceMs } as const;
    return drain(
      { ...state, held: current, renewal: undefined },
      lease.why,
      lease.nominee,
      after,
      event,
      config,
    );
  }
  const why = current === null ? "the lease record is gone" : "the lease was taken";
  const demoted = demote(state, why, event);
  const follower = demoted.state;
  return follower.role === "follower"
    ? { ...demoted, state: watch(follower, event, current, event.holderIsDead, config) }
    : demoted;
}

function demote(state: In<"leader">, why: string, moment: Moment): Step {
  return {
    state: blank(state, moment),
    effects: [{ kind: "demoted", term: state.term, why, voluntary: false }],
  };
}

/** Stops leading at once, then lets the lease go so that nobody has to wait for its end. */
function drain(
  state: In<"leader">,
  why: string,
  nominee: string | undefined,
  after: In<"draining">["after"],
  event: ElectionEvent,
  config: ElectionConfig,
): Step {
  const begun = beginDraining(state, state.held, why, nominee, after, event, config, state.renewal);
  return {
    ...begun,
    effects: [{ kind: "demoted", term: state.term, why, voluntary: true }, ...begun.effects],
  };
}

function beginDraining(
  memory: Memory,
  held: StoreRecord | null,
  why: string,
  nominee: string | undefined,
  after: In<"draining">["after"],
  event: ElectionEvent,
  config: ElectionConfig,
  unsettled?: Attempt,
): Step {
  const { highestTerm, longestTtlMs } = memory;
  const draining: In<"draining"> = {
    role: "draining",
    term: highestTerm,
    held,
    why,
    nominee,
    after,
    giveUpAtMs: event.nowMs + config.ttlMs,
    attempt: unsettled,
    highestTerm,
    longestTtlMs,
  };
  // A write whose outcome is open is settled first: only then is it known which version to replace.
  return unsettled === undefined ? release(draining, event, config) : stay(draining);
}

function release(state: In<"draining">, event: ElectionEvent, config: ElectionConfig): Step {
  const next = encodeLease({
    term: state.term,
    holder: null,
    ttlMs: config.ttlMs,
    timestamp: event.wallMs,
    nonce: event.nonce,
    why: state.why,
    from: config.self.botId,
    ...(state.nominee === undefined ? {} : { nominee: state.nominee }),
  });
  const attempt = newAttempt("release", state.held, next, event);
  return { state: { ...state, attempt }, effects: [writeEffect(attempt)] };
}

function endDraining(state: In<"draining">, moment: Moment): Step {
  if (state.after.kind === "stopped") return becomeStopped(state);
  return stay({ ...blank(state, moment), role: "cooldown", untilMs: state.after.untilMs });
}

/** A follower that knows nothing of the record and looks at once. */
function blank({ highestTerm, longestTtlMs }: Memory, { nowMs }: Moment): In<"follower"> {
  return { role: "follower", seen: undefined, looking: false, lookAtMs: nowMs, highestTerm, longestTtlMs };
}

function becomeStopped({ highestTerm, longestTtlMs }: Memory): Step {
  return stay({ role: "stopped", highestTerm, longestTtlMs });
}

function heldBySelf({ seen }: Watching, config: ElectionConfig): boolean {
  const holder = seen?.lease?.holder;
  return holder != null && isSameAgent(holder, config.self);
}

function ownLease({ self, ttlMs, lockPlace }: ElectionConfig, { wallMs, nonce, report }: Moment) {
  const place = lockPlace === undefined ? {} : { lockPlace };
  return { holder: self, ttlMs, timestamp: wallMs, nonce, report, ...place };
}

function newAttempt(
  purpose: Attempt["purpose"],
  previous: StoreRecord | null,
  next: string,
  { nowMs }: Moment,
): Attempt {
  return {
    purpose,
    previous,
    next,
    firstSentMs: nowMs,
    underWay: true,
    repeatAtMs: Number.POSITIVE_INFINITY,
  };
}

function writeEffect({ purpose, previous, next }: Attempt): Effect {
  return { kind: "write", purpose, previous, next };
}

function stay(state: ElectionState): Step {
  return { state, effects: [] };
}
