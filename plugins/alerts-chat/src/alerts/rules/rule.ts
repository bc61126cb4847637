/** What is known about a kind of alert before it is ever raised. */

export interface Rule {
  /** Key of the condition, without what stands behind its colon. */
  readonly id: string;
  /** As in Prometheus' rules and in the runbooks. */
  readonly name: string;
  /** Of the alert at its worst; a condition may be raised milder. */
  readonly severity: "critical" | "warning" | "info";
  /** `fleet`: every agent sees the same trouble, and it is one alert. `bot`: each agent has its own. */
  readonly scope: "fleet" | "bot";
  /** `event`: it happened and is over; told once. `condition`: it holds until it is cleared. */
  readonly kind: "condition" | "event";
  /** Within which somebody must have acknowledged it; undefined: nobody is called. */
  readonly responseTimeMin: number | undefined;
  /** For people: what it means for the price. */
  readonly meaning: string;
  /** Id of the runbook. */
  readonly runbook: string | undefined;
  /** Rules that explain this one: while such an alert holds, this one is not sent. Of the same agent, when both are an agent's. */
  readonly inhibitedBy: readonly string[];
}
