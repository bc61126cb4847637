/** Fills what a rule leaves out. */
import type { Rule } from "./rule.ts";

/** Critical: seed, runbook Price Stale. Warnings are for the same hour; nobody is called for what only informs. */
export const RESPONSE_TIME_MIN = { critical: 10, warning: 60, info: undefined } as const;

type Given = Pick<Rule, "name" | "severity" | "scope" | "meaning"> &
  Partial<Pick<Rule, "kind" | "runbook" | "inhibitedBy" | "responseTimeMin">>;

export function defineRule(id: string, given: Given): Rule {
  return {
    kind: "condition",
    responseTimeMin: RESPONSE_TIME_MIN[given.severity],
    runbook: undefined,
    inhibitedBy: [],
    ...given,
    id,
  };
}
