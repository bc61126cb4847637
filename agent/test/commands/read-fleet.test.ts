import { describe, expect, test } from "bun:test";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { recordTerm } from "../../../plugins/leader-lock/src/fleet/history.ts";
import {
  identityOf,
  RecordedFleet,
  twoBots,
} from "../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import { history } from "../../src/commands/history.ts";
import { list } from "../../src/commands/list.ts";
import { FakeTerminal, inputOf, pass, sessionOn } from "./support/fake-session.ts";

/** 2026-03-01T12:00:00Z */
const NOW_MS = 1_772_366_400_000;

function fleetLedAt(timestamp: number): RecordedFleet {
  const fleet = twoBots();
  fleet.lease(identityOf("bot-1"), { timestamp });
  fleet.member(identityOf("bot-2"), { timestamp: NOW_MS });
  return fleet;
}

describe("list", () => {
  test("answers at once when nothing is doubtful, and tells scripts the same", async () => {
    const clock = new SimulatedClock(NOW_MS);
    const result = await list(inputOf("list"), sessionOn(fleetLedAt(NOW_MS - 2_000), { clock }));
    expect(result).toMatchObject({ exitCode: 0, failed: false, data: { leader: "bot-1", term: 6 } });
    expect(JSON.parse(JSON.stringify(result.data))).toEqual(result.data);
  });

  test("does not believe a slow clock that its leader is gone: it hears the renewal", async () => {
    const hourAgoMs = NOW_MS - 3_600_000;
    const fleet = fleetLedAt(hourAgoMs);
    const clock = new SimulatedClock(NOW_MS);
    const terminal = new FakeTerminal();
    const listed = list(inputOf("list"), sessionOn(fleet, { clock, terminal }));
    await pass(clock, 3_000);
    expect(terminal.statuses.at(-1)).toContain("bot-1 seems silent");
    fleet.lease(identityOf("bot-1"), { timestamp: hourAgoMs + 3_000 });
    await pass(clock, 1_000);
    const { data } = await listed;
    expect(data).toMatchObject({ leader: "bot-1", notes: ["The clock of bot-1 is about 3600 s slow."] });
  });

  test("says that nobody leads when the renewal does not come within one and a half renewals", async () => {
    const clock = new SimulatedClock(NOW_MS);
    let exitCode: number | undefined;
    const input = inputOf("list", "--require-leader");
    const listed = list(input, sessionOn(fleetLedAt(NOW_MS - 30_000), { clock })).then((result) => {
      ({ exitCode } = result);
      return result;
    });
    await pass(clock, 7_000);
    expect(exitCode).toBeUndefined();
    await pass(clock, 1_000);
    expect((await listed).data).toMatchObject({ leader: null, term: 6 });
    expect(exitCode).toBe(1);
  });

  test("without --require-leader it is no failure of the command that nobody leads", async () => {
    const fleet = fleetLedAt(NOW_MS);
    fleet.lease(null, { timestamp: NOW_MS });
    const clock = new SimulatedClock(NOW_MS);
    expect(await list(inputOf("list"), sessionOn(fleet, { clock }))).toMatchObject({ exitCode: 0 });
    expect(await list(inputOf("list", "--require-leader"), sessionOn(fleet, { clock }))).toMatchObject({
      exitCode: 1,
      failed: false,
    });
  });
});

describe("history", () => {
  async function fleetWithTerms(count: number): Promise<RecordedFleet> {
    const fleet = twoBots();
    for (let term = 1; term <= count; term++) {
      const from = term === 1 ? null : `bot-${term % 2 === 0 ? 1 : 2}`;
      const why = term === 1 ? "first election in this store" : `failover by ana: ${"because ".repeat(20)}`;
      await recordTerm(fleet.access(), {
        term,
        leader: `bot-${term % 2 === 0 ? 2 : 1}`,
        host: "ops-1",
        from,
        why,
        timestamp: NOW_MS - (count - term + 1) * 60_000,
      });
    }
    return fleet;
  }
  const clock = new SimulatedClock(NOW_MS);

  test("tells each term with time, age, leaders and reason, oldest first, in the columns there are", async () => {
    const { lines, data } = await history(inputOf("history"), sessionOn(await fleetWithTerms(2), { clock }));
    expect(lines.slice(0, 2)).toEqual([
      "TERM  SINCE                 AGE        LEADER  FROM   WHY",
      "   1  2026-03-01T11:58:00Z  2 min ago  bot-1   -      first election in this store",
    ]);
    expect(lines[2]).toMatch(
      /^ {3}2 {2}2026-03-01T11:59:00Z {2}60 s ago +bot-2 +bot-1 {2}failover by ana: .*…$/,
    );
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
    expect(data).toMatchObject({
      store: "memory://",
      terms: [
        { term: 1, since: "2026-03-01T11:58:00Z", ageMs: 120_000, from: null },
        { term: 2, leader: "bot-2" },
      ],
    });
  });

  test("shows the newest 20, or as many as wanted", async () => {
    const fleet = await fleetWithTerms(30);
    const terms = async (...words: string[]) => {
      const { data } = await history(inputOf("history", ...words), sessionOn(fleet, { clock }));
      return (data.terms as { term: number }[]).map(({ term }) => term);
    };
    const shown = await terms();
    expect([shown.length, shown[0], shown.at(-1)]).toEqual([20, 11, 30]);
    expect(await terms("--limit", "2")).toEqual([29, 30]);
    expect(await terms("--limit", "200")).toHaveLength(30);
  });

  test("refuses a limit that is no number of terms", async () => {
    for (const limit of ["0", "201", "two", "1.5"]) {
      const shown = history(inputOf("history", "--limit", limit), sessionOn(new RecordedFleet()));
      expect(await shown.catch((error: unknown) => error)).toMatchObject({ code: "wrong-command-line" });
    }
  });

  test("says so when there is none", async () => {
    const { lines, exitCode } = await history(inputOf("history"), sessionOn(new RecordedFleet()));
    expect([lines, exitCode]).toEqual([["No term is recorded in memory://."], 0]);
  });
});
