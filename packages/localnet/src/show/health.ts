/** What an agent says of itself at `/health`. */
import { z } from "zod";

const healthSchema = z.object({
  status: z.string(),
  totalUpdates: z.number(),
  consecutiveFailures: z.number(),
  reasons: z.array(z.string()).optional(),
  role: z.enum(["leader", "follower", "standalone"]).optional(),
  term: z.number().optional(),
  decision: z.object({ kind: z.string(), reason: z.string() }).optional(),
  lastLookAgeS: z.number().optional(),
  priceAgeS: z.number().optional(),
  chainEthUsd8: z.string().optional(),
  chainElizaUsd8: z.string().optional(),
  sourceEthUsd8: z.string().optional(),
  sourceElizaUsd8: z.string().optional(),
});

export type Health = z.output<typeof healthSchema>;

const HEALTH_DEADLINE_MS = 1_000;

/** @returns undefined when the agent does not answer, or not what an agent answers. Never throws. */
export async function askHealth(url: string): Promise<Health | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(HEALTH_DEADLINE_MS) });
    return healthSchema.safeParse(await response.json()).data;
  } catch {
    return undefined;
  }
}
