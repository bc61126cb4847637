import { describe, expect, test } from "bun:test";
import * as checks from "../../src/runbooks/checks.ts";
import { RUNBOOKS } from "../../src/runbooks/index.ts";
import { runChecks } from "../../src/runbooks/run-checks.ts";
import type { CheckStep } from "../../src/runbooks/runbook.ts";
import { FakeSystem, memberWith, snapshotWith } from "../support/fake-view.ts";

async function seen(check: CheckStep, change: (system: FakeSystem) => void = () => undefined) {
  const system = new FakeSystem();
  change(system);
  return (await runChecks(system.view(), [check]))[0];
}

const CASES: readonly (readonly [CheckStep, string, (system: FakeSystem) => void, string])[] = [
  [
    checks.priceFresh,
    "stale on chain",
    (s) => {
      s.chain = { ...s.chain, fresh: false, blockTimestampS: s.chain.lastUpdateS + 7_300n };
    },
    "updated 2 h ago",
  ],
  [
    checks.oracleRunning,
    "paused on chain",
    (s) => {
      s.chain = { ...s.chain, paused: true };
    },
    "paused on chain",
  ],
  [
    checks.paymasterRunning,
    "paused on chain",
    (s) => {
      s.paymasterPaused = true;
    },
    "paused on chain",
  ],
  [
    checks.storeAnswers,
    "out of reach",
    (s) => {
      s.storeReachable = false;
    },
    "out of reach: what is known of members is old",
  ],
  [
    checks.someoneAlive,
    "all gone",
    (s) => {
      s.members = s.members.map((member) => ({ ...member, alive: false }));
    },
    "alive: nobody; gone: bot-1, bot-2",
  ],
  [checks.allAlive, "one gone", (s) => s.change("bot-2", { alive: false }), "gone: bot-2"],
  [checks.someoneLeads, "nobody", (s) => s.lead(undefined, 7), "nobody leads"],
  [
    checks.someoneLeads,
    "a silent leader",
    (s) => s.change("bot-1", { alive: false }),
    "bot-1, term 6, but it is silent",
  ],
  [checks.oneLeader, "two", (s) => s.change("bot-2", { role: "leader" }), "bot-1, bot-2"],
  [checks.oneLeader, "none", (s) => s.change("bot-1", { role: "follower" }), "nobody"],
  [
    checks.storeShared,
    "an agent outside",
    (s) => {
      s.storeShared = false;
    },
    "an agent with another store updates the oracle",
  ],
  [
    checks.standbyReady,
    "the other one is not fit",
    (s) => s.change("bot-2", { fit: false, unfitReasons: ["Base does not answer"] }),
    "bot-2: Base does not answer",
  ],
  [
    checks.fleetNotPaused,
    "a pause",
    (s) => s.change("bot-2", { pausedBy: "paused by ana" }),
    "paused by ana",
  ],
  [
    checks.nothingHeld,
    "a held move",
    (s) => s.change("bot-1", { decision: "skip held" }),
    "a move waits for an approval",
  ],
  [
    checks.nothingHeld,
    "a move that the contract refuses",
    (s) => s.change("bot-1", { decision: "skip beyond-contract-limit" }),
    "a move beyond what an update may do: only an emergency price can",
  ],
  [
    checks.gasBelowCap,
    "gas above the cap",
    (s) => s.change("bot-1", { decision: "skip gas-too-high" }),
    "gas 1.2 gwei; last look: skip gas-too-high",
  ],
  [
    checks.everyoneFit,
    "one is cut off",
    (s) => s.change("bot-2", { fit: false, unfitReasons: ["Jeju does not answer"] }),
    "bot-2: Jeju does not answer",
  ],
];

describe("a check", () => {
  for (const [check, what, change, words] of CASES) {
    test(`"${check.title}" sees ${what}`, async () => {
      expect(await seen(check)).toMatchObject({ ok: true });
      expect(await seen(check, change)).toMatchObject({ ok: false, seen: words });
    });
  }

  test("that cannot be answered says so, and is never taken for well", async () => {
    const withoutFleet = (system: FakeSystem) => {
      system.members = [];
      system.leadership = undefined;
      system.snapshot = undefined;
      system.paymaster = undefined;
    };
    for (const check of [
      checks.someoneAlive,
      checks.someoneLeads,
      checks.oneLeader,
      checks.paymasterRunning,
      checks.gasBelowCap,
    ]) {
      expect(await seen(check, withoutFleet)).toMatchObject({ ok: undefined });
    }
    const outage = (system: FakeSystem) => {
      system.outage = new Error("connection refused");
    };
    expect(await seen(checks.priceFresh, outage)).toMatchObject({
      ok: undefined,
      seen: "cannot be told: connection refused",
    });
  });

  test("that hangs ends with its deadline, and the others are shown", async () => {
    const system = new FakeSystem();
    const hanging: CheckStep = { kind: "check", title: "Hangs", look: () => new Promise(() => undefined) };
    const run = runChecks(system.view(), [hanging, checks.priceFresh]);
    await system.clock.advance(7_000);
    expect((await run).map(({ ok }) => ok)).toEqual([undefined, true]);
  });

  test("without an own price loop rests on what the leader reports", async () => {
    const quiet = (system: FakeSystem) => {
      system.snapshot = undefined;
    };
    expect(await seen(checks.nothingHeld, quiet)).toMatchObject({ ok: true, seen: "skip unchanged" });
    const own = (system: FakeSystem) => {
      system.members = [];
      system.snapshot = snapshotWith();
    };
    expect(await seen(checks.nothingHeld, own)).toMatchObject({ ok: true, seen: "skip unchanged" });
  });
});

test("the best standby is fit, may lead, does not lead, and has the highest priority", () => {
  const system = new FakeSystem();
  system.members = [
    memberWith("bot-1", { role: "leader", priority: 900 }),
    memberWith("bot-2"),
    memberWith("bot-3", { priority: 200 }),
    memberWith("bot-4", { priority: 300, nofailover: true }),
    memberWith("bot-5", { priority: 300, fit: false }),
    memberWith("bot-6", { priority: 300, alive: false }),
  ];
  expect(checks.standbys(system.view()).map(({ botId }) => botId)).toEqual(["bot-3", "bot-2"]);
});

test("every check of every runbook is well in a healthy fleet", async () => {
  const view = new FakeSystem().view();
  for (const { id, steps, verify } of RUNBOOKS) {
    const all = [...steps.filter((step) => step.kind === "check"), ...verify];
    const troubled = (await runChecks(view, all)).filter(({ ok }) => ok !== true);
    expect([id, troubled]).toEqual([id, []]);
  }
});
