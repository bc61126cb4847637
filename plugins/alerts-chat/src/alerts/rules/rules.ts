/**
 * Every alert, as data. Sources: seed, "Monitoring Alerts" and "Runbooks" (names, severities, response times); the conditions that the
 * plugins report. Where the seed has no response time the severity decides; see define-rule.ts.
 */
import { defineRule, RESPONSE_TIME_MIN } from "./define-rule.ts";
import type { Rule } from "./rule.ts";

/** What an outside system reports. Its own rules say what it means. */
export const EXTERNAL: Rule = defineRule("external", {
  name: "External",
  severity: "critical",
  scope: "fleet",
  meaning: "Another monitoring system reports it.",
});

/** A key that no rule knows is an alert all the same: it is sent, and a test names the rule that is missing. */
export const UNKNOWN: Rule = defineRule("unknown", {
  name: "OracleUnknownCondition",
  severity: "critical",
  scope: "bot",
  meaning: "A part of the agent reports trouble that has no rule.",
});

export const RULES: readonly Rule[] = [
  // The price on chain.
  defineRule("price-stale", {
    name: "OraclePriceStale",
    severity: "critical",
    scope: "fleet",
    meaning: "No update for an hour: consumers pause by themselves.",
    runbook: "price-stale",
  }),
  defineRule("price-ageing", {
    name: "OraclePriceAgeing",
    severity: "warning",
    scope: "fleet",
    meaning: "Three heartbeats without an update, long before the price is stale.",
    runbook: "price-stale",
    inhibitedBy: ["price-stale", "paused", "foreign-update", "oracle-paused"],
  }),
  defineRule("price-held", {
    name: "OraclePriceHeld",
    severity: "critical",
    scope: "fleet",
    meaning: "A move so large that it is not believed without agreement or a person.",
    runbook: "emergency-price-update",
  }),
  defineRule("beyond-contract-limit", {
    name: "OraclePriceBeyondContractLimit",
    severity: "critical",
    scope: "fleet",
    meaning: "The contract refuses a move of this size: only its owner can set this price.",
    runbook: "emergency-price-update",
  }),
  defineRule("source-rejected", {
    name: "OracleSourceRejected",
    severity: "warning",
    scope: "fleet",
    meaning: "The sources do not give a price that can be trusted: the last good one stays.",
    runbook: "price-stale",
    inhibitedBy: ["price-stale"],
  }),
  defineRule("sources-not-ready", {
    name: "OracleSourcesNotReady",
    severity: "critical",
    scope: "bot",
    meaning: "This agent has not found its sources since its start: it reads no price.",
    runbook: "price-stale",
    inhibitedBy: ["chain-unreachable"],
  }),
  defineRule("spot-twap-spread", {
    name: "OracleSpotFarFromAverage",
    severity: "warning",
    scope: "fleet",
    meaning: "The pool's price left its average: a real move, or a manipulation.",
    runbook: "price-stale",
  }),
  defineRule("foreign-update", {
    name: "OracleForeignUpdate",
    severity: "critical",
    responseTimeMin: 5,
    scope: "fleet",
    meaning: "Somebody who is no agent of this fleet changed the price: updates are on hold.",
    runbook: "split-brain",
  }),
  defineRule("oracle-paused", {
    name: "OracleContractPaused",
    severity: "critical",
    scope: "fleet",
    meaning: "The contract takes no update.",
    runbook: "oracle-contract-issue",
  }),
  defineRule("paused", {
    name: "OracleUpdatesPaused",
    severity: "info",
    scope: "fleet",
    meaning: "An engineer paused the updates.",
  }),
  // Sending.
  defineRule("update-failed", {
    name: "OracleHighFailureRate",
    severity: "critical",
    scope: "bot",
    meaning: "Updates that were due did not land.",
    runbook: "price-stale",
    inhibitedBy: ["chain-unreachable", "oracle-paused"],
  }),
  defineRule("gas-too-high", {
    name: "OracleHighGasPrice",
    severity: "warning",
    scope: "fleet",
    meaning: "Updates cost more than the cap allows.",
    runbook: "price-stale",
  }),
  defineRule("wallet-low", {
    name: "OracleLowWalletBalance",
    severity: "warning",
    scope: "fleet",
    meaning: "The wallet that pays for updates is nearly empty.",
    runbook: "price-stale",
  }),
  defineRule("wallet-runway-short", {
    name: "OracleWalletRunwayShort",
    severity: "critical",
    scope: "fleet",
    meaning: "At the present burn the wallet is empty within days.",
    runbook: "price-stale",
    inhibitedBy: ["wallet-low"],
  }),
  // Chains.
  defineRule("chain-unreachable", {
    name: "OracleChainUnreachable",
    severity: "critical",
    scope: "bot",
    meaning: "This agent reaches a chain by none of its endpoints.",
    runbook: "network-partition",
  }),
  defineRule("rpc-failover", {
    name: "OracleRPCFailover",
    severity: "warning",
    scope: "bot",
    meaning: "The first endpoint of a chain does not serve: one fewer is left.",
    runbook: "network-partition",
    inhibitedBy: ["chain-unreachable"],
  }),
  defineRule("configuration-contradicts-chain", {
    name: "OracleConfigurationContradictsChain",
    severity: "critical",
    scope: "bot",
    meaning: "The chain is not what this agent's configuration says.",
    runbook: "oracle-contract-issue",
  }),
  // The fleet.
  defineRule("all-bots-down", {
    name: "AllOracleBotsDown",
    severity: "critical",
    responseTimeMin: 5,
    scope: "fleet",
    meaning: "Nobody is left to tell: Prometheus and the service behind HEARTBEAT_URL do.",
    runbook: "all-bots-down",
  }),
  defineRule("bot-down", {
    name: "OracleBotDown",
    severity: "critical",
    scope: "fleet",
    meaning: "An agent has been silent for two minutes without having been stopped.",
    runbook: "bot-crashed",
  }),
  defineRule("single-bot", {
    name: "OracleSingleBotRunning",
    severity: "warning",
    scope: "fleet",
    meaning: "One agent is left: nobody would take over.",
    runbook: "bot-crashed",
  }),
  defineRule("no-leader", {
    name: "OracleNoLeader",
    severity: "critical",
    responseTimeMin: 5,
    scope: "fleet",
    meaning: "Nobody leads although the store answers.",
    runbook: "force-leadership",
  }),
  defineRule("elections-unstable", {
    name: "OracleLeaderElectionFailure",
    severity: "warning",
    scope: "fleet",
    meaning: "The lead changes again and again.",
    runbook: "network-partition",
  }),
  defineRule("leader-changed", {
    name: "OracleLeaderChanged",
    severity: "info",
    scope: "fleet",
    kind: "event",
    meaning: "Another agent leads.",
    runbook: "graceful-failover",
  }),
  defineRule("config-drift", {
    name: "OracleConfigDrift",
    severity: "warning",
    scope: "fleet",
    meaning: "Agents would decide differently after a failover.",
  }),
  defineRule("store-unreachable", {
    name: "OracleStoreUnreachable",
    severity: "warning",
    scope: "bot",
    meaning: "This agent does not reach the store that the fleet shares: without it prices go on by rank.",
    runbook: "network-partition",
  }),
  defineRule("store-unwritable", {
    name: "OracleStoreUnwritable",
    severity: "warning",
    scope: "bot",
    meaning: "The store takes no write of this agent: it cannot lead.",
    runbook: "network-partition",
    inhibitedBy: ["store-unreachable"],
  }),
  defineRule("store-not-shared", {
    name: "OracleSplitBrain",
    severity: "warning",
    responseTimeMin: 5,
    scope: "fleet",
    meaning: "Agents of one oracle share no store: each believes that it leads. Updates stay unique.",
    runbook: "split-brain",
  }),
  defineRule("lock-file-unwritable", {
    name: "OracleLockFileUnwritable",
    severity: "warning",
    scope: "bot",
    meaning: "The lock file does not show who leads, and removing it does nothing.",
    runbook: "split-brain",
  }),
  // Reaching people.
  defineRule("alert-channel-down", {
    name: "OracleAlertChannelDown",
    severity: "critical",
    scope: "fleet",
    meaning: "Alerts do not reach one of the channels; they wait and are sent when it answers.",
  }),
  defineRule("alert-refused", {
    name: "OracleAlertRefused",
    severity: "warning",
    scope: "fleet",
    meaning: "A channel refuses a message for good.",
  }),
  defineRule("alert-ledger-unwritable", {
    name: "OracleAlertLedgerUnwritable",
    severity: "warning",
    scope: "bot",
    meaning: "Alerts of this agent would not survive its restart.",
  }),
  defineRule("telegram-token-refused", {
    name: "OracleTelegramTokenRefused",
    severity: "critical",
    scope: "bot",
    meaning: "No alert and no command in Telegram.",
  }),
  defineRule("discord-token-refused", {
    name: "OracleDiscordTokenRefused",
    severity: "critical",
    scope: "bot",
    meaning: "No alert and no command in Discord.",
  }),
  defineRule("discord-commands-missing", {
    name: "OracleDiscordCommandsMissing",
    severity: "warning",
    scope: "bot",
    meaning: "Discord does not offer the commands.",
  }),
  defineRule("console-unavailable", {
    name: "OracleConsoleUnavailable",
    severity: "warning",
    scope: "bot",
    meaning: "Nobody can speak with this agent on its host.",
  }),
  defineRule("heartbeat-url-failing", {
    name: "OracleHeartbeatUrlFailing",
    severity: "warning",
    scope: "bot",
    meaning: "The outside watch does not hear this agent and will call it dead.",
  }),
  defineRule("operators-file-unusable", {
    name: "OracleOperatorsFileUnusable",
    severity: "warning",
    scope: "bot",
    meaning: "The operators file has a mistake: the people of before stay in force.",
  }),
  defineRule("refusals", {
    name: "OracleRefusedCommands",
    severity: "warning",
    scope: "fleet",
    meaning: "Somebody tries again and again what they may not do.",
  }),
];

const BY_ID = new Map([...RULES, EXTERNAL, UNKNOWN].map((rule) => [rule.id, rule]));

/** The rule of a condition's key (`bot-down:bot-2` is of `bot-down`), or of an alert's `rule`. */
export function ruleOf(key: string): Rule {
  return BY_ID.get(key) ?? BY_ID.get(key.split(":", 1)[0] ?? key) ?? UNKNOWN;
}

/**
 * Minutes within which somebody must have acknowledged an alert of this severity; undefined: nobody is called. The rule's own time is for
 * its worst: what is raised milder, or comes from outside with a severity of its own, has that severity's.
 */
export function responseTimeMinOf(key: string, severity: Rule["severity"]): number | undefined {
  const rule = ruleOf(key);
  return severity === rule.severity ? rule.responseTimeMin : RESPONSE_TIME_MIN[severity];
}
