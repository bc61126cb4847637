/** The persona this agent runs with: the built-in one, or a JSON file that is checked before it is believed. */
import { readFileSync, statSync } from "node:fs";
import type { Character } from "@elizaos/core";
import { ConfigError, type ConfigProblem, describeError } from "@jeju-oracle/kit";
import { z } from "zod";
import oracleOps from "../../characters/oracle-ops.ts";

/** A persona is a page of text; more is a wrong file. */
const MAX_CHARACTER_BYTES = 256 * 1024;

const lines = z.array(z.string());

/** The part of elizaOS's Character that is text. `settings`, `secrets` and `knowledge` (file paths) are refused. */
const characterSchema = z.strictObject({
  name: z.string().min(1).max(100),
  username: z.string().optional(),
  system: z.string().optional(),
  bio: z.union([z.string(), lines]),
  messageExamples: z
    .array(z.array(z.object({ name: z.string(), content: z.object({ text: z.string() }) })))
    .optional(),
  postExamples: lines.optional(),
  topics: lines.optional(),
  adjectives: lines.optional(),
  style: z.strictObject({ all: lines.optional(), chat: lines.optional(), post: lines.optional() }).optional(),
  plugins: lines.min(1),
});

/**
 * Loads the persona.
 * @param file a JSON file, or undefined for the built-in persona.
 * @throws {ConfigError} naming CHARACTER_FILE, the field and what is wrong with it.
 */
export function loadCharacter(file: string | undefined): Character {
  if (file === undefined) return structuredClone(oracleOps);
  const parsed = characterSchema.safeParse(readJson(file));
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => problem(`${path.join(".") || "the file"}: ${message}`)),
    );
  }
  return withoutUndefined(parsed.data) as Character;
}

function readJson(file: string): unknown {
  try {
    if (statSync(file).size > MAX_CHARACTER_BYTES) {
      throw new ConfigError([problem(`names a file larger than ${MAX_CHARACTER_BYTES} bytes`)]);
    }
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([problem(`cannot be read as JSON: ${describeError(error)}`)]);
  }
}

function problem(text: string): ConfigProblem {
  return { variable: "CHARACTER_FILE", problem: text, example: "/etc/jeju-oracle/character.json" };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
