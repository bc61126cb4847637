import { describe, expect, test } from "bun:test";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { decodeLease } from "../../../plugins/leader-lock/src/election/lease-record.ts";
import { ORACLE_LEASE } from "../../../plugins/leader-lock/src/fleet/names.ts";
import {
  identityOf,
  type RecordedFleet,
  twoBots,
} from "../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import { failover } from "../../src/commands/failover.ts";
import { forceLeader } from "../../src/commands/force-leader.ts";
import { FakeTerminal, inputOf, pass, sessionOn } from "./support/fake-session.ts";
import { handsOver, intentsIn, letsGo, refusesFailovers } from "./support/scripted-agents.ts";

const WHY = ["--reason", "kernel update"];
const toBot2 = inputOf("failover", "--to", "bot-2", ...WHY);

/** Rejections by their messages. */
async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "it was done",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe("failover", () => {
  test("asks with both names and the term, and tells the new leader and how long it took", async () => {
    const fleet = twoBots();
    handsOver(fleet);
    const terminal = new FakeTerminal("y");
    const result = await failover(toBot2, sessionOn(fleet, { terminal }));
    expect(terminal.questions).toEqual([
      "This hands the lead from bot-1 (term 6) to bot-2. Continue? [y/N] ",
    ]);
    expect(result.lines).toEqual([
      expect.stringMatching(/^bot-2 leads since term 7, 0(\.\d)? s after the request\.$/),
    ]);
    expect(result).toMatchObject({
      exitCode: 0,
      failed: false,
      data: {
        ok: true,
        outcome: "done",
        command: "failover",
        requestTerm: 6,
        leader: "bot-2",
        term: 7,
        from: "bot-1",
      },
    });
  });

  test("changes nothing when the person declines", async () => {
    const fleet = twoBots();
    expect(await messageOf(failover(toBot2, sessionOn(fleet, { terminal: new FakeTerminal("n") })))).toBe(
      "not confirmed",
    );
    expect(intentsIn(fleet)).toEqual([]);
  });

  test("asks nothing when it cannot be: unknown bot, nobody leads", async () => {
    const fleet = twoBots();
    const terminal = new FakeTerminal("y");
    const unknown = inputOf("failover", "--to", "bot-9", ...WHY);
    expect(await messageOf(failover(unknown, sessionOn(fleet, { terminal })))).toBe(
      "there is no member bot-9",
    );
    fleet.lease(null);
    expect(await messageOf(failover(toBot2, sessionOn(fleet, { terminal })))).toBe(
      "nobody leads at the moment",
    );
    expect(terminal.questions).toEqual([]);
  });

  test("passes a refusal of the leader on, with exit code 1 and what to do", async () => {
    const fleet = twoBots();
    refusesFailovers(fleet, "bot-2 is not fit to lead: Base is unreachable");
    const result = await failover(toBot2, sessionOn(fleet));
    expect(result.lines).toEqual([
      "Refused: bot-1 did not hand over: bot-2 is not fit to lead: Base is unreachable.",
      "Look at oracle-agent list; force-leader does not ask the leader.",
    ]);
    expect(result).toMatchObject({ exitCode: 1, failed: true, data: { ok: false, outcome: "refused" } });
  });

  test("gives up after ttl, renewal and four polls, with exit code 75: the request stands", async () => {
    const fleet = twoBots();
    const clock = new SimulatedClock();
    const terminal = new FakeTerminal("y");
    let result: Awaited<ReturnType<typeof failover>> | undefined;
    void failover(toBot2, sessionOn(fleet, { clock, terminal })).then((value) => {
      result = value;
    });
    await pass(clock, 28_500);
    expect(result).toBeUndefined();
    expect(terminal.statuses.at(-1)).toMatch(/^ 2[89] s {2}waiting for bot-1 to hand over$/);
    await pass(clock, 1_000);
    expect(result).toMatchObject({ exitCode: 75, failed: true, data: { ok: false, outcome: "unconfirmed" } });
    expect(result?.lines[0]).toMatch(
      /^Not confirmed after 29 s: waiting for bot-1 to hand over\. The request stands in the store\.$/,
    );
    expect(result?.lines[1]).toContain("oracle-agent force-leader");
    expect(intentsIn(fleet)).toEqual(["fleet/intent/failover"]);
  });

  test("bears a store that is away for a while", async () => {
    const fleet = twoBots();
    const clock = new SimulatedClock();
    const terminal = new FakeTerminal("y");
    const done = failover(toBot2, sessionOn(fleet, { clock, terminal }));
    await pass(clock, 1_000);
    fleet.server.faultOf = () => ({ drop: "request" });
    await pass(clock, 5_000);
    expect(terminal.statuses.at(-1)).toContain("the store does not answer");
    fleet.server.faultOf = () => undefined;
    fleet.lease(identityOf("bot-2"), { term: 7 });
    await pass(clock, 1_000);
    expect(await done).toMatchObject({ exitCode: 0, data: { leader: "bot-2" } });
  });

  test("ends with exit code 130 when a person has had enough, and says that the request stands", async () => {
    const fleet = twoBots();
    const interrupt = new AbortController();
    fleet.server.watch("fleet/intent/", () => interrupt.abort());
    const result = await failover(toBot2, sessionOn(fleet, { interrupted: interrupt.signal }));
    expect(result).toMatchObject({ exitCode: 130, failed: true, data: { interrupted: true } });
    expect(result.lines[0]).toMatch(/^Interrupted after .* The request stands in the store\.$/);
  });
});

describe("force-leader", () => {
  const input = inputOf("force-leader", "bot-2", ...WHY);

  test("says what it costs, revokes, and tells who leads", async () => {
    const fleet = twoBots();
    letsGo(fleet);
    const terminal = new FakeTerminal("y");
    const result = await forceLeader(input, sessionOn(fleet, { terminal }));
    expect(terminal.questions[0]).toStartWith(
      "This revokes the lease of bot-1 (term 6) and names bot-2. Nobody pushes until it lets go, or until its lease has run out (20 s).",
    );
    expect(result).toMatchObject({ exitCode: 0, data: { ok: true, leader: "bot-2", term: 7 } });
  });

  test("tells how long an old leader that does not answer may still hold its lease, and waits two ttls", async () => {
    const fleet = twoBots();
    const clock = new SimulatedClock();
    const terminal = new FakeTerminal("y");
    let result: Awaited<ReturnType<typeof forceLeader>> | undefined;
    void forceLeader(input, sessionOn(fleet, { clock, terminal })).then((value) => {
      result = value;
    });
    await pass(clock, 8_000);
    expect(terminal.statuses.at(-1)).toMatch(
      / 8(\.0)? s {2}bot-1 does not answer; its lease runs out in 12 s$/,
    );
    await pass(clock, 36_000);
    expect(result).toBeUndefined();
    await pass(clock, 2_000);
    expect(result).toMatchObject({ exitCode: 75, data: { outcome: "unconfirmed" } });
    expect(result?.lines[0]).toContain("the lease of bot-1 has run out, waiting for bot-2");
  });

  test("names a leader also when nobody leads", async () => {
    const fleet: RecordedFleet = twoBots();
    fleet.lease(null, { from: "bot-1" });
    const clock = new SimulatedClock();
    const terminal = new FakeTerminal("y");
    const done = forceLeader(input, sessionOn(fleet, { clock, terminal }));
    await pass(clock, 1_000);
    expect(terminal.questions[0]).toContain("the lease of nobody (term 6 was let go)");
    expect(decodeLease(fleet.value(ORACLE_LEASE) ?? "")?.nominee).toBe("bot-2");
    fleet.lease(identityOf("bot-2"), { term: 7 });
    await pass(clock, 1_000);
    expect(await done).toMatchObject({ exitCode: 0, data: { from: null } });
  });
});
