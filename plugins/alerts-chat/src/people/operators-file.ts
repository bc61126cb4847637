/** OPERATORS_FILE: who may do what, and who is called in which order. Every mistake is told with its line and field. */
import { BaseError, Secret } from "@jeju-oracle/kit";
import { isMap, isSeq, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Caller } from "../conversation/inbound.ts";
import { type People, type Principal, ROLES } from "./people.ts";
import { decodeBase32 } from "./totp.ts";

export interface OperatorsProblem {
  readonly line: number;
  readonly field: string;
  readonly problem: string;
}

/** The file cannot be used; whoever was in force stays in force. */
export class OperatorsFileError extends BaseError {
  readonly problems: readonly OperatorsProblem[];

  constructor(path: string, problems: readonly OperatorsProblem[]) {
    const lines = problems.map(({ line, field, problem }) => `line ${line}: ${field}: ${problem}`);
    super(`${path}: ${lines.join("; ")}`, {
      code: "operators-file-malformed",
      retryable: false,
      nextStep: "Correct the lines named above and save the file; it is read again by itself.",
    });
    this.problems = problems;
  }
}

const SHORTEST_TOTP_SECRET_BYTES = 10;
const MAX_OPERATORS = 200;

/** Snowflakes exceed what a number holds exactly, so they must be quoted; Telegram's ids need not be. */
const operatorSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/, "must be 1 to 31 letters, digits, dots or dashes"),
  role: z.enum(ROLES, { error: `must be one of ${ROLES.join(", ")}` }),
  telegram: z
    .union([z.number().int().positive(), z.string().regex(/^\d{1,16}$/)], {
      error: "must be a numeric user id, not a name",
    })
    .transform(String)
    .optional(),
  discord: z
    .string({ error: "must be a user id in quotes: without them its last digits are lost" })
    .regex(/^\d{15,20}$/, "must be a user id of 15 to 20 digits in quotes")
    .optional(),
  totp: z
    .string()
    .refine((text) => (decodeBase32(text)?.length ?? 0) >= SHORTEST_TOTP_SECRET_BYTES, {
      error: "must be base32 of at least 10 bytes",
    })
    .transform((text) => new Secret(text))
    .optional(),
});

const fileSchema = z.strictObject({
  operators: z.array(operatorSchema).min(1, "must name at least one person").max(MAX_OPERATORS),
  oncall: z.array(z.string()).default([]),
});

/**
 * Reads the text of an operators file.
 * @throws {OperatorsFileError} naming every line and field that is wrong.
 */
export function parseOperators(path: string, text: string): People {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  if (document.errors.length > 0) {
    throw new OperatorsFileError(
      path,
      document.errors.map(({ pos, message }) => ({
        line: counter.linePos(pos[0]).line,
        field: "YAML",
        problem: message.split("\n")[0] ?? "",
      })),
    );
  }
  const lineOf = (field: readonly PropertyKey[]) => lineAt(document.contents, field, counter);
  const parsed = fileSchema.safeParse(document.toJS());
  if (!parsed.success) {
    throw new OperatorsFileError(
      path,
      parsed.error.issues.map(({ path: field, message }) => ({
        line: lineOf(field),
        field: field.map(String).join(".") || "the file",
        problem: message,
      })),
    );
  }
  const { operators, oncall } = parsed.data;
  const principals = operators.map(({ id, role, telegram, discord, totp }) => ({
    id,
    role,
    telegram,
    discord,
    totp,
  }));
  const problems = relationProblems(principals, oncall, lineOf);
  if (problems.length > 0) throw new OperatorsFileError(path, problems);
  return createPeople(principals, oncall);
}

/** Nobody: what is in force without a file. */
export const NOBODY: People = createPeople([], []);

/** The people of a list that was checked. */
export function createPeople(principals: readonly Principal[], oncall: readonly string[]): People {
  const byId = new Map(principals.map((principal) => [principal.id, principal]));
  return {
    all: principals,
    oncall,
    byId: (id) => byId.get(id),
    principalOf({ platform, userId, isBot, isAnonymous }: Caller) {
      if (isBot || isAnonymous) return undefined;
      switch (platform) {
        case "telegram":
          return principals.find(({ telegram }) => telegram === userId);
        case "discord":
          return principals.find(({ discord }) => discord === userId);
        case "console":
          return byId.get(userId);
        default:
          return platform satisfies never;
      }
    },
  };
}

/** One account is one person, and who is called must exist. */
function relationProblems(
  principals: readonly Principal[],
  oncall: readonly string[],
  lineOf: (field: readonly PropertyKey[]) => number,
): OperatorsProblem[] {
  const problems: OperatorsProblem[] = [];
  for (const key of ["id", "telegram", "discord"] as const) {
    const seen = new Set<string>();
    for (const [index, principal] of principals.entries()) {
      const value = principal[key];
      if (value === undefined) continue;
      const field = ["operators", index, key];
      if (seen.has(value)) {
        problems.push({ line: lineOf(field), field: field.join("."), problem: `${value} stands twice` });
      }
      seen.add(value);
    }
  }
  for (const [index, id] of oncall.entries()) {
    if (principals.some((principal) => principal.id === id)) continue;
    const field = ["oncall", index];
    problems.push({ line: lineOf(field), field: field.join("."), problem: `${id} is no operator` });
  }
  return problems;
}

/** The line of a field, or of the nearest thing around it that exists. */
function lineAt(root: unknown, field: readonly PropertyKey[], counter: LineCounter): number {
  let node: unknown = root;
  let offset = 0;
  for (const key of field) {
    if (!isMap(node) && !isSeq(node)) break;
    const next: unknown = node.get(typeof key === "symbol" ? key.toString() : key, true);
    if (next === undefined) break;
    node = next;
    const range = (next as { range?: readonly [number, number, number] | null }).range;
    if (range) offset = range[0];
  }
  return counter.linePos(offset).line;
}
