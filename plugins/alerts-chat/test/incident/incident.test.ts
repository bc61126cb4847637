import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerSecret, silentLogger } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import type { Alert } from "../../src/alerts/alert.ts";
import { Ledger } from "../../src/alerts/ledger.ts";
import { AuditLog } from "../../src/audit/audit-log.ts";
import type { Incident, Part } from "../../src/incident/incident.ts";
import { incidentPage } from "../../src/incident/incident-page.ts";
import { mergeAlerts, readAudits, readLedgers } from "../../src/incident/read-files.ts";
import { longestGap, timelineOf } from "../../src/incident/timeline.ts";

const directory = mkdtempSync(join(tmpdir(), "incident-"));
afterAll(() => rmSync(directory, { recursive: true }));
const fresh = () => mkdtempSync(join(directory, "state-"));

function alertWith(changes: Partial<Alert> = {}): Alert {
  return {
    fingerprint: "price-stale",
    episode: 1,
    nonce: "n",
    rule: "price-stale",
    severity: "critical",
    summary: "The price is stale",
    nextStep: "Look",
    wordedAtMs: 2_000,
    raisers: { "bot-1": { severity: "critical", sinceMs: 2_000, atMs: 2_000 } },
    startedAtMs: 2_000,
    returns: 0,
    acknowledgementAtMs: 0,
    slots: {},
    ...changes,
  };
}

function part<Item>(...items: readonly Item[]): Part<Item> {
  return { sources: [{ name: "here", problem: undefined }], items };
}

function incidentWith(changes: Partial<Incident> = {}): Incident {
  const period = { sinceMs: 1_000, untilMs: 61_000, madeAtMs: 70_000 };
  return { ...period, alerts: part(), actions: part(), terms: part(), prices: part(), ...changes };
}

function priceAt(atMs: number) {
  return {
    atMs,
    ethUsd8: 324_567_000_000n,
    elizaUsd8: 8_420_000n,
    transactionHash: "0xab",
    by: "bot-1 in term 6",
  };
}

describe("the timeline", () => {
  test("has beginning, messages, acknowledgement and end of an alert, in the order of time", () => {
    const alert = alertWith({
      acknowledged: { by: "ana", atMs: 20_000 },
      acknowledgementAtMs: 20_000,
      resolvedAtMs: 32_000,
      slots: {
        "telegram/critical": { state: "sent", by: "bot-1", atMs: 3_000, shown: "active:critical" },
        "discord/critical": { state: "sending", by: "bot-1", atMs: 3_100, shown: "active:critical" },
        "telegram/escalation-1": { state: "sent", by: "bot-1", atMs: 9_000, shown: "active:critical" },
      },
    });
    const term = { term: 7, leader: "bot-2", from: "bot-1", why: "failover", timestamp: 10_000 };
    const entries = timelineOf(
      incidentWith({ alerts: part(alert), terms: part(term), prices: part(priceAt(5_000)) }),
    );
    expect(entries.map(({ atMs, who, what }) => [atMs, who, what.replace(/ \([0-9a-f]{6}\)$/, "")])).toEqual([
      [2_000, "bot-1", "critical: The price is stale"],
      [3_000, "", "told to telegram"],
      [5_000, "bot-1 in term 6", "ETH $3,245.67, elizaOS $0.0842 in 0xab"],
      [9_000, "", "told to telegram as escalation-1"],
      [10_000, "bot-2", "leads term 7, after bot-1: failover"],
      [20_000, "ana", "acknowledged"],
      [32_000, "", "ended after 30 s: The price is stale"],
    ]);
  });

  test("leaves out what was before and after, but lists an alert that began before and still held", () => {
    const early = alertWith({ startedAtMs: 500 });
    const over = alertWith({ fingerprint: "x", startedAtMs: 100, resolvedAtMs: 900 });
    const incident = incidentWith({ alerts: part(early, over), prices: part(priceAt(999), priceAt(61_001)) });
    expect(timelineOf(incident)).toEqual([]);
    expect(incidentPage(incident).match(/still holds/g)).toHaveLength(1);
    expect(incidentPage(incident)).toContain("Alerts: 1, of them critical 1");
  });

  test("knows the longest time without a price, the ends of the period included", () => {
    const gap = longestGap(incidentWith({ prices: part(priceAt(11_000), priceAt(15_000)) }));
    expect(gap).toEqual({ fromMs: 15_000, toMs: 61_000 });
    expect(longestGap(incidentWith())).toBeUndefined();
  });
});

describe("the page", () => {
  test("names every source that is missing before anything else", () => {
    const missing = { sources: [{ name: "the store", problem: "missing: it does not answer" }], items: [] };
    const page = incidentPage(incidentWith({ alerts: missing }));
    expect(page.indexOf("the store: missing: it does not answer")).toBeGreaterThan(0);
    expect(page.indexOf("Not complete")).toBeLessThan(page.indexOf("At a glance"));
    expect(incidentPage(incidentWith())).not.toContain("Not complete");
  });

  test("shows foreign text as text, on one line, and no secret", () => {
    registerSecret("hunter2hunter2");
    const summary = "a | b\n# <img src=x> [click](http://evil) `rm` hunter2hunter2";
    const page = incidentPage(incidentWith({ alerts: part(alertWith({ summary })) }));
    expect(page).toContain("a \\| b \\# \\<img src=x\\> \\[click\\](http://evil) \\`rm\\` [redacted]");
    expect(page).not.toContain("hunter2");
  });
});

describe("files in STATE_DIR", () => {
  test("ledgers give what holds and the episodes that ended, of every agent of the host, each once", () => {
    const state = fresh();
    for (const bot of ["bot-1", "bot-2"]) {
      const ledger = new Ledger(join(state, `alerts-${bot}.sqlite`), silentLogger);
      ledger.load();
      ledger.save([{ alert: alertWith({ resolvedAtMs: 9_000 }), dirty: false, isNew: true }], []);
      ledger.save([{ alert: alertWith({ episode: 2, startedAtMs: 30_000 }), dirty: true, isNew: true }], []);
      ledger.close();
    }
    const { items, sources } = readLedgers(state);
    expect(items.map(({ episode }) => episode).toSorted()).toEqual([1, 2]);
    expect(sources.map(({ problem }) => problem)).toEqual([undefined, undefined]);
  });

  test("a ledger can be read while its agent has it open, and is not changed", () => {
    const state = fresh();
    const ledger = new Ledger(join(state, "alerts-bot-1.sqlite"), silentLogger);
    ledger.load();
    ledger.save([{ alert: alertWith(), dirty: true, isNew: true }], []);
    expect(readLedgers(state).items).toHaveLength(1);
    ledger.save([{ alert: alertWith({ fingerprint: "other" }), dirty: true, isNew: true }], []);
    expect(readLedgers(state).items).toHaveLength(2);
    ledger.close();
  });

  test("what is absent, empty, damaged or of another version is named, and the rest is read", () => {
    expect(readLedgers(join(directory, "nowhere")).sources[0]?.problem).toContain("no such directory");
    const state = fresh();
    expect(readLedgers(state).sources[0]?.problem).toContain("there are none");
    expect(readAudits(state).sources[0]?.problem).toContain("there are none");
    writeFileSync(join(state, "alerts-bot-1.sqlite"), "this is no database, and long enough to be looked at");
    new Database(join(state, "alerts-bot-2.sqlite"), { create: true }).exec("CREATE TABLE x(y)");
    const { sources, items } = readLedgers(state);
    expect(items).toEqual([]);
    expect(sources.map(({ problem }) => problem?.startsWith("missing: "))).toEqual([true, true]);
  });

  test("a line that was changed in an audit is told, and the audit is still read", () => {
    const state = fresh();
    const path = join(state, "audit-bot-1.jsonl");
    const log = new AuditLog(path, "bot-1", new SimulatedClock());
    for (const detail of ["one", "two", "three"]) log.write({ who: "ana", what: "verified", detail });
    expect(readAudits(state).sources[0]?.problem).toBeUndefined();
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace("two", "2"));
    const { items, sources } = readAudits(state);
    expect(items.map(({ detail }) => detail)).toEqual(["one", "2", "three"]);
    expect(sources[0]?.problem).toBe("its chain is broken at line 3: something was changed or taken out");
  });
});

test("copies of one episode become one, in whatever order they come", () => {
  const ended = alertWith({
    resolvedAtMs: 9_000,
    raisers: { "bot-1": { severity: "critical", sinceMs: 2_000, atMs: 9_000, endedAtMs: 9_000 } },
  });
  for (const copies of [
    [alertWith(), ended],
    [ended, alertWith()],
  ]) {
    expect(mergeAlerts(copies).map(({ resolvedAtMs }) => resolvedAtMs)).toEqual([9_000]);
  }
});
