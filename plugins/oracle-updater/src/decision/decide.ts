/**
 * Whether to push, and why (or why not). Pure: time, state and permissions come as arguments, so the same function
 * serves the leader, a follower's shadow decision, tests and replays. The reason is computed here once; log, metric,
 * health and chat all show it.
 */
import type { LeadershipGrant, LeadershipRefusal } from "@jeju-oracle/kit";
import type { DecisionConfig } from "../config.ts";
import { absolute, deviationBps, maxOf } from "../price/fixed-point.ts";
import type { Quote } from "../price/quote.ts";
import type { Rejection } from "../price/rejection.ts";
import type { InFlight } from "../transaction/in-flight.ts";
import type { HoldVerdict, PricePair } from "./hold-band.ts";

export type PushReason = "heartbeat" | "deviation" | "stale" | "forced" | "approved";

export type SkipReason =
  | "unchanged"
  | "rate-limited"
  | "not-leader"
  | "paused"
  | "observe-only"
  | "gas-too-high"
  | "held"
  | "pool-doubtful"
  | "beyond-contract-limit"
  | "source-rejected"
  | "source-older-than-chain"
  | "in-flight"
  | "backing-off";

export interface ChainPrice extends PricePair {
  readonly lastUpdateS: bigint;
}

export interface Permissions {
  /** What the leadership port says to a send now. */
  readonly leadership: LeadershipGrant | LeadershipRefusal;
  /** Why updates are paused; undefined when they are not. */
  readonly paused: string | undefined;
  readonly observeOnly: boolean;
  readonly inFlight: InFlight;
  /** What a transaction would have to pay per gas, and the cap. */
  readonly gasPriceNeededWei: bigint;
  readonly feeCapWei: bigint;
  /** Time in ms until the next attempt after failures; 0 when free to try. */
  readonly backOffMs: number;
}

export interface DecisionInput {
  readonly source: Quote | Rejection;
  readonly chain: ChainPrice;
  readonly hold: HoldVerdict;
  /** Median of Base head, Jeju head and host clock, s. */
  readonly nowS: bigint;
  readonly forced: boolean;
  readonly permissions: Permissions;
}

export type Decision =
  | {
      readonly kind: "push";
      readonly reason: PushReason;
      readonly detail: string;
      readonly prices: PricePair;
      /** On whose authority. An answer of that moment: it is asked for again before the send. */
      readonly grant: LeadershipGrant;
    }
  | {
      readonly kind: "skip";
      readonly reason: SkipReason;
      readonly detail: string;
      /** The reason a push was due, when only a permission or a guard stood in its way. */
      readonly wouldPush: PushReason | undefined;
    };

/** Consumers refuse a price older than this (ManualPriceOracle: fresh within 1 hour). */
export const STALE_AFTER_S = 3_600n;
/** The contract refuses a larger move: integer percent above 50. */
const CONTRACT_MAX_DEVIATION_PCT = 50n;
/** The contract accepts any move once its price is older than this. */
const CONTRACT_LIMIT_EXPIRES_S = 86_400n;
/** At $0.000001 one unit is a percent: a move of one unit is rounding, not news. */
const MIN_DEVIATION_UNITS = 2n;

/** Decides one look at source and chain. */
export function decide(input: DecisionInput, config: DecisionConfig): Decision {
  const { source, chain, permissions } = input;
  if (source.kind === "rejection") return skip("source-rejected", `${source.code}: ${source.detail}`);
  if (source.blockTimestampS < chain.lastUpdateS) {
    const behindS = chain.lastUpdateS - source.blockTimestampS;
    return skip("source-older-than-chain", `the source block is ${behindS} s older than the price on chain`);
  }
  const due = dueReason(input, source, config);
  if (due === undefined)
    return skip("unchanged", `${describeMove(source, chain)}, age ${input.nowS - chain.lastUpdateS} s`);
  const forbidden = priceObstacle(input, source, due, config) ?? orderObstacle(permissions);
  if (forbidden !== undefined) return skip(forbidden.reason, forbidden.detail, due);
  const { leadership } = permissions;
  if (!leadership.granted) return skip("not-leader", describeRefusal(leadership), due);
  const hindered = sendObstacle(permissions);
  if (hindered !== undefined) return skip(hindered.reason, hindered.detail, due);
  return {
    kind: "push",
    reason: due,
    detail: `${describeMove(source, chain)}, age ${input.nowS - chain.lastUpdateS} s`,
    prices: { ethUsd8: source.ethUsd8, elizaUsd8: source.elizaUsd8 },
    grant: leadership,
  };
}

function dueReason(input: DecisionInput, quote: Quote, config: DecisionConfig): PushReason | undefined {
  const { chain, hold, nowS } = input;
  if (input.forced) return "forced";
  if (hold.kind === "approved") return "approved";
  const ageS = nowS - chain.lastUpdateS;
  if (ageS > STALE_AFTER_S) return "stale";
  const heartbeat = ageS * 1000n >= BigInt(config.heartbeatMs);
  // A heartbeat that is due anyway must not be held as the deviation that a moved pool makes of it.
  if (heartbeat && onlyDoubtfulPoolMoved(quote, chain, config)) return "heartbeat";
  if (deviates(quote, chain, config.deviationThresholdBps)) return "deviation";
  return heartbeat ? "heartbeat" : undefined;
}

/** Whether the pool's spot is too far from its average for an elizaOS move to be pushed early, and ETH did not move. */
function onlyDoubtfulPoolMoved(quote: Quote, chain: PricePair, config: DecisionConfig): boolean {
  return (
    quote.spotTwapSpreadBps > config.maxSpotTwapSpreadBps &&
    !legDeviates(quote.ethUsd8, chain.ethUsd8, config.deviationThresholdBps)
  );
}

function deviates(quote: Quote, chain: PricePair, thresholdBps: bigint): boolean {
  return (
    legDeviates(quote.ethUsd8, chain.ethUsd8, thresholdBps) ||
    legDeviates(quote.elizaUsd8, chain.elizaUsd8, thresholdBps)
  );
}

function legDeviates(price: bigint, onChain: bigint, thresholdBps: bigint): boolean {
  return absolute(price - onChain) >= MIN_DEVIATION_UNITS && deviationBps(price, onChain) >= thresholdBps;
}

interface Obstacle {
  readonly reason: SkipReason;
  readonly detail: string;
}

/** What in the prices themselves forbids a due push. */
function priceObstacle(
  input: DecisionInput,
  quote: Quote,
  due: PushReason,
  config: DecisionConfig,
): Obstacle | undefined {
  const { chain, hold, nowS } = input;
  if (nowS - chain.lastUpdateS <= CONTRACT_LIMIT_EXPIRES_S && beyondContractLimit(quote, chain)) {
    return {
      reason: "beyond-contract-limit",
      detail: `${describeMove(quote, chain)}: the contract refuses more than ${CONTRACT_MAX_DEVIATION_PCT} %, the owner's emergency update is needed`,
    };
  }
  if (hold.kind === "held") {
    return {
      reason: "held",
      detail: `${describeMove(quote, chain)} is beyond the band, ${hold.agreeing} agreeing readings over ${quote.blockTimestampS - hold.sinceS} s`,
    };
  }
  if (due === "deviation" && onlyDoubtfulPoolMoved(quote, chain, config)) {
    return {
      reason: "pool-doubtful",
      detail: `the pool's spot is ${quote.spotTwapSpreadBps} bps away from its average`,
    };
  }
  const ageS = nowS - chain.lastUpdateS;
  if (due !== "forced" && due !== "approved" && ageS < config.minUpdateIntervalS) {
    return {
      reason: "rate-limited",
      detail: `the last update is ${ageS} s old, at least ${config.minUpdateIntervalS} s must pass`,
    };
  }
  return undefined;
}

/** Whether people want this agent to push. */
function orderObstacle({ observeOnly, paused }: Permissions): Obstacle | undefined {
  if (observeOnly) return { reason: "observe-only", detail: "OBSERVE_ONLY is set" };
  return paused === undefined ? undefined : { reason: "paused", detail: paused };
}

/** Whether a transaction can be sent now. */
function sendObstacle(permissions: Permissions): Obstacle | undefined {
  if (permissions.inFlight.kind === "wait" || permissions.inFlight.kind === "cancel-queued") {
    return { reason: "in-flight", detail: `nonce ${permissions.inFlight.nonce} is not settled yet` };
  }
  if (permissions.gasPriceNeededWei > permissions.feeCapWei) {
    return {
      reason: "gas-too-high",
      detail: `needs ${permissions.gasPriceNeededWei} wei per gas, the cap is ${permissions.feeCapWei}`,
    };
  }
  if (permissions.backOffMs > 0) {
    return {
      reason: "backing-off",
      detail: `next attempt in ${Math.ceil(permissions.backOffMs / 1000)} s after a failure`,
    };
  }
  return undefined;
}

/** Why this agent may not act, in words. */
export function describeRefusal({ reason, leaderId }: LeadershipRefusal): string {
  switch (reason) {
    case "follower":
      return `${leaderId ?? "another agent"} leads`;
    case "no-leader":
      return "nobody leads";
    case "expiring":
      return "this agent's lease ends too soon to send";
    case "draining":
      return "this agent is giving up the lead";
    default:
      return reason satisfies never;
  }
}

/** The contract's own rule, in its own integer arithmetic. */
function beyondContractLimit(quote: PricePair, chain: PricePair): boolean {
  const percent = (price: bigint, old: bigint) =>
    old === 0n ? CONTRACT_MAX_DEVIATION_PCT + 1n : (absolute(price - old) * 100n) / old;
  return (
    maxOf(percent(quote.ethUsd8, chain.ethUsd8), percent(quote.elizaUsd8, chain.elizaUsd8)) >
    CONTRACT_MAX_DEVIATION_PCT
  );
}

function describeMove(quote: PricePair, chain: PricePair): string {
  const eth = deviationBps(quote.ethUsd8, chain.ethUsd8);
  const eliza = deviationBps(quote.elizaUsd8, chain.elizaUsd8);
  return `ETH moved ${eth} bps, elizaOS ${eliza} bps`;
}

function skip(reason: SkipReason, detail: string, wouldPush?: PushReason): Decision {
  return { kind: "skip", reason, detail, wouldPush };
}
