/**
 * Configuration from environment variables. One table per plugin says what each variable is, its unit, default,
 * source and an example; parsing reports every problem at once and never prints a secret.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { BaseError, describeError } from "./errors.ts";
import { Secret } from "./secret.ts";

export type Env = Readonly<Record<string, string | undefined>>;

export interface EnvField<Schema extends z.ZodType = z.ZodType> {
  /** Parses the raw string (undefined when unset and without default). */
  readonly schema: Schema;
  /** What the variable means, in one sentence. */
  readonly about: string;
  readonly example: string;
  /** Used when the variable is unset or empty. */
  readonly default?: string;
  /** Shown in documents instead of a default that depends on the host. */
  readonly defaultText?: string;
  /** Where the default or the name comes from: a link or a section of the user's documents. */
  readonly source?: string;
  /** Also readable as `NAME_FILE`; never printed. */
  readonly secret?: boolean;
  /** Differs between the hosts of one fleet: no part of the digest that members compare. */
  readonly perHost?: boolean;
}

export type EnvSpec = Readonly<Record<string, EnvField>>;
export type EnvValues<Spec extends EnvSpec> = {
  readonly [Name in keyof Spec]: z.output<Spec[Name]["schema"]>;
};

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  readonly variable: string;
  readonly problem: string;
  readonly example: string;
}

/** The process exit code for invalid configuration: EX_CONFIG of sysexits.h. */
export const EXIT_CONFIG = 78;

/** The configuration cannot be used. Carries one problem per line for the operator. */
export class ConfigError extends BaseError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join("\n"), {
      code: "invalid-configuration",
      retryable: false,
      nextStep:
        "Correct the variables named above and start again; `oracle-agent check-config` checks without sending.",
      docsPath: "docs/configuration.md",
    });
    this.problems = problems;
  }
}

/** `VARIABLE: what is wrong (example: …)`, on one line. */
export function formatProblem(problem: ConfigProblem): string {
  return `${problem.variable}: ${problem.problem} (example: ${problem.variable}=${problem.example})`;
}

/** Marks a group of fields as one spec while keeping their exact types. */
export function defineEnv<const Spec extends EnvSpec>(spec: Spec): Spec {
  return spec;
}

/**
 * Parses `env` by `spec`.
 * @param relations checks between fields; runs only when every field parsed.
 * @throws {ConfigError} naming every variable that is missing or malformed.
 */
export function parseEnv<Spec extends EnvSpec>(
  spec: Spec,
  env: Env,
  relations: (values: EnvValues<Spec>) => readonly ConfigProblem[] = () => [],
): EnvValues<Spec> {
  const problems: ConfigProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [variable, field] of Object.entries(spec)) {
    const raw = readRaw(variable, field, env);
    if ("problem" in raw) {
      problems.push({ variable: raw.variable, problem: raw.problem, example: raw.example });
      continue;
    }
    const parsed = field.schema.safeParse(raw.value);
    if (parsed.success) values[variable] = parsed.data;
    else {
      const missing = raw.value === undefined;
      const problem = missing
        ? "is required but not set"
        : parsed.error.issues.map((issue) => issue.message).join("; ");
      problems.push({ variable, problem, example: field.example });
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const typed = values as EnvValues<Spec>;
  const broken = relations(typed);
  if (broken.length > 0) throw new ConfigError(broken);
  return typed;
}

/**
 * A digest of what is in force for every variable of `specs` that is neither secret nor of one host. Two agents with equal
 * digests are configured alike.
 */
export function configDigest(specs: readonly EnvSpec[], env: Env): string {
  const lines = specs.flatMap((spec) =>
    Object.entries(spec)
      .filter(([, field]) => field.secret !== true && field.perHost !== true)
      .map(([variable, field]) => JSON.stringify([variable, nonEmpty(env[variable]) ?? field.default ?? ""])),
  );
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex").slice(0, 12);
}

type Raw = { readonly value: string | undefined } | ConfigProblem;

function readRaw(variable: string, field: EnvField, env: Env): Raw {
  const direct = nonEmpty(env[variable]);
  if (field.secret !== true) return { value: direct ?? field.default };
  const fileVariable = `${variable}_FILE`;
  const path = nonEmpty(env[fileVariable]);
  if (path === undefined) return { value: direct ?? field.default };
  const example = `/etc/jeju-oracle/${variable.toLowerCase()}`;
  if (direct !== undefined) {
    return {
      variable: fileVariable,
      problem: `is set together with ${variable}: keep one of the two`,
      example,
    };
  }
  return readSecretFile(fileVariable, path, example);
}

function readSecretFile(variable: string, path: string, example: string): Raw {
  try {
    const readableByOthers = (statSync(path).mode & 0o077) !== 0;
    if (readableByOthers) {
      return { variable, problem: `names a file that others can read: run chmod 600 ${path}`, example };
    }
    return { value: nonEmpty(readFileSync(path, "utf8")) };
  } catch (error) {
    return { variable, problem: `cannot be read: ${describeError(error)}`, example };
  }
}

function nonEmpty(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === "" ? undefined : trimmed;
}

/** Building blocks for field schemas. Each message says what was expected, never what was given. */
export const envTypes = {
  string: () => z.string(),
  /** Whole number within [min, max]. */
  integer(min: number, max: number) {
    return z
      .string()
      .regex(/^\d{1,15}$/, "must be a whole number")
      .transform(Number)
      .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`);
  },
  /** Decimal number with at most `decimals` digits after the point, as an integer scaled by 10^decimals. */
  decimal(decimals: number, min: bigint, max: bigint) {
    return z
      .string()
      .regex(
        new RegExp(`^\\d{1,18}(\\.\\d{1,${decimals}})?$`),
        `must be a number with at most ${decimals} decimals`,
      )
      .transform((text) => {
        const [whole = "0", fraction = ""] = text.split(".");
        return BigInt(whole) * 10n ** BigInt(decimals) + BigInt(fraction.padEnd(decimals, "0") || "0");
      })
      .refine((value) => value >= min && value <= max, "is out of range");
  },
  boolean: () =>
    z.enum(["true", "false"], { error: "must be true or false" }).transform((text) => text === "true"),
  /** A 20-byte address; the checksum is not required. */
  address: () =>
    z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/, "must be an address: 0x and 40 hex digits")
      .transform((text) => text as `0x${string}`),
  /** One or more URLs separated by commas. */
  urls(...schemes: readonly string[]) {
    return z
      .string()
      .transform((text) =>
        text
          .split(",")
          .map((part) => part.trim())
          .filter((part) => part !== ""),
      )
      .refine((urls) => urls.length > 0, "must name at least one URL")
      .refine(
        (urls) => urls.every((url) => hasScheme(url, schemes)),
        `must be ${schemes.join(" or ")} URLs, separated by commas`,
      )
      .refine((urls) => new Set(urls).size === urls.length, "names the same URL twice");
  },
  url(...schemes: readonly string[]) {
    return z.string().refine((url) => hasScheme(url, schemes), `must be a ${schemes.join(" or ")} URL`);
  },
  /** 32-byte private key, wrapped so that it cannot be printed. */
  privateKey: () =>
    z
      .string()
      .regex(/^(0x)?[0-9a-fA-F]{64}$/, "must be a private key: 64 hex digits")
      .transform((text) => new Secret(text.startsWith("0x") ? text : `0x${text}`)),
} as const;

function hasScheme(url: string, schemes: readonly string[]): boolean {
  return URL.canParse(url) && schemes.some((scheme) => new URL(url).protocol === `${scheme}:`);
}
