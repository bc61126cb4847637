import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import { requesterOf } from "../../src/commands/support/requester.ts";
import { inputOf } from "./support/fake-session.ts";

const asked = (env: Record<string, string>, ...words: string[]) =>
  requesterOf(inputOf("resume", "--reason", "done", ...words), env);

describe("who asks", () => {
  test("is the person behind sudo, else the user, at this host", () => {
    expect(asked({ SUDO_USER: "ana", USER: "root" }).by).toBe(`ana@${hostname()}`);
    expect(asked({ USER: "ben" }).by).toBe(`ben@${hostname()}`);
    expect(asked({ SUDO_USER: "", USER: "ben" }).by).toBe(`ben@${hostname()}`);
    expect(asked({}).by).toMatch(new RegExp(`^.+@${RegExp.escape(hostname())}$`));
  });

  test("is whom --by names", () => {
    expect(asked({ USER: "ben" }, "--by", "deploy script")).toEqual({ by: "deploy script", reason: "done" });
  });

  test("says why in one plain line of bounded length", () => {
    const reason = (text: string) => () => requesterOf(inputOf("resume", "--reason", text), {});
    expect(reason("two\nlines\u001b[31m")().reason).toBe("two lines [31m");
    expect(reason("x".repeat(200))().reason).toHaveLength(200);
    expect(reason("x".repeat(201))).toThrow("--reason is too long");
    expect(reason(" \t")).toThrow("--reason is empty");
  });
});
