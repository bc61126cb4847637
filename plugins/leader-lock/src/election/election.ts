/**
 * Who leads: a pure machine over one lease record. It does no I/O, reads no clock and draws no random number; time comes with
 * each event, and what is to be done leaves as effects. Each role is a file in `roles/`; when a lease is free says
 * `claimable.ts`.
 *
 * Guarantee (G1): at no instant do two agents on one store both get true from {@link leadsAt}.
 * - A leader acts only until `validUntilMs` = when it *first sent* its last successful write + ttl - margin, by its own clock.
 * - Another agent claims only a record that its holder let go, whose holder is provably dead, that names this very process, or
 *   that it has itself watched unchanged for the record's own ttl, by its own clock. The claim replaces exactly the version
 *   that was watched.
 * - Nothing is no version: a store that is empty may have been wiped, twice even, between two looks. So an agent first lays a
 *   quarantined record on it, which is watched for a whole ttl like a lease.
 *
 * Assumed: clock *rates* differ by less than margin/(2·ttl); the clock runs on while the host sleeps (CLOCK_BOOTTIME); a version
 * of the record never returns, so a wipe is covered but a store that is set back to an earlier state is not (a restored backup,
 * an asynchronous replica that was promoted); members of one fleet agree on the ttl when the record was wiped or damaged; with
 * `claimEmptyAtOnce` the store is never wiped while a lease runs. Not assumed: that wall clocks agree, that replies arrive or
 * keep their order, that a write whose reply was lost did not land, or will not land later.
 *
 * Not guaranteed: that work which was begun under a lease ends before the next one begins. The fence on chain is for that.
 */
import type { ElectionConfig, ElectionEvent, ElectionState, Standing, Step } from "./election-types.ts";
import { decodeLease, type LeaseRecord } from "./lease-record.ts";
import { acquiringDueMs, stepAcquiring } from "./roles/acquiring.ts";
import { cooldownDueMs, stepCooldown } from "./roles/cooldown.ts";
import { drainingDueMs, stepDraining } from "./roles/draining.ts";
import { followerDueMs, stepFollower } from "./roles/follower.ts";
import { leaderDueMs, stepLeader } from "./roles/leader.ts";
import { lookSoon } from "./watching.ts";

/** The beginning: a follower that looks at once. */
export function initialState(): ElectionState {
  return {
    role: "follower",
    seen: undefined,
    looking: false,
    marking: undefined,
    lookAtMs: 0,
    highestTerm: 0,
    longestTtlMs: 0,
  };
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
      return state.lease;
    case "draining": {
      const { previous } = state.attempt;
      return previous === null ? undefined : decodeLease(previous.value);
    }
    case "acquiring":
    case "stopped":
      return undefined;
    default:
      return state satisfies never;
  }
}

/**
 * When the next tick is due, by the agent's clock; infinity while only an outcome is awaited. The shell may tick sooner; later
 * costs time, never safety.
 */
export function nextTickMs(state: ElectionState, standing: Standing, config: ElectionConfig): number {
  switch (state.role) {
    case "follower":
      return followerDueMs(state, standing, config);
    case "cooldown":
      return cooldownDueMs(state);
    case "acquiring":
      return acquiringDueMs(state);
    case "leader":
      return leaderDueMs(state);
    case "draining":
      return drainingDueMs(state);
    case "stopped":
      return Number.POSITIVE_INFINITY;
    default:
      return state satisfies never;
  }
}

/** One step. */
export function step(state: ElectionState, event: ElectionEvent, config: ElectionConfig): Step {
  if ("next" in event && event.next !== awaitedWrite(state)) return lookSoon(state, event);
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

/** What the write, whose outcome this state waits for, writes. Outcomes of others come late and must change nothing. */
function awaitedWrite(state: ElectionState): string | undefined {
  switch (state.role) {
    case "follower":
    case "cooldown":
      return state.marking;
    case "acquiring":
      return state.claim.next;
    case "leader":
      return state.renewal?.next;
    case "draining":
      return state.attempt.next;
    case "stopped":
      return undefined;
    default:
      return state satisfies never;
  }
}
