/** What operators ask of the fleet, as records in the store. Any host writes them; those whom they concern obey. */
import { decodeJson, OVERRIDE_NAMES } from "@jeju-oracle/kit";
import { z } from "zod";

const asked = {
  id: z.string().min(1),
  by: z.string(),
  reason: z.string(),
  /** Wall clock of the writer: for people, never compared. */
  timestamp: z.number(),
};
const chainTimeS = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);

const price8 = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt);

const failoverSchema = z.object({
  ...asked,
  to: z.string().optional(),
  /** Void once another term has begun. */
  forTerm: z.number(),
  /** Why the leader did not do it. */
  refused: z.string().optional(),
});
const directiveSchema = z.object({
  ...asked,
  kind: z.enum(["pause", "resume"]),
  untilChainTimeS: chainTimeS.optional(),
});
const overrideSchema = z.object({
  ...asked,
  name: z.enum(OVERRIDE_NAMES),
  value: z.string(),
  untilChainTimeS: chainTimeS,
});
const approvalSchema = z.object({
  ...asked,
  ethUsd8: price8,
  elizaUsd8: price8,
  lastUpdateS: chainTimeS,
  untilChainTimeS: chainTimeS,
});
const restartSchema = z.object({
  ...asked,
  botId: z.string(),
  /** The process that is meant: a later one of this bot is left alone. */
  incarnation: z.string(),
});

export type FailoverIntent = z.output<typeof failoverSchema>;
export type DirectiveRecord = z.output<typeof directiveSchema>;
export type OverrideRecord = z.output<typeof overrideSchema>;
export type ApprovalRecord = z.output<typeof approvalSchema>;
export type RestartIntent = z.output<typeof restartSchema>;

export const decodeFailover = decoder(failoverSchema);
export const decodeDirective = decoder(directiveSchema);
export const decodeOverride = decoder(overrideSchema);
export const decodeApproval = decoder(approvalSchema);
export const decodeRestart = decoder(restartSchema);

/** Bigints travel as decimal text. The id makes every value unique. */
export function encodeIntent(
  intent: FailoverIntent | DirectiveRecord | OverrideRecord | ApprovalRecord | RestartIntent,
): string {
  return JSON.stringify(intent, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

/** Decoders give undefined for what is no such record: an intent that cannot be read is not obeyed. */
function decoder<Schema extends z.ZodType>(schema: Schema) {
  return (value: string): z.output<Schema> | undefined => decodeJson(schema, value);
}
