/** One line that tells whether all is well: prices at the source and on chain, age, health, what happens now. */
import { z } from "zod";

const healthSchema = z.object({
  status: z.string(),
  totalUpdates: z.number(),
  consecutiveFailures: z.number(),
  priceAgeS: z.number().optional(),
  chainEthUsd8: z.string().optional(),
  chainElizaUsd8: z.string().optional(),
  sourceEthUsd8: z.string().optional(),
  sourceElizaUsd8: z.string().optional(),
  reasons: z.array(z.string()).optional(),
  decision: z.object({ kind: z.string(), reason: z.string() }).optional(),
});

const HEALTH_DEADLINE_MS = 1_000;

/**
 * Asks an agent how it is, again and again. Never throws: an agent that does not answer is told as such. What is
 * wrong and what happens stand first: a terminal cuts the line at its right edge.
 */
export function createStatusLine(botId: string): (healthUrl: string) => Promise<string> {
  let answeredAtMs: number | undefined;
  return async (healthUrl) => {
    try {
      const response = await fetch(healthUrl, { signal: AbortSignal.timeout(HEALTH_DEADLINE_MS) });
      const health = healthSchema.parse(await response.json());
      answeredAtMs = performance.now();
      return describe(botId, health);
    } catch {
      if (answeredAtMs === undefined) return `${botId} is starting, no answer yet from ${healthUrl}`;
      const silentS = Math.round((performance.now() - answeredAtMs) / 1000);
      return `${botId} DOES NOT ANSWER since ${silentS} s | ${healthUrl}`;
    }
  };
}

function describe(botId: string, health: z.output<typeof healthSchema>): string {
  const { status, consecutiveFailures, reasons = [], decision } = health;
  const why = status === "unhealthy" && reasons.length > 0 ? `: ${reasons.join("; ")}` : "";
  return [
    `${botId} ${status === "unhealthy" ? "UNHEALTHY" : status}${why}`,
    ...(consecutiveFailures === 0 ? [] : [`${consecutiveFailures} failures in a row`]),
    decision === undefined ? "no look yet" : `${decision.kind} ${decision.reason}`,
    `age ${health.priceAgeS ?? "?"} s`,
    `ETH ${usd(health.sourceEthUsd8, 2)} (chain ${usd(health.chainEthUsd8, 2)})`,
    `elizaOS ${usd(health.sourceElizaUsd8, 6)} (chain ${usd(health.chainElizaUsd8, 6)})`,
    `${health.totalUpdates} updates`,
  ].join(" | ");
}

function usd(price8: string | undefined, decimals: number): string {
  return price8 === undefined ? "?" : `$${(Number(price8) / 1e8).toFixed(decimals)}`;
}
