/** Alerts for log and metrics: one line when a condition begins, changes severity or ends; a gauge while it holds. */
import type { AlertCondition, AlertSink, Logger, LogLevel } from "@jeju-oracle/kit";
import { Counter, Gauge, type Registry } from "prom-client";
import { ActiveConditions, MAX_ACTIVE_CONDITIONS } from "./active-conditions.ts";

const LEVEL_BY_SEVERITY = { critical: "error", warning: "warn", info: "info" } as const satisfies Record<
  AlertCondition["severity"],
  LogLevel
>;

export class LoggingAlertSink implements AlertSink {
  readonly #active = new ActiveConditions();
  readonly #logger: Logger;
  readonly #refused: Counter;
  #saidFull = false;

  constructor(logger: Logger, metrics: Registry) {
    this.#logger = logger;
    const active = this.#active;
    new Gauge({
      name: "oracle_alert_active",
      help: "1 for each condition that holds now.",
      labelNames: ["key", "severity"],
      registers: [metrics],
      collect() {
        this.reset();
        for (const { key, severity } of active.list()) this.set({ key, severity }, 1);
      },
    });
    this.#refused = new Counter({
      name: "oracle_alerts_refused_total",
      help: "Conditions that were not recorded because too many others held.",
      registers: [metrics],
    });
  }

  raise(condition: AlertCondition): void {
    const outcome = this.#active.raise(condition);
    if (outcome === "unchanged") return;
    if (outcome === "refused-full") {
      this.#refuse(condition);
      return;
    }
    const { key, severity, summary, nextStep } = condition;
    this.#logger[LEVEL_BY_SEVERITY[severity]](`Alert raised: ${summary}`, { key, severity, nextStep });
  }

  clear(key: string): void {
    const ended = this.#active.clear(key);
    if (ended === undefined) return;
    this.#saidFull = false;
    this.#logger.info(`Alert cleared: ${ended.summary}`, { key, severity: ended.severity });
  }

  /** Said once per overflow, counted every time: the overflow must not become a storm of its own. */
  #refuse({ key, severity, summary }: AlertCondition): void {
    this.#refused.inc();
    if (this.#saidFull) return;
    this.#saidFull = true;
    this.#logger.error(`Alert not recorded, ${MAX_ACTIVE_CONDITIONS} others hold: ${summary}`, {
      key,
      severity,
    });
  }
}
