import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { configDigest, defineEnv, type Env, type EnvSpec, envTypes } from "../src/index.ts";

const field = { schema: envTypes.string(), about: "", example: "x" };
const spec = defineEnv({
  SHARED: field,
  DEFAULTED: { ...field, default: "7" },
  PASSWORD: { ...field, secret: true },
  HOST_NAME: { ...field, perHost: true },
});

const digest = (env: Env, specs: readonly EnvSpec[] = [spec]) => configDigest(specs, env);
const text = fc.string({ maxLength: 12 });

describe("configDigest", () => {
  test("is 12 hex digits", () => {
    expect(digest({ SHARED: "a" })).toMatch(/^[0-9a-f]{12}$/);
  });

  test("does not depend on secrets, per-host values or variables that nobody reads", () => {
    fc.assert(
      fc.property(text, text, text, text, text, (shared, password, file, host, other) => {
        const env = {
          SHARED: shared,
          PASSWORD: password,
          PASSWORD_FILE: file,
          HOST_NAME: host,
          OTHER: other,
        };
        expect(digest(env)).toBe(digest({ SHARED: shared }));
      }),
    );
  });

  test("differs whenever a shared value differs, whatever characters the values have", () => {
    fc.assert(
      fc.property(text, text, text, text, (a, b, c, d) => {
        const same = trimmed(a) === trimmed(c) && (trimmed(b) || "7") === (trimmed(d) || "7");
        expect(digest({ SHARED: a, DEFAULTED: b }) === digest({ SHARED: c, DEFAULTED: d })).toBe(same);
      }),
    );
  });

  test("one value cannot pass for two", () => {
    expect(digest({ SHARED: 'x\nDEFAULTED=8"]' })).not.toBe(digest({ SHARED: "x", DEFAULTED: "8" }));
  });

  test("takes an unset variable for its default, and an empty one, too", () => {
    expect(digest({ SHARED: "a" })).toBe(digest({ SHARED: " a ", DEFAULTED: "7" }));
    expect(digest({ SHARED: "a", DEFAULTED: "" })).toBe(digest({ SHARED: "a" }));
    expect(digest({ SHARED: "a", DEFAULTED: "8" })).not.toBe(digest({ SHARED: "a" }));
  });

  test("does not depend on the order of tables or variables", () => {
    const other = defineEnv({ AAA: { ...field, default: "1" } });
    const turned = Object.fromEntries(Object.entries(spec).reverse());
    expect(digest({ SHARED: "a" }, [spec, other])).toBe(digest({ SHARED: "a" }, [other, turned]));
  });
});

function trimmed(value: string): string {
  return value.trim();
}
