/**
 * Which conditions a person should know of, from one picture of the updater. Pure; the service raises and clears them.
 */
import type { AlertCondition } from "@jeju-oracle/kit";
import { STALE_AFTER_S } from "../decision/decide.ts";
import type { UnhealthyReason } from "../health.ts";
import type { OracleState } from "../oracle/oracle-state.ts";
import type { StandIn } from "../rpc/rpc-pool.ts";
import type { Look } from "./events.ts";
import type { Pause } from "./pause-book.ts";

/** The newest state read from Jeju, and how old its price is now, s. */
export interface ChainAsSeen {
  readonly state: OracleState;
  readonly ageS: bigint;
}

export interface ConditionInput {
  readonly look: Look | undefined;
  readonly chain: ChainAsSeen | undefined;
  readonly lastFailure:
    | { readonly code: string; readonly message: string; readonly nextStep: string }
    | undefined;
  readonly consecutiveFailures: number;
  readonly pause: Pause | undefined;
  readonly heartbeatMs: number;
  readonly maxSpotTwapSpreadBps: bigint;
  readonly unhealthyReasons: readonly UnhealthyReason[];
  /** Of each chain that is not read from its first endpoint. */
  readonly standIns: readonly StandIn[];
}

/** Seed: OracleLowWalletBalance, below 0.01 ETH. */
const LOW_BALANCE_WEI = 10n ** 16n;
/** DESIGN section 6: price ageing, three heartbeats. */
const AGEING_HEARTBEATS = 3n;
/** A first endpoint that is away for longer does not come back by itself: somebody looks before the next one fails, too. */
const STAND_IN_PATIENCE_MS = 600_000;
/** While a move is held nothing refreshes the price: a person is paged well before it turns stale. */
const PAGE_WHEN_HELD_FOR_S = STALE_AFTER_S / 2n;

/** Every condition that holds now. */
export function activeConditions(input: ConditionInput): readonly AlertCondition[] {
  const { look, chain } = input;
  return [
    ...failureConditions(input),
    ...input.standIns.map(standInCondition),
    ...pauseConditions(input),
    ...(chain === undefined ? [] : chainConditions(chain, input)),
    ...(look === undefined ? [] : lookConditions(look, input)),
  ];
}

/** Seed: OracleHighFailureRate, more than 5. One failure is news, since the next attempt is seconds away; the second one is trouble. */
function failureSeverity(inARow: number): AlertCondition["severity"] {
  if (inARow > 5) return "critical";
  return inARow > 1 ? "warning" : "info";
}

function failureConditions({
  lastFailure,
  consecutiveFailures,
  unhealthyReasons,
}: ConditionInput): AlertCondition[] {
  const conditions: AlertCondition[] = [];
  if (lastFailure !== undefined && consecutiveFailures > 0) {
    conditions.push({
      key: `update-failed:${lastFailure.code}`,
      severity: failureSeverity(consecutiveFailures),
      summary: `Oracle update failed${consecutiveFailures === 1 ? "" : ` ${consecutiveFailures} times in a row`}: ${lastFailure.message}`,
      nextStep: lastFailure.nextStep,
    });
  }
  const unreachable = unhealthyReasons
    .filter(({ code }) => code === "base-unreachable" || code === "jeju-unreachable")
    .map(({ text }) => text);
  if (unreachable.length > 0) {
    conditions.push({
      key: "chain-unreachable",
      severity: "critical",
      summary: unreachable.join("; "),
      nextStep: "Check the network of this host and the RPC URLs; another agent should lead.",
    });
  }
  return conditions;
}

/** Tells the endpoint by its place in the list: a URL may hold a key. */
function standInCondition({ chain, index, forMs }: StandIn): AlertCondition {
  const lasts = forMs >= STAND_IN_PATIENCE_MS;
  const since = lasts ? " for more than 10 minutes" : "";
  return {
    key: `rpc-failover:${chain.toLowerCase()}`,
    severity: lasts ? "warning" : "info",
    summary: `${chain} RPC 0 has not served${since}: RPC ${index} does`,
    nextStep: `The log says why (RPC failover occurred). If it stays away, put a working endpoint first in ${chain.toUpperCase()}_RPC_URLS.`,
  };
}

function pauseConditions({ pause }: ConditionInput): AlertCondition[] {
  if (pause === undefined) return [];
  return pause.kind === "foreign-update"
    ? [
        {
          key: "foreign-update",
          severity: "critical",
          summary: `The price was changed by someone else: ${pause.reason}`,
          nextStep: "Find out who sent it. Updates stay on hold until resumed.",
        },
      ]
    : [
        {
          key: "paused",
          severity: "info",
          summary: `Updates are paused by ${pause.by}: ${pause.reason}`,
          nextStep: "Resume when the reason is gone.",
        },
      ];
}

function chainConditions({ state, ageS }: ChainAsSeen, input: ConditionInput): AlertCondition[] {
  const conditions: AlertCondition[] = [];
  const decision = input.look?.decision;
  const heartbeatS = BigInt(input.heartbeatMs) / 1000n;
  if (ageS > STALE_AFTER_S) {
    conditions.push({
      key: "price-stale",
      severity: "critical",
      summary: `The price on chain is stale: ${ageS} s old`,
      nextStep: "Follow the runbook Oracle Price Stale.",
    });
  } else if (ageS > AGEING_HEARTBEATS * heartbeatS) {
    conditions.push({
      key: "price-ageing",
      severity: "warning",
      summary: `The price on chain is ${ageS} s old, three heartbeats are ${AGEING_HEARTBEATS * heartbeatS} s`,
      nextStep: `See why nothing is pushed: ${decision?.kind === "push" ? "pushing" : (decision?.reason ?? "no look yet")}.`,
    });
  }
  if (state.contractPaused === true) {
    conditions.push({
      key: "oracle-paused",
      severity: "critical",
      summary: "The oracle contract is paused",
      nextStep: "Follow the runbook Oracle Contract Issue.",
    });
  }
  if (state.walletBalanceWei < LOW_BALANCE_WEI) {
    conditions.push({
      key: "wallet-low",
      severity: "warning",
      summary: `The updater's wallet holds ${inEth(state.walletBalanceWei)}, less than 0.01 ETH`,
      nextStep: "Fund the updater's address on Jeju.",
    });
  }
  return conditions;
}

function lookConditions({ decision, source }: Look, input: ConditionInput): AlertCondition[] {
  const conditions: AlertCondition[] = [];
  const ageS = input.chain?.ageS ?? 0n;
  if (
    decision.kind === "skip" &&
    (decision.reason === "held" || decision.reason === "beyond-contract-limit")
  ) {
    conditions.push({
      key: decision.reason === "held" ? "price-held" : "beyond-contract-limit",
      severity: decision.reason === "held" && ageS < PAGE_WHEN_HELD_FOR_S ? "warning" : "critical",
      summary: `A price move is not pushed: ${decision.detail}`,
      nextStep:
        decision.reason === "held"
          ? "Compare with other sources; approve the price if it is right, or let the readings agree."
          : "Follow the runbook Emergency Price Update.",
    });
  }
  if (decision.kind === "skip" && decision.reason === "gas-too-high") {
    conditions.push({
      key: "gas-too-high",
      severity: "warning",
      summary: `Gas is above the cap: ${decision.detail}`,
      nextStep:
        "If the price must be pushed now, raise the cap: MAX_GAS_PRICE_GWEI, or for a while max-gas-price-gwei.",
    });
  }
  if (source.kind === "rejection") {
    conditions.push({
      key: "source-rejected",
      severity: "warning",
      summary: `The sources are not used: ${source.detail}`,
      nextStep: "Nothing if it passes; consumers pause by themselves when the price turns stale.",
    });
  } else if (source.spotTwapSpreadBps > input.maxSpotTwapSpreadBps) {
    conditions.push({
      key: "spot-twap-spread",
      severity: "warning",
      summary: `The pool's spot price is ${source.spotTwapSpreadBps} bps away from its average`,
      nextStep: "Look at the pool: a real move, or a manipulation. Heartbeats go on at the average.",
    });
  }
  return conditions;
}

/** `0.0042 ETH`: four decimals, rounded down. */
function inEth(wei: bigint): string {
  const tenThousandths = wei / 10n ** 14n;
  return `${tenThousandths / 10_000n}.${(tenThousandths % 10_000n).toString().padStart(4, "0")} ETH`;
}
