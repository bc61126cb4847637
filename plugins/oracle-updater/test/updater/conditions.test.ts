import { describe, expect, test } from "bun:test";
import type { Decision, SkipReason } from "../../src/decision/decide.ts";
import type { OracleState } from "../../src/oracle/oracle-state.ts";
import { reject } from "../../src/price/rejection.ts";
import { activeConditions, type ConditionInput } from "../../src/updater/conditions.ts";
import type { Look } from "../../src/updater/events.ts";
import { NOW_S, ORACLE_STATE, QUOTE, REPORTED_LOOK } from "../support/fixtures.ts";

const QUIET: ConditionInput = {
  look: REPORTED_LOOK,
  chain: { state: ORACLE_STATE, ageS: NOW_S - ORACLE_STATE.lastUpdateS },
  lastFailure: undefined,
  consecutiveFailures: 0,
  pause: undefined,
  heartbeatMs: 300_000,
  maxSpotTwapSpreadBps: 500n,
  unhealthyReasons: [],
  standIns: [],
};

const FAILURE = { code: "wallet-empty", message: "the wallet cannot pay", nextStep: "Fund it." };

interface Change {
  readonly input?: Partial<ConditionInput>;
  readonly look?: Partial<Look>;
  readonly state?: Partial<OracleState>;
}

function pictureOf({ input, look, state }: Change): ConditionInput {
  const seen = { ...ORACLE_STATE, ...state };
  const chain = { state: seen, ageS: NOW_S - seen.lastUpdateS };
  return { ...QUIET, look: { ...REPORTED_LOOK, state: seen, ...look }, chain, ...input };
}

/** `severity key` of every active condition. */
function active(change: Change): string[] {
  return activeConditions(pictureOf(change))
    .map(({ severity, key }) => `${severity} ${key}`)
    .sort();
}

const skip = (reason: SkipReason): Decision => ({
  kind: "skip",
  reason,
  detail: "why",
  wouldPush: "deviation",
});
const aged = (ageS: bigint) => ({ lastUpdateS: NOW_S - ageS });

describe("every condition, from the moment it holds and not before", () => {
  const rows: readonly (readonly [string, Change, readonly string[]])[] = [
    ["nothing is wrong", {}, []],
    ["before the first look", { input: { look: undefined, chain: undefined } }, []],
    [
      "a stale price and an empty wallet on Jeju, though the sources were never read",
      { input: { look: undefined }, state: { ...aged(3_601n), walletBalanceWei: 0n } },
      ["critical price-stale", "warning wallet-low"],
    ],
    [
      "one failed update",
      { input: { lastFailure: FAILURE, consecutiveFailures: 1 } },
      ["info update-failed:wallet-empty"],
    ],
    [
      "two in a row",
      { input: { lastFailure: FAILURE, consecutiveFailures: 2 } },
      ["warning update-failed:wallet-empty"],
    ],
    [
      "five in a row",
      { input: { lastFailure: FAILURE, consecutiveFailures: 5 } },
      ["warning update-failed:wallet-empty"],
    ],
    [
      "more than five in a row",
      { input: { lastFailure: FAILURE, consecutiveFailures: 6 } },
      ["critical update-failed:wallet-empty"],
    ],
    [
      "a chain that its first endpoint does not serve",
      { input: { standIns: [{ chain: "Base", index: 1, forMs: 599_999 }] } },
      ["info rpc-failover:base"],
    ],
    [
      "two of them, one for ten minutes",
      {
        input: {
          standIns: [
            { chain: "Base", index: 2, forMs: 0 },
            { chain: "Jeju", index: 1, forMs: 600_000 },
          ],
        },
      },
      ["info rpc-failover:base", "warning rpc-failover:jeju"],
    ],
    ["an old failure that was followed by a success", { input: { lastFailure: FAILURE } }, []],
    [
      "a chain out of reach",
      {
        input: {
          unhealthyReasons: [{ code: "jeju-unreachable", text: "Jeju has been unreachable for over 60 s" }],
        },
      },
      ["critical chain-unreachable"],
    ],
    [
      "unhealthy for another reason",
      { input: { unhealthyReasons: [{ code: "failing", text: "6 consecutive failures" }] } },
      [],
    ],
    [
      "an operator's pause",
      { input: { pause: { kind: "operator", by: "ada", reason: "deploy" } } },
      ["info paused"],
    ],
    [
      "a foreign update",
      { input: { pause: { kind: "foreign-update", by: "bot-1", reason: "0xabc" } } },
      ["critical foreign-update"],
    ],
    ["a price three heartbeats old", { state: aged(900n) }, []],
    ["a price older than three heartbeats", { state: aged(901n) }, ["warning price-ageing"]],
    ["a price one hour old", { state: aged(3_600n) }, ["warning price-ageing"]],
    ["a price older than an hour", { state: aged(3_601n) }, ["critical price-stale"]],
    ["a held move", { look: { decision: skip("held") } }, ["warning price-held"]],
    [
      "a hold that has kept the price from being refreshed for half of its life pages a person",
      { look: { decision: skip("held") }, state: aged(1_800n) },
      ["critical price-held", "warning price-ageing"],
    ],
    [
      "a move beyond the contract's limit",
      { look: { decision: skip("beyond-contract-limit") } },
      ["critical beyond-contract-limit"],
    ],
    ["gas above the cap", { look: { decision: skip("gas-too-high") } }, ["warning gas-too-high"]],
    ["another agent leads", { look: { decision: skip("not-leader") } }, []],
    [
      "sources that are not used",
      { look: { source: reject("feed-stale", "2000 s old"), decision: skip("source-rejected") } },
      ["warning source-rejected"],
    ],
    ["a spot at the accepted spread", { look: { source: { ...QUOTE, spotTwapSpreadBps: 500n } } }, []],
    [
      "a spot beyond the accepted spread",
      { look: { source: { ...QUOTE, spotTwapSpreadBps: 501n } } },
      ["warning spot-twap-spread"],
    ],
    ["a paused oracle", { state: { contractPaused: true } }, ["critical oracle-paused"]],
    ["an oracle that says it is not paused", { state: { contractPaused: false } }, []],
    ["a wallet with 0.01 ETH", { state: { walletBalanceWei: 10n ** 16n } }, []],
    ["a wallet with less", { state: { walletBalanceWei: 10n ** 16n - 1n } }, ["warning wallet-low"]],
  ];
  for (const [name, change, expected] of rows)
    test(name, () => expect(active(change)).toEqual([...expected]));
});

describe("what a person reads", () => {
  test("every condition has a summary for a phone screen and a next step", () => {
    const everything: Change = {
      input: {
        lastFailure: FAILURE,
        consecutiveFailures: 6,
        pause: { kind: "foreign-update", by: "bot-1", reason: "0xabc" },
        unhealthyReasons: [{ code: "base-unreachable", text: "Base has been unreachable for over 60 s" }],
        standIns: [{ chain: "Jeju", index: 1, forMs: 600_000 }],
      },
      look: { decision: skip("held"), source: { ...QUOTE, spotTwapSpreadBps: 900n } },
      state: { ...aged(4_000n), contractPaused: true, walletBalanceWei: 0n },
    };
    const conditions = activeConditions(pictureOf(everything));
    expect(conditions.length).toBe(9);
    expect(new Set(conditions.map(({ key }) => key)).size).toBe(conditions.length);
    for (const { summary, nextStep } of conditions) {
      expect(summary.length).toBeLessThan(160);
      expect(summary).not.toContain("\n");
      expect(nextStep.length).toBeGreaterThan(3);
    }
  });

  test("an ageing price says why nothing is pushed", () => {
    const ageing = pictureOf({ state: aged(901n), look: { decision: skip("paused") } });
    expect(activeConditions(ageing)[0]?.nextStep).toContain("paused");
  });

  test("an empty wallet is told in ETH with four decimals, rounded down", () => {
    const saidOf = (walletBalanceWei: bigint) =>
      activeConditions(pictureOf({ state: { walletBalanceWei } })).map(({ summary }) => summary);
    expect(saidOf(10n ** 16n - 1n)).toEqual(["The updater's wallet holds 0.0099 ETH, less than 0.01 ETH"]);
    expect(saidOf(0n)).toEqual(["The updater's wallet holds 0.0000 ETH, less than 0.01 ETH"]);
  });

  test("the failure's own next step is passed on", () => {
    const [condition] = activeConditions({ ...QUIET, lastFailure: FAILURE, consecutiveFailures: 1 });
    expect(condition?.nextStep).toBe("Fund it.");
  });
});
