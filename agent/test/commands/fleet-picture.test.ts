import { describe, expect, test } from "bun:test";
import { scrubSecrets } from "@jeju-oracle/kit";
import { encodeReport } from "../../../plugins/leader-lock/src/fleet/member-record.ts";
import { fleetOffice } from "../../../plugins/leader-lock/src/fleet-office.ts";
import { ownProcess } from "../../../plugins/leader-lock/src/identity/own-identity.ts";
import {
  identityOf,
  RecordedFleet,
  reportWith,
  TIMING,
  twoBots,
} from "../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import { type FleetPicture, fleetPicture } from "../../src/commands/support/fleet-picture.ts";
import { fleetLines } from "../../src/commands/support/fleet-text.ts";

/** 2026-03-01T12:00:00Z */
const NOW_MS = 1_772_366_400_000;
const ASKED = { by: "ana@ops-1", reason: "kernel update" };
const PAGE = { columns: 100, colours: false };

/** Two members that reported lately: bot-1 leads, bot-2 follows. */
function liveFleet(): RecordedFleet {
  const fleet = twoBots();
  fleet.lease(identityOf("bot-1"), { timestamp: NOW_MS - 6_000 });
  fleet.member(identityOf("bot-2"), { timestamp: NOW_MS - 3_000 });
  return fleet;
}

async function pictureOf(fleet: RecordedFleet, heard?: ReadonlySet<string>): Promise<FleetPicture> {
  const report = await fleetOffice(fleet.access(), TIMING).report();
  return fleetPicture(report, NOW_MS, TIMING.ttlMs, heard);
}

async function pageOf(fleet: RecordedFleet): Promise<readonly string[]> {
  return fleetLines(await pictureOf(fleet), PAGE);
}

/** The texts under one label, each on one line. */
async function factsOf(fleet: RecordedFleet, label: string): Promise<readonly string[]> {
  const lines = fleetLines(await pictureOf(fleet), { ...PAGE, columns: 1_000 });
  const facts = lines.slice(lines.indexOf("") + 1);
  return facts.filter((line) => line.startsWith(`${label} `)).map((line) => line.slice(10));
}

describe("the page of a healthy fleet", () => {
  test("is a table and what holds for all", async () => {
    expect(await pageOf(liveFleet())).toEqual([
      "MEMBER  HOST           ROLE      STATE    TERM  PRICE ON CHAIN       WOULD PUSH  SEEN     VERSION  CONFIG",
      "bot-1   host-of-bot-1  leader    healthy     6  $3,100.00 $0.124000  -           6 s ago  0.1.0    012345",
      "bot-2   host-of-bot-2  follower  healthy     -  $3,100.00 $0.124000  -           3 s ago  0.1.0    012345",
      "",
      "Leader    bot-1, term 6; its lease ends in 14 s unless renewed",
      "Store     memory://",
      "Updates   running",
      "Note      SEEN is the age of a member's last report by its own clock.",
    ]);
  });

  test("has no colour where none is wanted, and the same words in colour", async () => {
    const picture = await pictureOf(liveFleet());
    const plain = fleetLines(picture, PAGE).join("\n");
    const coloured = fleetLines(picture, { ...PAGE, colours: true }).join("\n");
    expect(plain).not.toContain("\u001b");
    expect(Bun.stripANSI(coloured)).toBe(plain);
    expect(coloured).toContain("\u001b[32mhealthy\u001b[0m");
  });
});

describe("the state of a member", () => {
  const stateOf = async (fleet: RecordedFleet, botId = "bot-2", heard?: ReadonlySet<string>) =>
    (await pictureOf(fleet, heard)).members.find((member) => member.botId === botId);
  const timestamp = NOW_MS - 3_000;

  test("is unhealthy with its reasons, those against its leading included, each once", async () => {
    const fleet = liveFleet();
    const report = reportWith({
      healthy: false,
      unhealthyReasons: ["Base is unreachable"],
      fit: false,
      unfitReasons: ["Base is unreachable", "the key is refused"],
    });
    fleet.member(identityOf("bot-2"), { timestamp, report });
    expect(await stateOf(fleet)).toMatchObject({
      state: "unhealthy",
      role: "follower",
      reasons: ["Base is unreachable", "the key is refused"],
    });
    expect(await factsOf(fleet, "bot-2")).toEqual(["Base is unreachable", "the key is refused"]);
  });

  test("is paused with the reason", async () => {
    const fleet = liveFleet();
    const pausedBy = "held since a foreign update: 0xabc";
    fleet.member(identityOf("bot-2"), { timestamp, report: reportWith({ pausedBy }) });
    expect(await stateOf(fleet)).toMatchObject({ state: "paused", pausedBy });
    expect(await factsOf(fleet, "bot-2")).toEqual([pausedBy]);
  });

  test("is stopped after a goodbye, however long ago, and then its troubles are of no interest", async () => {
    const fleet = liveFleet();
    const report = reportWith({
      healthy: false,
      unhealthyReasons: ["x"],
      pausedBy: "y",
      wouldPush: "heartbeat",
    });
    fleet.member(identityOf("bot-2"), { timestamp: NOW_MS - 90_000_000, stopped: true, report });
    expect(await stateOf(fleet)).toMatchObject({
      state: "stopped",
      role: "none",
      reasons: [],
      pausedBy: null,
    });
    expect((await pageOf(fleet))[2]).toMatch(/^bot-2 +host-of-bot-2 +- +stopped +- .* - +25 h ago/);
  });

  test("is dead where that is proved, although it reported a moment ago", async () => {
    const child = Bun.spawn(["true"]);
    await child.exited;
    const fleet = liveFleet();
    fleet.member({ ...identityOf("bot-2"), process: { ...ownProcess()!, pid: child.pid } }, { timestamp });
    expect(await stateOf(fleet)).toMatchObject({ state: "dead", processDead: true, role: "none" });
    expect((await pageOf(fleet))[2]).toContain("process dead");
  });

  test("is silent after a ttl without a report, unless it was heard meanwhile", async () => {
    const fleet = liveFleet();
    fleet.member(identityOf("bot-2"), { timestamp: NOW_MS - 20_001 });
    expect(await stateOf(fleet)).toMatchObject({ state: "silent", role: "none" });
    expect(await stateOf(fleet, "bot-2", new Set(["bot-2"]))).toMatchObject({ state: "healthy" });
    fleet.member(identityOf("bot-2"), { timestamp: NOW_MS - 20_000 });
    expect(await stateOf(fleet)).toMatchObject({ state: "healthy" });
  });
});

test("long facts are broken at blanks and stay within the page", async () => {
  const fleet = liveFleet();
  const why = "because ".repeat(30);
  fleet.lease(null, { timestamp: NOW_MS, from: "bot-1", why });
  const page = await pageOf(fleet);
  const facts = page.slice(page.indexOf("") + 1);
  expect(
    facts.filter((line) => line.startsWith(" ".repeat(10)) && line.trim() !== "").length,
  ).toBeGreaterThan(1);
  for (const line of facts) expect(line.length).toBeLessThanOrEqual(100);
});

describe("the leader's line", () => {
  test("tells who let go and why when nobody holds the lease", async () => {
    const fleet = liveFleet();
    fleet.lease(null, { timestamp: NOW_MS - 4_000, from: "bot-1", why: "bot-1 shut down", nominee: "bot-2" });
    expect((await pictureOf(fleet)).leader).toBeNull();
    expect(await factsOf(fleet, "Leader")).toEqual([
      "none: bot-1 let go of term 6 4 s ago (bot-1 shut down); bot-2 shall lead next",
    ]);
    expect(await factsOf(fleet, "Updates")).toEqual(["nobody pushes: there is no leader"]);
  });

  test("tells that a lease ran out", async () => {
    const fleet = liveFleet();
    fleet.lease(identityOf("bot-1"), { timestamp: NOW_MS - 25_000 });
    expect(await factsOf(fleet, "Leader")).toEqual(["none: bot-1 held term 6; its lease ran out 5 s ago"]);
  });

  test("tells that it is revoked", async () => {
    const fleet = liveFleet();
    fleet.lease(identityOf("bot-1"), { timestamp: NOW_MS, revoked: true, nominee: "bot-2" });
    expect((await factsOf(fleet, "Leader"))[0]).toContain("revoked in favour of bot-2");
  });

  test("names a leader whose member record is lost, and a store that never saw one", async () => {
    const lost = new RecordedFleet();
    lost.lease(identityOf("bot-1"), { timestamp: NOW_MS });
    expect((await pictureOf(lost)).leader).toBe("bot-1");
    const page = (await pageOf(new RecordedFleet())).join("\n");
    expect(page).toContain("nobody was ever elected in this store");
    expect(page).toContain("LEADER_LOCK_URL");
  });
});

describe("what operators asked for", () => {
  test("a pause: by whom, until when, and who does not obey it yet", async () => {
    const fleet = liveFleet();
    const { control } = fleetOffice(fleet.access(), TIMING);
    const { id } = await control.pause({ ...ASKED, untilChainTimeS: BigInt(NOW_MS / 1_000 + 1_800) });
    const obeying = reportWith({ directiveId: id, pausedBy: "paused by ana@ops-1: kernel update" });
    fleet.lease(identityOf("bot-1"), { timestamp: NOW_MS, report: encodeReport(obeying) });
    expect(await factsOf(fleet, "Updates")).toEqual([
      "paused by ana@ops-1 until 2026-03-01T12:30:00Z chain time: kernel update; not yet obeyed by bot-2",
    ]);
    expect(await factsOf(fleet, "bot-1")).toEqual([]);
    expect((await pictureOf(fleet)).directive).toMatchObject({ id, obeyedBy: ["bot-1"], over: false });
  });

  test("a pause that is over is none, a resume is told, a hold of the leader is no running", async () => {
    const fleet = liveFleet();
    const { control } = fleetOffice(fleet.access(), TIMING);
    await control.pause({ ...ASKED, untilChainTimeS: BigInt(NOW_MS / 1_000) });
    expect(await factsOf(fleet, "Updates")).toEqual(["running"]);
    await control.resume(ASKED);
    expect(await factsOf(fleet, "Updates")).toEqual(["running (resumed by ana@ops-1: kernel update)"]);
    const held = reportWith({ pausedBy: "held since a foreign update: 0xabc" });
    fleet.lease(identityOf("bot-1"), { timestamp: NOW_MS, report: encodeReport(held) });
    expect(await factsOf(fleet, "Updates")).toEqual(["not pushed by bot-1, see below"]);
    expect(await factsOf(fleet, "bot-1")).toEqual(["held since a foreign update: 0xabc"]);
  });

  test("an override with its end; of a URL nothing but scheme and host, in no form of output", async () => {
    const fleet = liveFleet();
    const { control } = fleetOffice(fleet.access(), TIMING);
    const url = "https://ana:pa55word99@rpc.example.com/v2/abcdefghijkl?token=qwertyuiop";
    const untilChainTimeS = BigInt(NOW_MS / 1_000 + 60);
    await control.set({
      name: "extra-base-rpc",
      value: `${url},ftp//key-4711-4711`,
      untilChainTimeS,
      ...ASKED,
    });
    await control.set({ name: "max-gas-price-gwei", value: "200", untilChainTimeS: 5n, ...ASKED });
    expect(await factsOf(fleet, "Override")).toEqual([
      "extra-base-rpc = https://rpc.example.com,[no URL] until 2026-03-01T12:01:00Z chain time, by ana@ops-1: kernel update",
      "max-gas-price-gwei = 200 ended 1970-01-01T00:00:05Z chain time, by ana@ops-1: kernel update",
    ]);
    const all = JSON.stringify(await pictureOf(fleet)) + (await pageOf(fleet)).join("\n");
    for (const secret of ["pa55word99", "abcdefghijkl", "qwertyuiop", "key-4711"]) {
      expect(all).not.toContain(secret);
    }
    expect(scrubSecrets("pa55word99")).toBe("[redacted]");
  });

  test("a failover that waits or was refused; one for an earlier term is void", async () => {
    const fleet = liveFleet();
    const { control } = fleetOffice(fleet.access(), TIMING);
    await control.failover({ to: "bot-2", ...ASKED });
    expect((await factsOf(fleet, "Failover"))[0]).toMatch(
      /^to bot-2, asked .* by ana@ops-1 \(kernel update\);/,
    );
    fleet.put(
      "fleet/intent/failover",
      JSON.stringify({
        id: "1",
        ...ASKED,
        timestamp: NOW_MS - 2_000,
        forTerm: 6,
        refused: "no other is fit",
      }),
    );
    expect(await factsOf(fleet, "Failover")).toEqual([
      "to the best member, asked 2 s ago by ana@ops-1 (kernel update); refused: no other is fit",
    ]);
    fleet.lease(identityOf("bot-2"), { term: 7, timestamp: NOW_MS });
    expect(await factsOf(fleet, "Failover")).toEqual([]);
  });
});

describe("notes", () => {
  test("tell of configurations and versions that differ among the living", async () => {
    const fleet = liveFleet();
    const report = reportWith({ version: "0.2.0", configHash: "ffffffffffff" });
    fleet.member(identityOf("bot-2"), { timestamp: NOW_MS, report });
    fleet.member(identityOf("bot-3"), { stopped: true, report: reportWith({ version: "0.0.1" }) });
    expect((await pictureOf(fleet)).notes).toEqual([
      "Configurations differ: bot-1 0123456789ab, bot-2 ffffffffffff.",
      "Versions differ: bot-1 0.1.0, bot-2 0.2.0.",
    ]);
  });

  test("tell of clocks that are off, in whatever direction", async () => {
    const fleet = liveFleet();
    fleet.lease(identityOf("bot-1"), { timestamp: NOW_MS - 3_600_000 });
    fleet.member(identityOf("bot-2"), { timestamp: NOW_MS + 90_000 });
    expect((await pictureOf(fleet, new Set(["bot-1"]))).notes).toEqual([
      "The clock of bot-1 is about 3600 s slow.",
      "The clock of bot-2 is about 90 s fast.",
    ]);
  });
});

test("text of others cannot drive the terminal or break the page", async () => {
  const fleet = liveFleet();
  const report = reportWith({ healthy: false, unhealthyReasons: ["\u001b]0;owned\u0007\nLeader    evil"] });
  fleet.member(identityOf("bot-2"), { timestamp: NOW_MS, report });
  const page = await pageOf(fleet);
  expect(page.join("")).not.toMatch(/\p{Cc}/u);
  expect(page.filter((line) => line.startsWith("Leader "))).toHaveLength(1);
});
