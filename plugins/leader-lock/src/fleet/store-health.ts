/** Tells of the store's answers: metrics for each request, a log line when it falls silent and when it answers again. */
import { BaseError, describeError, type Logger } from "@jeju-oracle/kit";
import type { LeadershipMetrics } from "../metrics.ts";
import type { FleetAlerts } from "./alerts.ts";
import type { ExchangeEvents } from "./exchange.ts";

export function storeHealth(
  metrics: LeadershipMetrics,
  alerts: FleetAlerts,
  logger: Logger,
): ExchangeEvents["finished"] {
  return (operation, durationMs, error) => {
    metrics.storeDuration.observe({ operation }, durationMs / 1000);
    if (error !== undefined) metrics.storeFailures.inc({ operation });
    const change = alerts.storeAnswered(error);
    switch (change) {
      case "failed":
        logger.warn("The coordination store does not answer, trying on", {
          error: describeError(error),
          nextStep: error instanceof BaseError ? error.nextStep : undefined,
        });
        return;
      case "recovered":
        logger.info("The coordination store answers again");
        return;
      case "unchanged":
        return;
      default:
        change satisfies never;
    }
  };
}
