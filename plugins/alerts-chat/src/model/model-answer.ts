/**
 * What a model may answer: a command that reads, a change to propose, or words. Pure, and strict: whatever is not exactly one of
 * the three is no answer at all, so nothing is repaired, guessed or read between the lines.
 */
import { decodeJson } from "@jeju-oracle/kit";
import { z } from "zod";

/** More than any answer needs; longer text is not even parsed. */
const LONGEST_ANSWER = 8_000;
const MOST_WORDS = 12;

/** As a person would type it, with or without the slash. */
const command = z
  .string()
  .regex(/^\/?[a-z][a-z0-9_]{0,31}$/)
  .transform((name) => name.replace("/", ""));
/** One word each: no space, no line break, nothing invisible. */
const args = z.array(z.string().regex(/^[^\s\p{C}]{1,100}$/u)).max(MOST_WORDS);

const answerSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("read"), command, args: args.default([]) }),
  z.strictObject({
    kind: z.literal("propose"),
    command,
    args: args.default([]),
    why: z.string().trim().min(1).max(500),
  }),
  z.strictObject({ kind: z.literal("say"), text: z.string().trim().min(1).max(LONGEST_ANSWER) }),
]);

export type ModelAnswer = z.output<typeof answerSchema>;

/**
 * Reads what a model returned: one JSON object, which may stand in one code fence as many models cannot do without.
 * @returns undefined for anything else.
 */
export function parseAnswer(returned: unknown): ModelAnswer | undefined {
  if (typeof returned !== "string" || returned.length > LONGEST_ANSWER) return undefined;
  const [, fenced] = /^```(?:json)?\n([\s\S]*)\n```$/.exec(returned.trim()) ?? [];
  return decodeJson(answerSchema, fenced ?? returned);
}
