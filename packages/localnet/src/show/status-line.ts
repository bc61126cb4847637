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

/** Asks an agent how it is. Never throws: an agent that does not answer is told as such. */
export async function statusLine(botId: string, healthUrl: string): Promise<string> {
  try {
    const response = await fetch(healthUrl, { signal: AbortSignal.timeout(HEALTH_DEADLINE_MS) });
    return describe(botId, healthSchema.parse(await response.json()));
  } catch {
    return `${botId}: no answer from ${healthUrl}`;
  }
}

function describe(botId: string, health: z.output<typeof healthSchema>): string {
  const failures =
    health.consecutiveFailures === 0 ? [] : [`${health.consecutiveFailures} failures in a row`];
  return [
    `${botId} ${health.status}`,
    `ETH ${usd(health.sourceEthUsd8, 2)} (chain ${usd(health.chainEthUsd8, 2)})`,
    `elizaOS ${usd(health.sourceElizaUsd8, 6)} (chain ${usd(health.chainElizaUsd8, 6)})`,
    `age ${health.priceAgeS ?? "?"} s`,
    `${health.totalUpdates} updates`,
    health.decision === undefined ? "no look yet" : `${health.decision.kind} ${health.decision.reason}`,
    ...failures,
    ...(health.status === "unhealthy" ? (health.reasons ?? []) : []),
  ].join(" | ");
}

function usd(price8: string | undefined, decimals: number): string {
  return price8 === undefined ? "?" : `$${(Number(price8) / 1e8).toFixed(decimals)}`;
}
