import { describe, expect, test } from "bun:test";
import { registerSecret } from "@jeju-oracle/kit";
import { captureLog } from "@jeju-oracle/kit/testing";
import type { Alert } from "../../src/alerts/alert.ts";
import { digest } from "../../src/commands/read/digest.ts";
import type { Proposal } from "../../src/confirm/proposal.ts";
import { drillRecordName, encodeDrillRecord } from "../../src/drills/drill-record.ts";
import { digestMessage } from "../../src/schedule/digest/digest-text.ts";
import type { DigestFacts } from "../../src/schedule/digest/facts.ts";
import { type DigestSources, gatherFacts } from "../../src/schedule/digest/gather-facts.ts";
import { FakeSystem, memberWith, snapshotWith } from "../support/fake-view.ts";
import { FleetOfTellers, textOf } from "./support/fleet-of-tellers.ts";

const NOW_MS = 1_764_057_600_000;
const HOUR_MS = 3_600_000;
const ETH = 10n ** 18n;
/** What a phone shows in one line, in a chat bubble. */
const PHONE_COLUMNS = 42;

function alertOf(rule: string, changes: Partial<Alert> = {}): Alert {
  return {
    fingerprint: rule,
    episode: 1,
    nonce: "n",
    rule,
    severity: "warning",
    summary: "a summary that is not shown",
    nextStep: "",
    wordedAtMs: 0,
    raisers: {},
    startedAtMs: NOW_MS - 3 * HOUR_MS,
    returns: 0,
    acknowledgementAtMs: 0,
    slots: {},
    ...changes,
  };
}

function factsWith(changes: Partial<DigestFacts> = {}): DigestFacts {
  return {
    botId: "bot-1",
    nowMs: NOW_MS,
    isShared: true,
    snapshot: snapshotWith(),
    leadership: { role: "leader", term: 6, leaderId: "bot-1", validForMs: 1 },
    members: [memberWith("bot-1", { role: "leader" }), memberWith("bot-2")],
    lastDay: { coveredMs: 24.5 * HOUR_MS, watchedMs: 24.5 * HOUR_MS, updates: 288, leaderChanges: 0 },
    runway: { kind: "lasts", balanceWei: ETH, burnWeiPerDay: ETH, days100: 1_234n },
    alerts: [],
    silences: [],
    proposals: [],
    overrides: [],
    drills: [
      { drill: "crash", last: undefined, lastPass: undefined },
      { drill: "maintenance", last: undefined, lastPass: undefined },
      { drill: "partition", last: undefined, lastPass: undefined },
    ],
    ...changes,
  };
}

const shown = (changes: Partial<DigestFacts> = {}) =>
  textOf(digestMessage(factsWith(changes), "Daily digest, 2025-11-25"));

const drillRun = (daysAgo: number, passed: boolean) => ({
  drill: "crash" as const,
  atMs: NOW_MS - daysAgo * 24 * HOUR_MS,
  by: "ann",
  passed,
  elapsedMs: 3_000,
  nonce: "n",
});

const TROUBLED: Partial<DigestFacts> = {
  snapshot: snapshotWith({
    healthy: false,
    unhealthyReasons: ["no update for 40 min"],
    priceAgeS: 2_400n,
    pausedBy: "paused by ola: maintenance",
  }),
  leadership: { role: "follower", term: 9, leaderId: "bot-2", validForMs: undefined },
  members: [
    memberWith("bot-1", { healthy: false, unhealthyReasons: ["Base is unreachable"] }),
    memberWith("bot-2", { role: "leader" }),
    memberWith("bot-3", { alive: false, silentForMs: 2 * HOUR_MS }),
    memberWith("bot-4", { alive: false, role: "stopped" }),
  ],
  lastDay: { coveredMs: 24.2 * HOUR_MS, watchedMs: 10 * HOUR_MS, updates: 96, leaderChanges: 3 },
  runway: { kind: "unknown", knownMs: 0, neededMs: 6 * HOUR_MS },
  alerts: [
    alertOf("bot-down:bot-3", { rule: "bot-down", severity: "critical" }),
    alertOf("price-ageing", { acknowledged: { by: "ann", atMs: 0 } }),
    alertOf("leader-changed", { severity: "info", resolvedAtMs: NOW_MS - HOUR_MS }),
    alertOf("rpc-failover", { resolvedAtMs: NOW_MS - HOUR_MS }),
    alertOf("rpc-failover", { resolvedAtMs: NOW_MS - 2 * HOUR_MS }),
    alertOf("gas-too-high", { resolvedAtMs: NOW_MS - 5 * HOUR_MS }),
    alertOf("no-leader", { resolvedAtMs: NOW_MS - 25 * HOUR_MS }),
  ],
  silences: [
    {
      id: "s1",
      nonce: "n",
      matches: "@bot-3",
      by: "ola",
      reason: "",
      sinceMs: 0,
      untilMs: NOW_MS + 2 * HOUR_MS,
    },
  ],
  proposals: [
    {
      action: "failover",
      proposer: "ola",
      state: "awaiting",
      proposedAtMs: NOW_MS - 60_000,
      validForMs: 120_000,
    },
    { action: "pause", proposer: "bob", state: "executing", proposedAtMs: NOW_MS, validForMs: 120_000 },
    { action: "restart", proposer: "bob", state: "verified", proposedAtMs: NOW_MS, validForMs: 120_000 },
  ] as unknown as readonly Proposal[],
  overrides: [{ name: "max-gas-price-gwei", by: "ola", leftMs: 90 * 60_000 }],
  drills: [
    { drill: "crash", last: drillRun(2, false), lastPass: drillRun(40, true) },
    { drill: "maintenance", last: undefined, lastPass: undefined },
    { drill: "partition", last: drillRun(9, true), lastPass: drillRun(9, true) },
  ],
};

describe("a digest", () => {
  test("of a good day is short", () => {
    expect(shown().split("\n")).toEqual([
      "📋 Daily digest, 2025-11-25",
      "✅ Price updated 12 s ago",
      "ETH $3,245.67",
      "elizaOS $0.0842",
      "288 updates in 24 h",
      "👑 bot-1 leads, term 6",
      "✅ 2 of 2 agents alive",
      "✅ No alert holds",
      "Wallet 0.0421 ETH",
      "   12 d left at the present burn",
      "Drill crash: never passed",
      "Drill maintenance: never passed",
      "Drill partition: never passed",
      "as bot-1 sees it",
    ]);
  });

  test("of a bad day says everything that is not as it should be", () => {
    expect(shown(TROUBLED).split("\n")).toEqual([
      "📋 Daily digest, 2025-11-25",
      "❌ Price updated 40 min ago",
      "· no update for 40 min",
      "ETH $3,245.67",
      "elizaOS $0.0842",
      "96 updates in 24 h, 10 h of it watched",
      "👑 bot-2 leads, term 9",
      "   3 changes in 24 h",
      "⚠️ 2 of 3 agents alive",
      "   💀 bot-3, seen 2 h ago",
      "   ❌ bot-1: Base is unreachable",
      expect.stringMatching(/^🔴 OracleBotDown [0-9a-f]{6}, 3 h ago$/),
      expect.stringMatching(/^🟠 OraclePriceAgeing [0-9a-f]{6}, 3 h ago ✔ ann$/),
      "3 ended in 24 h:",
      "   OracleRPCFailover ×2",
      "   OracleHighGasPrice",
      "🔕 @bot-3: 2 h left, by ola",
      "⏸ paused by ola: maintenance",
      "⚙️ max-gas-price-gwei: 90 min left, by ola",
      "⏳ failover by ola: 60 s left",
      "⏳ pause by bob: executing",
      "Wallet 0.0421 ETH",
      "   days left unknown: under 6 h seen",
      "Drill crash: passed 40 d ago, last failed",
      "Drill maintenance: never passed",
      "Drill partition: passed 9 d ago",
      "as bot-1 sees it",
    ]);
  });

  test("reads on a phone: no line of ours is long", () => {
    const lines = `${shown()}\n${shown(TROUBLED)}`.split("\n");
    expect(lines.filter((text) => [...text].length > PHONE_COLUMNS)).toEqual([]);
  });

  test("of a storm counts what it does not show", () => {
    const alerts = Array.from({ length: 500 }, (_, index) =>
      alertOf("bot-down", { fingerprint: `bot-down:${index}` }),
    );
    const text = shown({ alerts });
    expect(text).toContain("   … and 495 more");
    expect(text.length).toBeLessThan(1_000);
  });

  test("says what could not be read, and leaves out what there is not", () => {
    const nothing = shown({
      snapshot: undefined,
      leadership: undefined,
      members: [],
      lastDay: undefined,
      runway: undefined,
      alerts: undefined,
      silences: undefined,
      proposals: undefined,
      overrides: undefined,
      drills: undefined,
      isShared: false,
    });
    expect(nothing.split("\n")).toEqual([
      "📋 Daily digest, 2025-11-25",
      "⚠️ The price loop is starting",
      "⚠️ Alerts could not be read",
      "⚠️ Settings of the fleet could not be read",
      "(told by bot-1 alone: no store is shared)",
    ]);
  });
});

describe("its facts", () => {
  test("come from the ports: overrides in force without their values, drills by kind", async () => {
    registerSecret("rpc-key-0123456789");
    const fleet = new FleetOfTellers();
    const nowMs = fleet.clock.wallMs();
    fleet.system.snapshot = snapshotWith({ lastUpdateMs: nowMs - 12_000, priceAgeS: 12n });
    const override = (name: string, untilMs: number) =>
      fleet.server.compareAndSet(
        `fleet/intent/override/${name}`,
        null,
        JSON.stringify({
          id: name,
          by: "ola",
          reason: "drill",
          timestamp: 0,
          name,
          value: "https://rpc.example/rpc-key-0123456789",
          untilChainTimeS: String(Math.floor(untilMs / 1000)),
        }),
      );
    override("extra-jeju-rpc", nowMs + HOUR_MS);
    override("max-gas-price-gwei", nowMs - 1_000);
    fleet.server.compareAndSet("fleet/intent/override/odd", null, "no JSON");
    for (const [daysAgo, passed] of [
      [3, false],
      [20, true],
      [50, true],
    ] as const) {
      const run = { ...drillRun(0, passed), atMs: nowMs - daysAgo * 24 * HOUR_MS };
      fleet.server.compareAndSet(drillRecordName("crash", run.atMs), null, encodeDrillRecord(run));
    }
    fleet.add("bot-1");
    await fleet.strike("daily digest");
    await fleet.clock.advance(1_000);
    await fleet.stop();
    const text = fleet.told[0]?.text ?? "";
    expect(text).toContain("⚙️ extra-jeju-rpc: 60 min left, by ola");
    expect(text).not.toContain("max-gas-price-gwei");
    expect(text).not.toContain("rpc.example");
    expect(text).toContain("Drill crash: passed 20 d ago, last failed");
  });

  test("that cannot be had, or hang, leave the others", async () => {
    const system = new FakeSystem();
    const log = captureLog();
    const sources: DigestSources = {
      view: { ...system.view(), logger: log.logger },
      alerts: { list: () => new Promise(() => undefined), silences: async () => [] },
      proposals: { pending: () => Promise.reject(new Error("the store is away")) },
    };
    const gathering = gatherFacts(sources);
    await system.clock.advance(10_000);
    const facts = await gathering;
    expect([facts.alerts, facts.proposals, facts.silences]).toEqual([undefined, undefined, []]);
    expect(log.matching("without one of its facts")).toHaveLength(2);
  });

  test("/digest tells them at once, to whoever may read", async () => {
    const system = new FakeSystem();
    const context = {
      view: system.view(),
      alerts: { list: async () => [], silences: async () => [] },
      proposals: { pending: async () => [] },
    } as unknown as Parameters<typeof digest.run>[0];
    const asking = {
      principal: undefined,
      displayName: "vic",
      place: { platform: "telegram", chatId: "1" },
    } as const;
    const answer = await digest.run(context, [], asking);
    expect(textOf(answer ?? { lines: [] })).toStartWith("📋 Digest\n✅ Price updated 12 s ago\n");
    expect([digest.role, digest.changes]).toEqual(["viewer", false]);
  });
});
