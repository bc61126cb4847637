/** An alert over its life: raised, delivered, acknowledged, escalated, resolved. One record per alert in the store. */
import { z } from "zod";

export const deliverySchema = z.object({
  /** `sending` before the request, `sent` after it: an agent that dies between leaves at most one duplicate. */
  state: z.enum(["sending", "sent", "failed"]),
  /** Digest of the text that was delivered; another one means: edit. */
  content: z.string(),
  by: z.string(),
  chatId: z.string().optional(),
  messageId: z.string().optional(),
});

export const alertSchema = z.object({
  /** Identity: the rule, and the bot when it is one bot's own trouble. */
  fingerprint: z.string(),
  /** New each time the alert comes back after it was resolved. */
  episode: z.string(),
  nonce: z.string(),
  rule: z.string(),
  /** The bot that it is about; undefined for the fleet's. */
  botId: z.string().optional(),
  severity: z.enum(["critical", "warning", "info"]),
  summary: z.string(),
  nextStep: z.string(),
  runbook: z.string().optional(),
  /** Agents (or `alertmanager`) that see the condition hold now. Empty: resolved. */
  raisedBy: z.array(z.string()),
  startedAtMs: z.number(),
  resolvedAtMs: z.number().optional(),
  acknowledgedBy: z.string().optional(),
  escalations: z.number(),
  deliveries: z.record(z.string(), deliverySchema),
});

export type Alert = z.output<typeof alertSchema>;
export type Delivery = z.output<typeof deliverySchema>;
