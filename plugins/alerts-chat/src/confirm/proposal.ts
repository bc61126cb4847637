/**
 * A proposed change, from the wish to the observed effect. A record in the coordination store, so that any host can take it over;
 * every transition is one compare-and-set.
 */
import { z } from "zod";

const stringMap = z.record(z.string(), z.string());

export const proposalSchema = z.object({
  /** 128 bits, random: whoever does not see the card cannot name it. */
  id: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  /** Unique per write. */
  nonce: z.string(),
  action: z.string(),
  params: z.unknown(),
  /** sha256 over action and parameters; the button carries a piece of it. */
  digest: z.string(),
  risk: z.enum(["normal", "critical"]),
  proposer: z.string(),
  via: z.enum(["human", "model", "runbook"]),
  reason: z.string(),
  place: z.object({ platform: z.string(), chatId: z.string() }),
  /** The card; undefined until it was sent. */
  messageId: z.string().optional(),
  summary: z.array(z.string()),
  /** The call for whoever holds the owner's key; undefined where this agent acts itself. */
  handOut: z.object({ calldata: z.string(), castCommand: z.string(), safeJson: z.string() }).optional(),
  preconditions: stringMap,
  baseline: stringMap,
  /** Wall clock of the proposing host; judged together with the time since this host first saw the proposal. */
  proposedAtMs: z.number(),
  validForMs: z.number(),
  state: z.enum([
    "awaiting",
    "confirmed",
    "executing",
    "verified",
    "failed",
    "unknown",
    "expired",
    "cancelled",
    "superseded",
  ]),
  confirmedBy: z.string().optional(),
  breakGlass: z.boolean().optional(),
  /** Which process runs it: after a crash nobody runs it again. */
  executor: z.object({ botId: z.string(), incarnation: z.string(), startedAtMs: z.number() }).optional(),
  observed: z.string().optional(),
});

export type Proposal = z.output<typeof proposalSchema>;
