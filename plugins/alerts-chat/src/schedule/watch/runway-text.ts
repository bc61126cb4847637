/** The runway in words, and the condition that it raises when it is short. */
import type { AlertCondition } from "@jeju-oracle/kit";
import { eth, span } from "../../words/format.ts";
import type { Runway } from "./runway.ts";

const DAY_MS = 86_400_000;
const WARNING_UNDER_DAYS100 = 700n;
const CRITICAL_UNDER_DAYS100 = 100n;
/** Further than anybody plans. */
const LONGEST_DAYS100 = 36_500n;

export const RUNWAY_KEY = "wallet-runway-short";

/** `12 days left at the present burn`. */
export function runwayText(runway: Runway): string {
  switch (runway.kind) {
    case "unknown":
      return `days left unknown: under ${span(runway.neededMs)} seen`;
    case "unspent":
      return "nothing is spent";
    case "lasts":
      return runway.days100 > LONGEST_DAYS100
        ? "more than a year left"
        : `${timeOf(runway.days100)} left at the present burn`;
    default:
      return runway satisfies never;
  }
}

/** Undefined while the wallet lasts, or nobody knows for how long. */
export function runwayCondition(runway: Runway): AlertCondition | undefined {
  if (runway.kind !== "lasts" || runway.days100 >= WARNING_UNDER_DAYS100) return undefined;
  return {
    key: RUNWAY_KEY,
    severity: runway.days100 < CRITICAL_UNDER_DAYS100 ? "critical" : "warning",
    summary: `The updater's wallet lasts ${timeOf(runway.days100)}: ${eth(runway.balanceWei)}, of which ${eth(runway.burnWeiPerDay)} are spent per day`,
    nextStep: "Fund the updater's address on Jeju.",
  };
}

/** For the gauge: days; not a number while unknown, infinite when nothing is spent. */
export function runwayDays(runway: Runway): number {
  if (runway.kind === "unknown") return Number.NaN;
  return runway.kind === "unspent" ? Number.POSITIVE_INFINITY : Number(runway.days100) / 100;
}

function timeOf(days100: bigint): string {
  return span((Number(days100) / 100) * DAY_MS);
}
