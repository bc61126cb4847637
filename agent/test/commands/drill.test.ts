import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DRILL_PREFIX, decodeDrillRecord } from "@jeju-oracle/plugin-alerts-chat/operator";
import { twoBots } from "../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import { drill } from "../../src/commands/drill.ts";
import { runbook } from "../../src/commands/runbook.ts";
import { FakeTerminal, inputOf, sessionOn } from "./support/fake-session.ts";
import { reportingAgents } from "./support/reporting-agents.ts";

const directory = mkdtempSync(join(tmpdir(), "drill-"));
afterAll(() => rmSync(directory, { recursive: true }));
const TEST_MS = 30_000;

/** Nobody answers there. */
const DEAF_CHAINS = {
  JEJU_RPC_URLS: "http://127.0.0.1:9",
  BASE_RPC_URLS: "http://127.0.0.1:9",
  ORACLE_ADDRESS: `0x${"55".repeat(20)}`,
};

function setUp(...answers: readonly string[]) {
  const fleet = twoBots();
  const terminal = new FakeTerminal(...answers);
  const STATE_DIR = join(mkdtempSync(join(directory, "host-")), "state");
  return {
    fleet,
    terminal,
    session: sessionOn(fleet, { terminal, env: { ...DEAF_CHAINS, STATE_DIR } }),
    records: () => fleet.server.list(DRILL_PREFIX).map(({ value }) => decodeDrillRecord(value)),
    file: join(STATE_DIR, "drills.jsonl"),
  };
}

describe("a drill", () => {
  test(
    "is not begun while something is not well, and nothing is written",
    async () => {
      const { fleet, session, terminal, records, file } = setUp("y");
      using agents = reportingAgents(fleet);
      agents.change({ fit: false, unfitReasons: ["Jeju is out of reach"] });
      const { exitCode, lines } = await drill(inputOf("drill", "partition"), session);
      expect(exitCode).toBe(1);
      expect(lines.join("\n")).toContain("❌ Every agent reaches its chains: bot-1: Jeju is out of reach");
      expect(lines.at(-1)).toContain("not begun");
      expect([terminal.questions, records(), existsSync(file)]).toEqual([[], [], false]);
    },
    TEST_MS,
  );

  test(
    "that a person gives up is written down as not passed, in store and file",
    async () => {
      const { fleet, session, terminal, records, file } = setUp("y", "stop");
      using _agents = reportingAgents(fleet);
      const { exitCode, data } = await drill(inputOf("drill", "drill-partition"), session);
      expect(exitCode).toBe(1);
      expect(terminal.questions[0]).toContain("This drill (partition) takes the lead from bot-1.");
      expect(terminal.notes.join("\n")).toContain("iptables -A OUTPUT");
      expect(terminal.notes.join("\n")).not.toContain("oracle-agent -- drill");
      expect(data).toMatchObject({ ok: false, steps: [{ outcome: "failed", detail: "stopped by hand" }] });
      expect(records()).toMatchObject([{ drill: "partition", passed: false }]);
      expect(decodeDrillRecord(readFileSync(file, "utf8").trimEnd())).toEqual(records()[0]);
    },
    TEST_MS,
  );

  test(
    "measures from the first sign of the fault to the new leader, and is not passed before the price is seen to be well",
    async () => {
      const { fleet, session, terminal, records } = setUp("y", "");
      using agents = reportingAgents(fleet);
      const running = drill(inputOf("drill", "partition", "--within", "3s"), session);
      const shown = async (text: string) => {
        while (!terminal.notes.some((note) => note.includes(text))) await Bun.sleep(10);
      };
      await shown("With every endpoint cut off");
      agents.change({ fit: false, unfitReasons: ["Jeju is out of reach"] });
      await Bun.sleep(1_000);
      agents.lead("bot-2", 7);
      await shown("Restore the network");
      agents.change({});
      const { exitCode, data } = await running;
      expect(exitCode).toBe(1);
      expect(data).toMatchObject({
        oldLeader: "bot-1",
        newLeader: "bot-2",
        steps: [{ outcome: "done" }, { outcome: "done" }, { outcome: "done" }],
        checks: [{ ok: true }, { ok: true }, { ok: true }, { title: "Price on chain is fresh", ok: null }],
      });
      const [record] = records();
      expect(record?.passed).toBe(false);
      // A look every 400 ms, and the store's hint.
      expect(record?.elapsedMs).toBeGreaterThan(500);
      expect(record?.elapsedMs).toBeLessThan(data.totalMs as number);
    },
    TEST_MS,
  );

  test(
    "ends when what is waited for does not come in time",
    async () => {
      const { fleet, session, records } = setUp("y", "");
      using _agents = reportingAgents(fleet);
      const { data } = await drill(inputOf("drill", "partition", "--within", "1s"), session);
      expect(data).toMatchObject({
        newLeader: null,
        steps: [
          { outcome: "done" },
          { outcome: "failed", detail: expect.stringContaining("took more than 1 s") },
        ],
      });
      expect(records()).toMatchObject([{ passed: false }]);
    },
    TEST_MS,
  );

  test("tells wrong variables before anybody is asked", async () => {
    const { fleet, session, terminal } = setUp("y");
    using _agents = reportingAgents(fleet);
    const error = await drill(inputOf("drill", "crash"), { ...session, env: {} }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "invalid-configuration" });
    expect(terminal.questions).toEqual([]);
  });

  test("of another name is refused with the nearest one", async () => {
    const { session } = setUp();
    const error = await drill(inputOf("drill", "crahs"), session).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "wrong-command-line", nextStep: "Did you mean crash?" });
  });
});

describe("a runbook", () => {
  const away = () => {
    const { office: _office, ...rest } = setUp().session;
    return { ...rest, fleet: undefined, storeProblem: "no route to host" };
  };

  test("opens with neither store nor chain: what cannot be told says so, and what to do stands there", async () => {
    const { exitCode, lines, data } = await runbook(inputOf("runbook", "all-bots-down"), away());
    const page = lines.join("\n");
    expect(exitCode).toBe(0);
    expect(page).toContain("The store does not answer: no route to host");
    expect(page).toContain("❔ Price on chain is fresh: cannot be told:");
    expect(page).toContain('oracle-agent emergency-price ETH ELIZAOS --reason "runbook all-bots-down"');
    expect(page).toContain("ssh bot-1.example.com sudo systemctl start jeju-oracle");
    expect(data.checks).toMatchObject([{ ok: null }, { ok: null }, { ok: null }]);
  });

  test("that cannot be told to be over is not over", async () => {
    const { exitCode, lines } = await runbook(inputOf("runbook", "price-stale", "--verify"), away());
    expect([exitCode, lines.at(-1)]).toEqual([1, "Oracle price stale: not over."]);
  });

  test("knows from the members' clocks standing still here who is gone", async () => {
    const { session } = setUp();
    const { data } = await runbook(inputOf("runbook", "bot-crashed"), {
      ...sessionOn(twoBots(), { timing: { renewMs: 100 } }),
      fleet: sessionOn(twoBots(), { timing: { renewMs: 100 } }),
      storeProblem: undefined,
      env: session.env,
    });
    expect(data.checks).toMatchObject([
      { title: "Every agent is alive", ok: false, seen: "gone: bot-1, bot-2" },
      { title: "Somebody leads", ok: false, seen: "bot-1, term 6, but it is silent" },
      { ok: null },
    ]);
  });

  test("of another name is refused with those that are near", async () => {
    const error = await runbook(inputOf("runbook", "crash"), away()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ nextStep: "Did you mean bot-crashed or drill-crash?" });
  });
});
