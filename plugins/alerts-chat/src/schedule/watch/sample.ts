/** What one agent saw in about an hour. Small and persisted, so that a restart does not forget how fast the wallet empties. */
import { decodeJson } from "@jeju-oracle/kit";
import { z } from "zod";

const sampleSchema = z.object({
  /** Wall clock, ms since the epoch: bridges a restart, and decides nothing else. */
  atMs: z.number(),
  /** Time since the sample before, ms; 0 when nobody knows. */
  spanMs: z.number().min(0),
  /** How much of it this agent watched, ms. */
  watchedMs: z.number().min(0),
  /** Of the wallet that pays for this agent's updates. */
  balanceWei: z
    .string()
    .regex(/^\d{1,40}$/)
    .transform(BigInt),
  /** Updates that were seen to land, whoever sent them. */
  updates: z.int().min(0),
  /** Of the leadership at its end; absent without an election. */
  term: z.int().min(0).optional(),
});
export type Sample = z.output<typeof sampleSchema>;

/** Samples of two weeks. */
export const KEPT_SAMPLES = 14 * 24;
/** The longest time between two samples of a running agent. */
export const SAMPLE_EVERY_MS = 3_600_000;

/** One line. */
export function encodeSample({ balanceWei, ...rest }: Sample): string {
  return JSON.stringify({ ...rest, balanceWei: balanceWei.toString() });
}

/** Undefined for what is no sample: a line that was cut off, or of another program. */
export function decodeSample(line: string): Sample | undefined {
  return decodeJson(sampleSchema, line);
}
