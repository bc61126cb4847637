/**
 * What a drill came to: one record of the fleet's store per run, so that any host can tell which drill was passed when. Names order
 * the runs of one drill by time.
 */
import { decodeJson } from "@jeju-oracle/kit";
import { z } from "zod";

/** As in the runbooks `drill-crash`, `drill-maintenance`, `drill-partition` (seed: Testing Failover). */
export const DRILLS = ["crash", "maintenance", "partition"] as const;
export type Drill = (typeof DRILLS)[number];

export const DRILL_PREFIX = "drill/";

const drillRecordSchema = z.object({
  drill: z.enum(DRILLS),
  /** When it began: wall clock of the host that ran it, ms since the epoch. */
  atMs: z.int().min(0),
  /** Who ran it. */
  by: z.string(),
  passed: z.boolean(),
  /** From the fault to the recovery. */
  elapsedMs: z.number().min(0),
  /** Makes every write unique, as the store demands. */
  nonce: z.string(),
});
export type DrillRecord = z.output<typeof drillRecordSchema>;

const TIME_DIGITS = 15;

/** `drill/crash/001764057600000`. Padded, so that the order of names is the order of time. */
export function drillRecordName(drill: Drill, atMs: number): string {
  return `${DRILL_PREFIX}${drill}/${String(atMs).padStart(TIME_DIGITS, "0")}`;
}

export function encodeDrillRecord(record: DrillRecord): string {
  return JSON.stringify(record);
}

/** Undefined for what is no such record. */
export function decodeDrillRecord(value: string): DrillRecord | undefined {
  return decodeJson(drillRecordSchema, value);
}
