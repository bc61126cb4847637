/**
 * What a member tells the fleet about itself. A follower writes it as a record of its own, a leader inside its lease, so that
 * each writes once per renew interval.
 */
import { decodeJson, type MemberReport } from "@jeju-oracle/kit";
import { z } from "zod";
import { agentIdentitySchema } from "../election/lease-record.ts";

/** Bigints travel as decimal text. */
const price8 = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt)
  .optional();

const reportSchema = z.object({
  version: z.string(),
  configHash: z.string(),
  priority: z.number(),
  nofailover: z.boolean(),
  healthy: z.boolean(),
  unhealthyReasons: z.array(z.string()),
  fit: z.boolean(),
  unfitReasons: z.array(z.string()),
  lastUpdateMs: z.number(),
  chainEthUsd8: price8,
  chainElizaUsd8: price8,
  sourceEthUsd8: price8,
  sourceElizaUsd8: price8,
  decision: z.string().optional(),
  wouldPush: z.string().optional(),
  directiveId: z.string().optional(),
  pausedBy: z.string().optional(),
  inFlight: z.boolean(),
  tag: z.string().optional(),
  chatReachable: z.boolean().optional(),
});

const memberSchema = z.object({
  identity: agentIdentitySchema,
  /** True: it ended in order and is no rival to a later process of the same name. */
  stopped: z.boolean(),
  /** Wall clock of the writer: for people, never compared. */
  timestamp: z.number(),
  nonce: z.string(),
  report: reportSchema,
});

export type FullReport = MemberReport & {
  readonly version: string;
  readonly configHash: string;
  readonly priority: number;
  readonly nofailover: boolean;
};
export type MemberRecord = z.output<typeof memberSchema>;

/** The form of a report in a record. */
export function encodeReport(report: FullReport): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(report)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === "bigint" ? value.toString() : value]),
  );
}

/** @returns undefined for what is no report. */
export function decodeReport(report: unknown): MemberRecord["report"] | undefined {
  const parsed = reportSchema.safeParse(report);
  return parsed.success ? parsed.data : undefined;
}

export function encodeMember(record: Omit<MemberRecord, "report"> & { readonly report: FullReport }): string {
  return JSON.stringify({ ...record, report: encodeReport(record.report) });
}

/** @returns undefined for what is no member record. */
export function decodeMember(value: string): MemberRecord | undefined {
  return decodeJson(memberSchema, value);
}
