/**
 * Which conditions of the fleet hold now that a person should know of. Pure. A summary tells the limit that was passed, not by how
 * much: a text that changes every second would be news every second.
 */
import type { AlertCondition, FleetMember } from "@jeju-oracle/kit";

export interface FleetConditionInput {
  readonly botId: string;
  readonly members: readonly FleetMember[];
  readonly storeLabel: string;
  /** For how long the store has been out of reach, ms; see Exchange. */
  readonly storeOutageMs: number;
  /** For how long writes have failed; 0 when the latest succeeded. */
  readonly storeWritesFailForMs: number;
  /** What to do about requests that fail, while some do. */
  readonly storeNextStep: string | undefined;
  readonly ttlMs: number;
  /** For how long nobody has led, while the store answers; 0 when somebody does. */
  readonly leaderlessForMs: number;
  /** For how long this agent has been the only living member. */
  readonly aloneForMs: number;
  /** Members that are silent without having stopped; see DownMembers. */
  readonly down: readonly FleetMember[];
  /** Terms that began lately; see TermChanges. */
  readonly termChanges: number;
  readonly storeShared: boolean;
  readonly lockFileFailure: { readonly message: string; readonly nextStep: string } | undefined;
}

/** Seed: OracleSingleBotRunning; the running deployment waits 10 minutes. */
const ALONE_AFTER_MS = 600_000;
/** More changes than these within ten minutes are nobody's wish. */
const TERM_CHANGES_ACCEPTED = 3;
/** An election takes at most the ttl and a few polls. */
const LEADERLESS_AFTER_TTLS = 3;

/** Every condition that holds. */
export function fleetConditions(input: FleetConditionInput): readonly AlertCondition[] {
  return [
    ...storeConditions(input),
    ...leaderConditions(input),
    ...input.down.map(downCondition),
    ...driftConditions(input),
    ...lockFileConditions(input),
  ];
}

function storeConditions(input: FleetConditionInput): AlertCondition[] {
  const conditions: AlertCondition[] = [];
  if (input.storeOutageMs >= input.ttlMs) {
    conditions.push({
      key: "store-unreachable",
      severity: "warning",
      summary: `The coordination store ${input.storeLabel} has not answered ${input.botId} for more than ${seconds(input.ttlMs)}`,
      nextStep:
        input.storeNextStep ??
        "Check that the store runs and that this host reaches it. Prices go on without a leader.",
    });
  } else if (input.storeWritesFailForMs >= input.ttlMs) {
    conditions.push({
      key: "store-unwritable",
      severity: "warning",
      summary: `The coordination store ${input.storeLabel} has taken no write of ${input.botId} for more than ${seconds(input.ttlMs)}`,
      nextStep: input.storeNextStep ?? "Check disk space and rights of the store: this agent cannot lead.",
    });
  }
  if (!input.storeShared) {
    conditions.push({
      key: "store-not-shared",
      severity: "warning",
      summary: `An agent outside ${input.storeLabel} updates the same oracle: the agents share no store`,
      nextStep: "Set LEADER_LOCK_URL to one store on every host. Updates stay unique meanwhile.",
    });
  }
  return conditions;
}

function leaderConditions(input: FleetConditionInput): AlertCondition[] {
  const conditions: AlertCondition[] = [];
  const patienceMs = LEADERLESS_AFTER_TTLS * input.ttlMs;
  if (input.leaderlessForMs >= patienceMs) {
    conditions.push({
      key: "no-leader",
      severity: "critical",
      summary: `Nobody has led for more than ${seconds(patienceMs)} although the store answers`,
      nextStep: "Look at `oracle-agent list`: somebody must be alive and allowed to lead.",
    });
  }
  if (input.termChanges > TERM_CHANGES_ACCEPTED) {
    conditions.push({
      key: "elections-unstable",
      severity: "warning",
      summary: `The lead changed more than ${TERM_CHANGES_ACCEPTED} times within 10 minutes`,
      nextStep:
        "See `oracle-agent history`: who led, and why each one stopped. Check the network to the store.",
    });
  }
  if (input.aloneForMs >= ALONE_AFTER_MS) {
    conditions.push({
      key: "single-bot",
      severity: "warning",
      summary: `${input.botId} is the only living agent of the fleet`,
      nextStep: "Start the other agents: nobody would take over.",
    });
  }
  return conditions;
}

function downCondition({ botId, host }: FleetMember): AlertCondition {
  return {
    key: `bot-down:${botId}`,
    severity: "critical",
    summary: `${botId} on ${host} has been silent for more than 2 minutes`,
    nextStep: `Look at its log and start its service on ${host}: runbook Bot Crashed.`,
  };
}

/** Members that run another version or configuration than this one would decide differently after a failover. */
function driftConditions({ botId, members }: FleetConditionInput): AlertCondition[] {
  const own = members.find((member) => member.botId === botId);
  if (own === undefined) return [];
  const differing = members.filter(
    (member) => member.alive && (member.configHash !== own.configHash || member.version !== own.version),
  );
  if (differing.length === 0) return [];
  return [
    {
      key: "config-drift",
      severity: "warning",
      summary: `Configuration or version differ between ${[botId, ...differing.map((member) => member.botId)].join(", ")}`,
      nextStep: "Compare `oracle-agent check-config` on each host and make them equal.",
    },
  ];
}

function lockFileConditions({ lockFileFailure }: FleetConditionInput): AlertCondition[] {
  if (lockFileFailure === undefined) return [];
  const { message, nextStep } = lockFileFailure;
  return [{ key: "lock-file-unwritable", severity: "warning", summary: message, nextStep }];
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 1000)} s`;
}
