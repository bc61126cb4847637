/** Holds back what another alert explains. What is explained stands in `/alerts` all the same, and is sent if it outlives its cause. */
import type { Alert } from "../alert.ts";
import { ruleOf } from "../rules/rules.ts";
import type { Stage } from "./notice.ts";

export const inhibit: Stage = (notices, { alerts }) => {
  const byRule = Map.groupBy(alerts, ({ rule }) => ruleOf(rule).id);
  return notices.filter(({ kind, entries: [entry] }) => {
    return kind === "edit" || entry === undefined || !isExplained(entry.alert, byRule);
  });
};

/** By an alert that holds now; or, once it is over, by one that held at the same time. */
function isExplained(alert: Alert, byRule: ReadonlyMap<string, readonly Alert[]>): boolean {
  return ruleOf(alert.rule).inhibitedBy.some((rule) =>
    (byRule.get(rule) ?? []).some(
      (other) =>
        (other.botId === undefined || alert.botId === undefined || other.botId === alert.botId) &&
        (alert.resolvedAtMs === undefined ? other.resolvedAtMs === undefined : overlap(alert, other)),
    ),
  );
}

function overlap(a: Alert, b: Alert): boolean {
  const endOf = ({ resolvedAtMs }: Alert) => resolvedAtMs ?? Number.POSITIVE_INFINITY;
  return a.startedAtMs <= endOf(b) && b.startedAtMs <= endOf(a);
}
