import { describe, expect, test } from "bun:test";
import { type FleetConditionInput, fleetConditions } from "../../src/fleet/conditions.ts";
import { memberWith } from "./support/listings.ts";

const WELL: FleetConditionInput = {
  botId: "a",
  members: [memberWith("a"), memberWith("b")],
  storeLabel: "etcd://etcd-1",
  storeOutageMs: 0,
  storeWritesFailForMs: 0,
  storeNextStep: undefined,
  ttlMs: 20_000,
  leaderlessForMs: 0,
  aloneForMs: 0,
  down: [],
  termChanges: 0,
  storeShared: true,
  lockFileFailure: undefined,
};

const keysOf = (changes: Partial<FleetConditionInput>) =>
  fleetConditions({ ...WELL, ...changes }).map(({ severity, key }) => `${severity} ${key}`);

describe("what a person is told of the fleet", () => {
  test.each<[string, Partial<FleetConditionInput>, readonly string[]]>([
    ["nothing while all is well", {}, []],
    ["a store that is silent for less than a ttl", { storeOutageMs: 19_999 }, []],
    ["a store that is silent for a ttl", { storeOutageMs: 20_000 }, ["warning store-unreachable"]],
    [
      "a store that takes no writes for a ttl",
      { storeWritesFailForMs: 20_000 },
      ["warning store-unwritable"],
    ],
    ["one that took none a moment ago", { storeWritesFailForMs: 19_999 }, []],
    [
      "a silent store is one trouble, not two",
      { storeOutageMs: 20_000, storeWritesFailForMs: 20_000 },
      ["warning store-unreachable"],
    ],
    ["a store that others do not share", { storeShared: false }, ["warning store-not-shared"]],
    ["an election that goes on", { leaderlessForMs: 59_999 }, []],
    ["an election that does not end", { leaderlessForMs: 60_000 }, ["critical no-leader"]],
    ["three changes of the lead", { termChanges: 3 }, []],
    ["more than three", { termChanges: 4 }, ["warning elections-unstable"]],
    [
      "each member that is down",
      { down: [memberWith("b", { alive: false }), memberWith("c", { alive: false })] },
      ["critical bot-down:b", "critical bot-down:c"],
    ],
    ["an agent alone for less than ten minutes", { aloneForMs: 599_999 }, []],
    ["an agent alone for ten minutes", { aloneForMs: 600_000 }, ["warning single-bot"]],
    [
      "another configuration",
      { members: [memberWith("a"), memberWith("b", { configHash: "other" })] },
      ["warning config-drift"],
    ],
    [
      "another version",
      { members: [memberWith("a"), memberWith("b", { version: "9" })] },
      ["warning config-drift"],
    ],
    [
      "another version of one that is gone",
      { members: [memberWith("a"), memberWith("b", { version: "9", alive: false })] },
      [],
    ],
    ["drift before this agent is a member itself", { members: [memberWith("b", { version: "9" })] }, []],
    [
      "a lock file that cannot be written",
      { lockFileFailure: { message: "cannot be written", nextStep: "Free space." } },
      ["warning lock-file-unwritable"],
    ],
  ])("%s", (_what, changes, keys) => {
    expect(keysOf(changes)).toEqual([...keys]);
  });

  test("reads the same while it lasts: a text that changes is news", () => {
    const trouble = (forMs: number) =>
      fleetConditions({
        ...WELL,
        storeOutageMs: 20_000 + forMs,
        leaderlessForMs: 60_000 + forMs,
        aloneForMs: 600_000 + forMs,
      });
    expect(trouble(123_456)).toEqual(trouble(0));
  });

  test("says what the store's failure asks for, where it asks for something", () => {
    const [condition] = fleetConditions({ ...WELL, storeOutageMs: 20_000, storeNextStep: "Start etcd." });
    expect(condition?.nextStep).toBe("Start etcd.");
  });
});
