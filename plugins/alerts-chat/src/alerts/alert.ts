/**
 * An alert as the fleet remembers it: one record per fingerprint, in the store and in each agent's ledger. It holds what is wrong, who
 * sees it, who takes care, and what each channel was told, so that whoever delivers next knows what was said already.
 */
import { createHash } from "node:crypto";
import { z } from "zod";

/** What one channel was told in one message. */
const slotSchema = z.object({
  /** `sending`: somebody began; if that agent is gone, nobody knows whether it arrived. `dead`: the channel refused it for good. */
  state: z.enum(["sending", "sent", "dead"]),
  /** Who sent it. */
  by: z.string(),
  atMs: z.number(),
  /** When it was first sent; edits do not change it. */
  sentAtMs: z.number().optional(),
  /** What the message shows; see slots.ts. */
  shown: z.string(),
  /** To edit it later; absent until sent, and where messages cannot be edited. */
  message: z.object({ platform: z.string(), chatId: z.string(), messageId: z.string() }).optional(),
  problem: z.string().optional(),
});
export type Slot = z.infer<typeof slotSchema>;

const severitySchema = z.enum(["critical", "warning", "info"]);

const raiserSchema = z.object({
  severity: severitySchema,
  sinceMs: z.number(),
  /** When this entry last changed: decides between two copies. Grows with every change, whatever the clock does. */
  atMs: z.number(),
  endedAtMs: z.number().optional(),
  /** It did not say that it ended: it fell silent. */
  isGone: z.boolean().optional(),
});
export type Raiser = z.infer<typeof raiserSchema>;

export const alertSchema = z.object({
  /** Identity in the fleet; see {@link fingerprintOf}. */
  fingerprint: z.string(),
  /** Counts the times that it began, from 1. */
  episode: z.int().min(1),
  /** Makes every write unique, as the store demands. */
  nonce: z.string(),
  /** Id of a rule in rules.ts, or `external`. */
  rule: z.string(),
  /** Whose trouble it is; absent for trouble of the whole fleet. */
  botId: z.string().optional(),
  /** The worst that somebody sees now; the last one when nobody does. */
  severity: severitySchema,
  summary: z.string(),
  nextStep: z.string(),
  /** When summary and next step were last worded anew. */
  wordedAtMs: z.number(),
  /** Id of a runbook. */
  runbook: z.string().optional(),
  /** Who sees it now or saw it, by bot id (or the name of an outside system). */
  raisers: z.record(z.string(), raiserSchema),
  /** Wall time of whoever saw it first, ms since the epoch. */
  startedAtMs: z.number(),
  /** Since when nobody sees it any more; absent while it holds. */
  resolvedAtMs: z.number().optional(),
  /** How often it came back within this episode. */
  returns: z.int().min(0),
  acknowledged: z.object({ by: z.string(), atMs: z.number() }).optional(),
  /** When it was last acknowledged or un-acknowledged: decides between two copies. */
  acknowledgementAtMs: z.number(),
  /** By name; see slots.ts. */
  slots: z.record(z.string(), slotSchema),
});
export type Alert = z.infer<typeof alertSchema>;

/** What is reported about one condition, by an agent or from outside. */
export interface Observation {
  readonly fingerprint: string;
  readonly rule: string;
  readonly botId: string | undefined;
  readonly severity: Alert["severity"];
  readonly summary: string;
  readonly nextStep: string;
  readonly runbook: string | undefined;
  /** Who reports. */
  readonly raiser: string;
  /** False: it no longer holds. */
  readonly holds: boolean;
}

export function isActive(alert: Alert): boolean {
  return alert.resolvedAtMs === undefined;
}

/** The same on every host: trouble of the fleet has the key alone, trouble of one agent names it. */
export function fingerprintOf(key: string, botId: string | undefined): string {
  return botId === undefined ? key : `${key}@${botId}`;
}

const CODE_LENGTH = 6;

/** Short name that people type and buttons carry: `a3f19c`. Two alerts may share one: whoever uses it means both. */
export function codeOf(fingerprint: string): string {
  return createHash("sha256").update(fingerprint).digest("hex").slice(0, CODE_LENGTH);
}
