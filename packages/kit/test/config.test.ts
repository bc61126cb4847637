import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConfigError,
  type ConfigProblem,
  defineEnv,
  type Env,
  type EnvSpec,
  type EnvValues,
  envTypes,
  formatProblem,
  parseEnv,
  Secret,
  scrubSecrets,
} from "../src/index.ts";

const directory = mkdtempSync(join(tmpdir(), "kit-config-"));
afterAll(() => rmSync(directory, { recursive: true }));

const spec = defineEnv({
  PORT: { schema: envTypes.integer(1, 10), about: "a port", example: "3", default: "7" },
  NAME: { schema: envTypes.string(), about: "a name", example: "bot" },
  KEY: { schema: envTypes.privateKey().optional(), about: "a key", example: "0x…", secret: true },
});

function problemsOf<Spec extends EnvSpec>(
  table: Spec,
  env: Env,
  relations?: (values: EnvValues<Spec>) => readonly ConfigProblem[],
): readonly ConfigProblem[] {
  try {
    parseEnv(table, env, relations);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function one(schema: EnvSpec[string]["schema"], value: string): string | undefined {
  return problemsOf({ V: { schema, about: "", example: "x" } }, { V: value })[0]?.problem;
}

describe("parseEnv", () => {
  test("takes values, trims them, and falls back to defaults for unset and empty ones", () => {
    expect(parseEnv(spec, { NAME: " bot ", PORT: "" })).toMatchObject({ NAME: "bot", PORT: 7 });
  });

  test("reports every problem at once, each naming its variable and an example", () => {
    const problems = problemsOf(spec, { PORT: "99" });
    expect(problems.map(formatProblem)).toEqual([
      "PORT: must be between 1 and 10 (example: PORT=3)",
      "NAME: is required but not set (example: NAME=bot)",
    ]);
  });

  test("never repeats a malformed value: it may be a secret in the wrong place", () => {
    const secret = "0x1234secret5678";
    const text = problemsOf(spec, { NAME: "n", PORT: secret, KEY: secret }).map(formatProblem).join("\n");
    expect(text).not.toContain(secret);
    expect(text).toContain("KEY: must be a private key");
  });

  test("checks relations only between values that parsed", () => {
    let asked = 0;
    const relations = () => {
      asked++;
      return [{ variable: "PORT", problem: "does not fit NAME", example: "3" }];
    };
    expect(problemsOf(spec, { PORT: "x" }, relations)).toHaveLength(2);
    expect(asked).toBe(0);
    expect(problemsOf(spec, { NAME: "n" }, relations).map(({ problem }) => problem)).toEqual([
      "does not fit NAME",
    ]);
  });
});

describe("secret files", () => {
  const key = "ab".repeat(32);
  const file = (name: string, mode: number, content = `${key}\n`) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  test("NAME_FILE gives the secret of a file that only its owner can read", () => {
    const values = parseEnv(spec, { NAME: "n", KEY_FILE: file("owner", 0o600) });
    expect(values.KEY?.reveal()).toBe(`0x${key}`);
  });

  test("a file that others can read is refused with the command that cures it", () => {
    for (const mode of [0o640, 0o604, 0o660]) {
      const path = file(`mode-${mode}`, mode);
      expect(problemsOf(spec, { NAME: "n", KEY_FILE: path })).toEqual([
        expect.objectContaining({
          variable: "KEY_FILE",
          problem: `names a file that others can read: run chmod 600 ${path}`,
        }),
      ]);
    }
  });

  test("a missing file is a problem, not an exception", () => {
    const [problem] = problemsOf(spec, { NAME: "n", KEY_FILE: join(directory, "absent") });
    expect(problem?.variable).toBe("KEY_FILE");
    expect(problem?.problem).toContain("ENOENT");
  });

  test("the variable and its file together are refused", () => {
    const [problem] = problemsOf(spec, { NAME: "n", KEY: key, KEY_FILE: file("both", 0o600) });
    expect(problem?.problem).toBe("is set together with KEY: keep one of the two");
  });

  test("only secrets are read from files", () => {
    expect(problemsOf(spec, { NAME_FILE: file("name", 0o600, "bot") })).toHaveLength(1);
  });
});

describe("envTypes", () => {
  test("integer: whole and within bounds", () => {
    expect(one(envTypes.integer(0, 5), "1.5")).toBe("must be a whole number");
    expect(one(envTypes.integer(0, 5), "-1")).toBe("must be a whole number");
    expect(one(envTypes.integer(0, 5), "6")).toBe("must be between 0 and 5");
    expect(one(envTypes.integer(0, 5), "5")).toBeUndefined();
  });

  test("decimal: exact, scaled, never through a float", () => {
    const schema = envTypes.decimal(8, 0n, 10n ** 30n);
    expect(schema.parse("0.00000001")).toBe(1n);
    expect(schema.parse("3245.67")).toBe(324_567_000_000n);
    expect(schema.parse("123456789012345678")).toBe(12_345_678_901_234_567_800_000_000n);
    expect(one(schema, "1.123456789")).toBe("must be a number with at most 8 decimals");
    expect(one(schema, "1e3")).toBe("must be a number with at most 8 decimals");
    expect(one(envTypes.decimal(2, 100n, 200n), "0.99")).toBe("is out of range");
  });

  test("boolean: true or false, nothing else", () => {
    expect(envTypes.boolean().parse("true")).toBe(true);
    expect(one(envTypes.boolean(), "yes")).toBe("must be true or false");
    expect(one(envTypes.boolean(), "TRUE")).toBe("must be true or false");
  });

  test("urls: of the right scheme, each once", () => {
    const schema = envTypes.urls("http", "https");
    expect(schema.parse("https://a.example, http://b.example,")).toEqual([
      "https://a.example",
      "http://b.example",
    ]);
    expect(one(schema, "ftp://a.example")).toContain("must be http or https URLs");
    expect(one(schema, "https://a.example,https://a.example")).toBe("names the same URL twice");
    expect(one(schema, " , ")).toBe("must name at least one URL");
  });

  test("address and private key: the exact number of hex digits", () => {
    expect(one(envTypes.address(), `0x${"a".repeat(39)}`)).toContain("must be an address");
    expect(one(envTypes.privateKey(), "a".repeat(63))).toContain("must be a private key");
    const parsed = envTypes.privateKey().parse("cd".repeat(32));
    expect(parsed).toBeInstanceOf(Secret);
    expect(scrubSecrets(`key ${"cd".repeat(32)}`)).toBe("key [redacted]");
  });
});
