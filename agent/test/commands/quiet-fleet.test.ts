import { describe, expect, test } from "bun:test";
import type { FleetReport } from "@jeju-oracle/plugin-leader-lock";
import { fleetReport } from "../../../plugins/leader-lock/src/fleet/fleet-report.ts";
import { FLEET_PREFIX } from "../../../plugins/leader-lock/src/fleet/names.ts";
import {
  identityOf,
  type RecordedFleet,
  reportWith,
  twoBots,
} from "../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import { judgeQuiet, SilenceWatch } from "../../src/commands/support/quiet-fleet.ts";

const TTL_MS = 20_000;
const RECEIPT = { id: "pause-1", term: 6, leaderId: "bot-1" };

function reportOf(fleet: RecordedFleet, dead: readonly string[] = []): FleetReport {
  const report = fleetReport("memory://", fleet.server.list(FLEET_PREFIX), () => "unknown");
  return {
    ...report,
    members: report.members.map((member) =>
      dead.includes(member.identity.botId) ? { ...member, liveness: "dead" } : member,
    ),
  };
}

function judging() {
  let nowMs = 0;
  const judge = judgeQuiet(RECEIPT, new SilenceWatch(), TTL_MS, () => nowMs);
  return (atMs: number, report: FleetReport) => {
    nowMs = atMs;
    const verdict = judge(report, atMs);
    return verdict.kind === "done" ? verdict.success.data : verdict;
  };
}

const obeying = reportWith({ directiveId: "pause-1" });

describe("a paused fleet is quiet", () => {
  test("when everybody there obeys and nothing is in flight", () => {
    const at = judging();
    const fleet = twoBots();
    expect(at(0, reportOf(fleet))).toMatchObject({
      kind: "waiting",
      text: expect.stringContaining("bot-1, bot-2"),
    });
    fleet.lease(null);
    fleet.member(identityOf("bot-1"), { report: obeying });
    fleet.member(identityOf("bot-2"), { report: { ...obeying, inFlight: true } });
    expect(at(100, reportOf(fleet))).toMatchObject({
      kind: "waiting",
      text: expect.stringContaining("bot-2 obey"),
    });
    fleet.member(identityOf("bot-2"), { report: obeying });
    expect(at(200, reportOf(fleet))).toEqual({ obeyedBy: ["bot-1", "bot-2"], gone: [] });
  });

  test("without those who ended, whose process is dead, or who stood still for a whole ttl as watched here", () => {
    const fleet = twoBots();
    const at = judging();
    fleet.member(identityOf("bot-3"), { stopped: true });
    expect(at(0, reportOf(fleet, ["bot-1"]))).toMatchObject({ kind: "waiting" });
    expect(at(TTL_MS - 1, reportOf(fleet, ["bot-1"]))).toMatchObject({ kind: "waiting" });
    expect(at(TTL_MS, reportOf(fleet, ["bot-1"]))).toEqual({
      obeyedBy: [],
      gone: ["bot-1", "bot-2", "bot-3"],
    });
  });

  test("not while somebody is heard who does not obey, however long it takes", () => {
    const fleet = twoBots();
    const at = judging();
    for (let atMs = 0; atMs <= 3 * TTL_MS; atMs += TTL_MS / 2) {
      fleet.member(identityOf("bot-2"), { timestamp: 1_000 + atMs });
      expect(at(atMs, reportOf(fleet))).toMatchObject({ kind: "waiting" });
    }
  });
});
