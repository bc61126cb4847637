/** Where conditions that a person should know of are reported. Alerts fail open: reporting never throws or waits. */

export type AlertSeverity = "critical" | "warning" | "info";

export interface AlertCondition {
  /** Identity of the condition within this agent: raising it again updates, it does not repeat. */
  readonly key: string;
  readonly severity: AlertSeverity;
  /** One line for a phone screen. */
  readonly summary: string;
  /** What the reader should do. */
  readonly nextStep: string;
}

export interface AlertSink {
  /** Reports that a condition holds. Idempotent per key. */
  raise(condition: AlertCondition): void;
  /** Reports that the condition with this key no longer holds. A no-op when it was not raised. */
  clear(key: string): void;
}
