/** The record that says who leads. Everybody reads it, its holder renews it, and it is never older than its version. */
import { decodeJson } from "@jeju-oracle/kit";
import { z } from "zod";

/** Enough to tell a process from every other on this machine, also from a later one that got its pid. */
const processIdentitySchema = z.object({
  bootId: z.string(),
  pidNamespace: z.string(),
  pid: z.number().int().positive(),
  /** Clock ticks after boot, field 22 of proc(5) stat. */
  startTicks: z.string(),
});

const agentIdentitySchema = z.object({
  botId: z.string().min(1),
  /** New at every process start. */
  incarnation: z.string().min(1),
  host: z.string(),
  pid: z.number().int().positive(),
  /** Absent where the system cannot tell (no /proc). */
  process: processIdentitySchema.optional(),
});

const leaseSchema = z.object({
  /** 0 where no term is known yet. */
  term: z.number().int().nonnegative(),
  /** Null: let go, free to be claimed. */
  holder: agentIdentitySchema.nullable(),
  /** The holder does not act later than this after the write. Others wait as long, each by its own clock. */
  ttlMs: z.number().int().positive(),
  /** Wall clock of the writer, ms since the epoch: for people, never compared. */
  timestamp: z.number(),
  /** Makes every value unique. */
  nonce: z.string().min(8),
  /** Why the term began, or why it was let go. */
  why: z.string(),
  /** Who led before this term. */
  from: z.string().nullable(),
  /** Who shall lead next: others let it go first. */
  nominee: z.string().optional(),
  /** Set by an operator: the holder may not renew any more. */
  revoked: z.boolean().optional(),
  /** Laid on an empty store, which may have lost a lease that runs: nobody claims it before having watched it for its ttl. */
  quarantined: z.boolean().optional(),
  /** File of the holder's readable view, so that an agent that shares it does not write it too. */
  lockPlace: z.string().optional(),
  /** What the holder tells about itself; see member-record.ts. */
  report: z.unknown().optional(),
});

export type ProcessIdentity = z.output<typeof processIdentitySchema>;
export type AgentIdentity = z.output<typeof agentIdentitySchema>;
export type LeaseRecord = z.output<typeof leaseSchema>;
export { agentIdentitySchema };

export function encodeLease(record: LeaseRecord): string {
  return JSON.stringify(record);
}

/** @returns undefined for what is no lease: somebody else's text, or a damaged record. */
export function decodeLease(value: string): LeaseRecord | undefined {
  return decodeJson(leaseSchema, value);
}

export function isSameAgent(a: AgentIdentity, b: AgentIdentity): boolean {
  return a.botId === b.botId && a.incarnation === b.incarnation;
}
