/** The conditions that hold now, one per key, never more than a fixed number. */
import type { AlertCondition } from "@jeju-oracle/kit";

/** Far above the number of distinct conditions that plugins report; a bound against keys made from unbounded input. */
export const MAX_ACTIVE_CONDITIONS = 2_000;

export type RaiseOutcome = "raised" | "changed" | "unchanged" | "refused-full";

export class ActiveConditions {
  readonly #byKey = new Map<string, AlertCondition>();

  /**
   * Records that a condition holds.
   * @returns `changed` when its severity differs from before; a new wording alone is `unchanged`, since summaries carry
   *   moving numbers; `refused-full` when {@link MAX_ACTIVE_CONDITIONS} others hold.
   */
  raise(condition: AlertCondition): RaiseOutcome {
    const before = this.#byKey.get(condition.key);
    if (before === undefined && this.#byKey.size >= MAX_ACTIVE_CONDITIONS) return "refused-full";
    this.#byKey.set(condition.key, condition);
    if (before === undefined) return "raised";
    return before.severity === condition.severity ? "unchanged" : "changed";
  }

  /** Forgets a condition. @returns what held until now, or undefined when it was not raised. */
  clear(key: string): AlertCondition | undefined {
    const before = this.#byKey.get(key);
    this.#byKey.delete(key);
    return before;
  }

  list(): readonly AlertCondition[] {
    return [...this.#byKey.values()];
  }
}
