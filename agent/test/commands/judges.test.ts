import { describe, expect, test } from "bun:test";
import type { IntentReceipt } from "@jeju-oracle/kit";
import { encodeReport } from "../../../plugins/leader-lock/src/fleet/member-record.ts";
import { fleetOffice } from "../../../plugins/leader-lock/src/fleet-office.ts";
import {
  identityOf,
  type RecordedFleet,
  reportWith,
  TIMING,
  twoBots,
} from "../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import { judgeFailover } from "../../src/commands/failover.ts";
import { judgeForced } from "../../src/commands/force-leader.ts";
import { judgeRestart } from "../../src/commands/restart.ts";
import { judgeDirective } from "../../src/commands/support/directive.ts";
import type { Judge, Verdict } from "../../src/commands/support/waiting.ts";

const ASKED = { by: "ana@ops-1", reason: "drill" };
const OTHER = { by: "ben@ops-2", reason: "another drill" };

async function judged(fleet: RecordedFleet, judge: Judge, elapsedMs = 100): Promise<Verdict> {
  return judge(await fleetOffice(fleet.access(), TIMING).report(), elapsedMs);
}

const controlOf = (fleet: RecordedFleet) => fleetOffice(fleet.access(), TIMING).control;

describe("a failover", () => {
  const asked = async (to: string | undefined) => {
    const fleet = twoBots();
    const receipt = await controlOf(fleet).failover({ to, ...ASKED });
    return { fleet, judge: judgeFailover(to, receipt), receipt };
  };

  test("waits while the leader holds on, and while nobody has claimed what was let go", async () => {
    const { fleet, judge } = await asked("bot-2");
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "waiting",
      text: "waiting for bot-1 to hand over",
    });
    fleet.lease(null);
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "waiting",
      text: "bot-1 let go, waiting for bot-2 to take the lead",
    });
  });

  test("is done when a later term has begun with whom was asked for", async () => {
    const { fleet, judge } = await asked("bot-2");
    fleet.lease(identityOf("bot-2"), { term: 7 });
    expect(await judged(fleet, judge)).toEqual({
      kind: "done",
      success: { text: "bot-2 leads since term 7", data: { leader: "bot-2", term: 7, from: "bot-1" } },
    });
  });

  test("without a name is done with anybody but the old leader", async () => {
    const { fleet, judge } = await asked(undefined);
    fleet.lease(identityOf("bot-3"), { term: 8 });
    expect(await judged(fleet, judge)).toMatchObject({ kind: "done" });
    fleet.lease(identityOf("bot-1"), { term: 9, why: "it came back" });
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "refused",
      why: "bot-1 leads since term 9, not another member (it came back)",
    });
  });

  test("has failed when somebody else leads", async () => {
    const { fleet, judge } = await asked("bot-2");
    fleet.lease(identityOf("bot-3"), { term: 7, why: "bot-1 died" });
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "refused",
      why: "bot-3 leads since term 7, not bot-2 (bot-1 died)",
    });
  });

  test("has failed when the leader refused it, with its reason", async () => {
    const { fleet, judge, receipt } = await asked("bot-2");
    const intent = {
      id: receipt.id,
      ...ASKED,
      timestamp: 1,
      forTerm: 6,
      refused: "bot-2 is not fit to lead",
    };
    fleet.put("fleet/intent/failover", JSON.stringify(intent));
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "refused",
      why: "bot-1 did not hand over: bot-2 is not fit to lead",
    });
  });

  test("has failed when somebody asked for another one; the record of an older term does not matter", async () => {
    const { fleet, judge } = await asked("bot-2");
    await controlOf(fleet).failover({ to: undefined, ...OTHER });
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "refused",
      why: "ben@ops-2 asked for another failover meanwhile (another drill)",
    });
    const old = { id: "1", ...OTHER, timestamp: 1, forTerm: 5 };
    fleet.put("fleet/intent/failover", JSON.stringify(old));
    expect(await judged(fleet, judge)).toMatchObject({ kind: "waiting" });
  });
});

describe("a forced leader", () => {
  const asked = async () => {
    const fleet = twoBots();
    const receipt = await controlOf(fleet).forceLeader({ to: "bot-2", ...ASKED });
    return { fleet, judge: judgeForced("bot-2", receipt, 20_000, 5_000) };
  };

  test("is waited for with the reason: first the next renewal, then the end of the lease, then the new leader", async () => {
    const { fleet, judge } = await asked();
    const text = async (elapsedMs: number) => {
      const verdict = await judged(fleet, judge, elapsedMs);
      return verdict.kind === "waiting" ? verdict.text : verdict.kind;
    };
    expect(await text(1_000)).toBe("waiting for bot-1 to let go at its next renewal");
    expect(await text(8_000)).toBe("bot-1 does not answer; its lease runs out in 12 s");
    expect(await text(20_000)).toBe("the lease of bot-1 has run out, waiting for bot-2");
    fleet.lease(null, { nominee: "bot-2" });
    expect(await text(1_000)).toBe("bot-1 let go, waiting for bot-2 to take the lead");
  });

  test("is done when it leads, and has failed when another one does", async () => {
    const { fleet, judge } = await asked();
    fleet.lease(identityOf("bot-2"), { term: 7 });
    expect(await judged(fleet, judge)).toMatchObject({ kind: "done" });
    fleet.lease(identityOf("bot-1"), { term: 8 });
    expect(await judged(fleet, judge)).toMatchObject({ kind: "refused" });
  });

  test("has failed when another one was forced meanwhile", async () => {
    const { fleet, judge } = await asked();
    fleet.member(identityOf("bot-3"));
    await controlOf(fleet).forceLeader({ to: "bot-3", ...OTHER });
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "refused",
      why: "the lease now names bot-3 (forced to bot-3 by ben@ops-2: another drill)",
    });
  });
});

describe("a pause", () => {
  const asked = async (kind: "pause" | "resume" = "pause") => {
    const fleet = twoBots();
    const receipt = await (kind === "pause" ? controlOf(fleet).pause(ASKED) : controlOf(fleet).resume(ASKED));
    const judge = judgeDirective({ kind, effect: "The fleet obeys", receipt, obeyWithinMs: 20_000 });
    return { fleet, receipt, judge };
  };
  const leaderReports = (fleet: RecordedFleet, receipt: IntentReceipt, changes = {}) =>
    fleet.lease(identityOf("bot-1"), {
      report: encodeReport(reportWith({ directiveId: receipt.id, ...changes })),
    });
  const followerReports = (fleet: RecordedFleet, receipt: IntentReceipt, changes = {}) =>
    fleet.member(identityOf("bot-2"), { report: reportWith({ directiveId: receipt.id, ...changes }) });

  test("is waited for until the leader obeys: what followers say is not enough", async () => {
    const { fleet, receipt, judge } = await asked();
    followerReports(fleet, receipt);
    expect(await judged(fleet, judge)).toMatchObject({ kind: "waiting", text: "waiting for bot-1 to obey" });
    expect(await judged(fleet, judge, 20_000)).toMatchObject({ kind: "unconfirmed" });
  });

  test("is not done while the leader has a transaction in flight, however long that takes", async () => {
    const { fleet, receipt, judge } = await asked();
    leaderReports(fleet, receipt, { inFlight: true });
    followerReports(fleet, receipt);
    expect(await judged(fleet, judge, 60_000)).toMatchObject({
      kind: "waiting",
      text: "bot-1 obeys, waiting until its transaction in flight is resolved",
    });
    leaderReports(fleet, receipt);
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "done",
      success: {
        data: { leader: "bot-1", obeyedBy: ["bot-1", "bot-2"], notYetObeyedBy: [], inFlight: false },
      },
    });
  });

  test("waits for followers for a while only, and names those that were not heard from", async () => {
    const { fleet, receipt, judge } = await asked();
    leaderReports(fleet, receipt);
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "settling",
      success: {
        notes: ["Obeyed by bot-1; not heard from yet: bot-2.", "Nothing is in flight."],
        data: { notYetObeyedBy: ["bot-2"] },
      },
    });
    fleet.member(identityOf("bot-2"), { stopped: true });
    expect(await judged(fleet, judge)).toMatchObject({ kind: "done" });
  });

  test("tells of a follower's transaction that may still land", async () => {
    const { fleet, receipt, judge } = await asked();
    leaderReports(fleet, receipt);
    followerReports(fleet, receipt, { inFlight: true });
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "done",
      success: {
        notes: [expect.any(String), "A transaction of bot-2 may still land."],
        data: { inFlight: true },
      },
    });
  });

  test("that nobody can hear is not waited for", async () => {
    const { fleet, judge } = await asked();
    fleet.lease(null);
    for (const bot of ["bot-1", "bot-2"]) fleet.member(identityOf(bot), { stopped: true });
    expect(await judged(fleet, judge)).toMatchObject({ kind: "unconfirmed", why: "no agent runs" });
  });

  test("waits for an election when nobody leads", async () => {
    const { fleet, judge } = await asked();
    fleet.lease(null);
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "waiting",
      text: "nobody leads, waiting for bot-1, bot-2 to elect",
    });
  });

  test("has failed when somebody resumed meanwhile", async () => {
    const { fleet, judge } = await asked();
    await controlOf(fleet).resume(OTHER);
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "refused",
      why: "ben@ops-2 asked for a resume meanwhile (another drill)",
    });
  });

  test("or rather a resume tells of a leader that is held all the same", async () => {
    const { fleet, receipt, judge } = await asked("resume");
    leaderReports(fleet, receipt, { inFlight: true, pausedBy: "held since a foreign update: 0xabc" });
    followerReports(fleet, receipt);
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "done",
      success: {
        notes: ["Obeyed by bot-1, bot-2.", "bot-1 is still held since a foreign update: 0xabc"],
      },
    });
  });
});

describe("a restart", () => {
  const asked = async () => {
    const fleet = twoBots();
    const receipt = await controlOf(fleet).restart({ botId: "bot-2", ...ASKED });
    return { fleet, judge: judgeRestart(identityOf("bot-2"), receipt) };
  };

  test("tells apart a process that has not ended and one that nobody brought back", async () => {
    const { fleet, judge } = await asked();
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "waiting",
      text: "bot-2 has not ended yet",
      nextStep: expect.stringContaining("by hand"),
    });
    fleet.member(identityOf("bot-2"), { stopped: true });
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "waiting",
      text: "bot-2 ended, and no supervisor has brought it back yet",
      nextStep: "Start its service on host-of-bot-2.",
    });
  });

  test("is done when another process reports under the name, not when that one stopped again", async () => {
    const { fleet, judge } = await asked();
    fleet.member({ ...identityOf("bot-2", "second"), pid: 77 }, { stopped: true });
    expect(await judged(fleet, judge)).toMatchObject({ kind: "waiting" });
    fleet.member({ ...identityOf("bot-2", "second"), pid: 77 });
    expect(await judged(fleet, judge)).toMatchObject({
      kind: "done",
      success: {
        text: "bot-2 runs again as process 77 on host-of-bot-2",
        notes: ["The lead is with bot-1 (term 6)."],
        data: { incarnation: "second", oldIncarnation: "bot-2-first" },
      },
    });
  });
});
