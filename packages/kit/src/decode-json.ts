/** Text that others wrote (records of the store, lines of a file) as what it should be. */
import type { z } from "zod";

/** @returns undefined for what is no JSON, or does not fit `schema`: damaged, cut off, or of another version. */
export function decodeJson<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
