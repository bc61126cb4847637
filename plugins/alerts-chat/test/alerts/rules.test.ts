import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { EXTERNAL, RULES, responseTimeMinOf, ruleOf, UNKNOWN } from "../../src/alerts/rules/rules.ts";
import { runbookNamed } from "../../src/runbooks/index.ts";

const ROOT = join(import.meta.dir, "../../../..");
const SOURCES = ["plugins/*/src/**/*.ts", "agent/src/**/*.ts"];

/** Text of every source file that runs in production. */
const sources = await Promise.all(
  SOURCES.flatMap((pattern) => [...new Glob(pattern).scanSync(ROOT)]).map((path) =>
    Bun.file(join(ROOT, path)).text(),
  ),
);

/** What could be the key of a condition: strings behind `key`, and constants that are given as one. */
function keysIn(text: string): readonly string[] {
  const written = [...text.matchAll(/\b(?:key|\w+Key)(?::| =)\s([^;\n]*(?:\n\s+[?:][^\n]*)*)/g)].map(
    ([, right]) => right ?? "",
  );
  const constants = written.flatMap((right) => /^([A-Z][A-Z_]+)\b/.exec(right)?.[1] ?? []);
  const texts = constants.flatMap((name) => sources.flatMap((source) => definition(source, name)));
  return [...written.flatMap(stringsIn), ...texts];
}

function definition(source: string, name: string): readonly string[] {
  return [...source.matchAll(new RegExp(`\\bconst ${name} = "([^"]+)"`, "g"))].map(
    ([, value]) => value ?? "",
  );
}

/** Plain strings, and what templates begin with. */
function stringsIn(code: string): readonly string[] {
  return [...code.matchAll(/["`]([a-z][a-z0-9-]+)(?:[:"`]|\$\{)/g)].map(([, value]) => value ?? "");
}

/** Compared with, not given: `decision.reason === "held" ? "price-held" : …`. */
const NO_KEYS = new Set(["held"]);
const raised = [
  ...new Set(
    sources
      .filter((text) => /AlertCondition|\braise\b|AlertSink/.test(text))
      .flatMap(keysIn)
      .filter((key) => key.includes("-") || RULES.some(({ id }) => id === key)),
  ),
].filter((key) => !NO_KEYS.has(key));

describe("every condition that a part of the agent reports", () => {
  test("is found by this test", () => {
    const known = ["update-failed", "price-held", "beyond-contract-limit", "store-unreachable", "refusals"];
    const others = [
      "leader-changed",
      "alert-channel-down",
      "heartbeat-url-failing",
      "discord-commands-missing",
    ];
    expect(raised).toEqual(
      expect.arrayContaining([...known, ...others, "configuration-contradicts-chain", "alert-refused"]),
    );
    expect(raised.length).toBeGreaterThan(30);
  });

  test("has a rule", () => {
    expect(raised.filter((key) => ruleOf(key) === UNKNOWN)).toEqual([]);
  });
});

describe("the rules", () => {
  test("have ids and names of their own", () => {
    const all = [...RULES, EXTERNAL, UNKNOWN];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ name }) => name.toLowerCase())).size).toBe(all.length);
  });

  test("name runbooks that there are", () => {
    const named = RULES.flatMap(({ runbook }) => runbook ?? []);
    expect(named.filter((id) => runbookNamed(id)?.id !== id)).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
  });

  test("are explained by rules that there are, never by themselves or in a circle", () => {
    const explains = (id: string, path: readonly string[] = []): readonly string[] =>
      path.includes(id)
        ? [[...path, id].join(" < ")]
        : ruleOf(id).inhibitedBy.flatMap((by) => explains(by, [...path, id]));
    const ids = new Set(RULES.map(({ id }) => id));
    expect(RULES.flatMap(({ inhibitedBy }) => inhibitedBy).filter((id) => !ids.has(id))).toEqual([]);
    expect(RULES.flatMap(({ id }) => explains(id))).toEqual([]);
  });

  test("never hide a critical alert behind a milder one that calls nobody", () => {
    const hidden = RULES.filter(({ severity }) => severity === "critical").flatMap(({ id, inhibitedBy }) =>
      inhibitedBy.filter((by) => ruleOf(by).responseTimeMin === undefined).map((by) => `${id} < ${by}`),
    );
    expect(hidden).toEqual([]);
  });

  test.each([
    // seed, "Monitoring Alerts"
    ["OracleBotDown", "critical"],
    ["AllOracleBotsDown", "critical"],
    ["OraclePriceStale", "critical"],
    ["OracleHighFailureRate", "critical"],
    ["OracleSingleBotRunning", "warning"],
    ["OracleLowWalletBalance", "warning"],
    // and those of our own
    ["OraclePriceAgeing", "warning"],
    ["OraclePriceHeld", "critical"],
    ["OracleForeignUpdate", "critical"],
    ["OracleSplitBrain", "warning"],
    ["OracleRPCFailover", "warning"],
    ["OracleLeaderChanged", "info"],
    ["OracleHighGasPrice", "warning"],
    ["OracleLeaderElectionFailure", "warning"],
    ["OracleConfigDrift", "warning"],
  ] as const)("have %s, %s", (name, severity) => {
    expect(RULES.find((rule) => rule.name === name)?.severity).toBe(severity);
  });

  test("tell what each means in one short sentence", () => {
    const odd = RULES.filter(({ meaning }) => meaning.length > 110 || !meaning.endsWith("."));
    expect(odd.map(({ id }) => id)).toEqual([]);
  });
});

describe("the rule of a key", () => {
  test.each([
    ["bot-down:bot-2", "bot-down"],
    ["leader-changed:7", "leader-changed"],
    ["external", "external"],
    ["never-heard-of:it", "unknown"],
    ["", "unknown"],
  ])("%s is %s", (key, id) => {
    expect(ruleOf(key).id).toBe(id);
  });

  test.each([
    ["all-bots-down", "critical", 5],
    ["price-stale", "critical", 10],
    ["price-held", "warning", 60],
    ["store-not-shared", "warning", 5],
    ["external", "critical", 10],
    ["external", "warning", 60],
    ["external", "info", undefined],
    ["leader-changed", "info", undefined],
  ] as const)("%s, %s: somebody must respond within %p minutes", (key, severity, minutes) => {
    expect(responseTimeMinOf(key, severity)).toBe(minutes as number);
  });
});
