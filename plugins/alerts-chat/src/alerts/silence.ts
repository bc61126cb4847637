/** A silence: what it matches is not sent until it ends. It ends by itself, and never hides that it is there. */
import { z } from "zod";
import type { Alert } from "./alert.ts";

export const silenceSchema = z.object({
  id: z.string(),
  nonce: z.string(),
  /** A rule, a fingerprint, or `@<bot id>` for all trouble of one agent. */
  matches: z.string(),
  by: z.string(),
  reason: z.string(),
  sinceMs: z.number(),
  untilMs: z.number(),
});
export type Silence = z.infer<typeof silenceSchema>;

export interface SilenceWish {
  /** Code, rule, fingerprint or `@<bot id>`. */
  readonly what: string;
  readonly durationMs: number;
  readonly by: string;
  readonly reason: string;
}

/** Nobody silences for longer than a day at once: what is forgotten must come back. */
export const MAX_SILENCE_MS = 86_400_000;

export function isSilencedBy({ rule, fingerprint, botId }: Alert, { matches }: Silence): boolean {
  return matches === rule || matches === fingerprint || (botId !== undefined && matches === `@${botId}`);
}

/** Its beginning is not asked for: another host's clock may be behind. */
export function isInForce({ untilMs }: Silence, nowMs: number): boolean {
  return nowMs < untilMs;
}
