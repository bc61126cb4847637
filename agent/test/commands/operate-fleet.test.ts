import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeDrillRecord } from "@jeju-oracle/plugin-alerts-chat/operator";
import { spawnCli } from "../support/spawned-agent.ts";
import { RealFleet } from "./support/real-fleet.ts";
import { runCli } from "./support/run-cli.ts";

/** One story of one fleet: two real agents on real chains, its file store, and the command line as a process beside them. */
let fleet: RealFleet;
const TEST_MS = 90_000;

beforeAll(async () => {
  fleet = await RealFleet.start();
}, TEST_MS);
afterAll(() => fleet.stop(), TEST_MS);

const run = (...words: readonly string[]) => runCli(words, fleet.hostEnv);

async function json(...words: readonly string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await run(...words, "--json");
  if (exitCode !== 0) throw new Error(`${words.join(" ")} ended with ${exitCode}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

const stateFile = (name: string) => join(fleet.hostEnv.STATE_DIR ?? "", name);

describe("beside a fleet of two real agents", () => {
  test(
    "the checks of a runbook see that all is well, from store and chain",
    async () => {
      const { leader } = await fleet.roles();
      const { checks } = (await json("runbook", "split-brain")) as {
        checks: { title: string; ok: boolean; seen: string }[];
      };
      expect(checks.map(({ title, ok }) => [title, ok])).toEqual([
        ["One agent leads, not two", true],
        ["No agent outside this store updates", true],
        ["Store answers", true],
        ["Somebody leads", true],
      ]);
      expect(checks[0]?.seen).toBe(leader);
      const { exitCode, stdout } = await run("runbook", "network_partition", "--verify");
      expect(exitCode).toBe(0);
      expect(stdout).toContain("Network partition: verified.");
    },
    TEST_MS,
  );

  test(
    "drill maintenance hands over, measures it, verifies and writes it down in file and store",
    async () => {
      const { leader, follower } = await fleet.roles();
      const result = await json("drill", "maintenance", "--yes");
      expect(result).toMatchObject({ ok: true, oldLeader: leader, newLeader: follower, problems: [] });
      expect(result.elapsedMs).toBeLessThan(result.totalMs as number);
      const line = readFileSync(stateFile("drills.jsonl"), "utf8").trimEnd();
      const record = decodeDrillRecord(line);
      expect(record).toMatchObject({ drill: "maintenance", passed: true, elapsedMs: result.elapsedMs });
      expect(record?.by).toMatch(/^ana@/);
      const { drills } = await json("drill");
      expect(drills).toMatchObject([{ drill: "crash", last: null }, { last: record }, { last: null }]);
    },
    TEST_MS,
  );

  test(
    "drill crash sees who takes over from a killed leader, that prices go on, and that the old one follows",
    async () => {
      const { leader, follower } = await fleet.roles();
      await using drill = spawnCli(["drill", "crash", "--yes", "--json", "--within", "60s"], fleet.hostEnv);
      await drill.line("Crash the leader");
      const bot = fleet.bot(leader);
      bot.agent.signal("SIGKILL");
      await bot.agent.exited;
      await drill.line("Start the old leader");
      bot.start();
      expect(await drill.exitCode()).toBe(0);
      const output = drill.output();
      const result = JSON.parse(output.slice(output.indexOf("\n{\n") + 1));
      expect(result).toMatchObject({
        ok: true,
        oldLeader: leader,
        newLeader: follower,
        steps: ["another-leads", "price-moves-on", "old-leader-follows"].map(() => ({ outcome: "done" })),
      });
    },
    TEST_MS,
  );

  test(
    "an emergency price is set while the fleet is paused, and stays until it is resumed",
    async () => {
      const env = { ...fleet.hostEnv, OWNER_PRIVATE_KEY: fleet.ownerKey };
      const words = ["emergency-price", "3300", "0.11", "--reason", "feed is wrong", "--yes", "--json"];
      const { exitCode, stdout, stderr } = await runCli(words, env);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        paused: true,
        pause: { obeyedBy: ["bot-1", "bot-2"], gone: [] },
        observed: "on chain: ETH $3,300.00, elizaOS $0.11",
      });
      expect(stderr).toMatch(/^bot-1: ETH \$[\d,.]+ \(yours .*, its last reading$/m);
      expect(stdout + stderr).not.toContain(fleet.ownerKey.slice(2));
      const updates = await fleet.updates();
      // Two heartbeats.
      await Bun.sleep(2_000);
      expect(await fleet.updates()).toBe(updates);
      const stale = await run("runbook", "price-stale", "--verify");
      expect(stale.exitCode).toBe(1);
      expect(stale.stderr).toMatch(
        /❌ Updates are not paused or held: (paused by ana@|held since a foreign update)/,
      );
      await json("resume", "--reason", "feed is right again", "--yes");
      while ((await fleet.updates()) === updates) await Bun.sleep(50);
    },
    TEST_MS,
  );

  test(
    "an incident report tells all of it in order, and names what was tampered with",
    async () => {
      const out = stateFile("incident.md");
      const { exitCode, stdout } = await run("incident", "--since", "30m", "--out", out);
      expect([exitCode, stdout]).toEqual([0, `The report is in ${out}.\n`]);
      const page = readFileSync(out, "utf8");
      expect(page).not.toContain("Not complete");
      const timeline = page.split("\n").filter((line) => line.startsWith("| 20"));
      const times = timeline.map((line) => line.slice(2, 22));
      expect(times).toEqual(times.toSorted());
      const row = (pattern: RegExp) => timeline.findIndex((line) => pattern.test(line));
      const terms = [
        row(/leader \| bot-\d \| leads term 1: /),
        row(/leads term 2, after bot-\d: .*drill maintenance/),
      ];
      const actions = ["confirmed", "executing", "verified"].map((what) =>
        row(new RegExp(`action \\| ana@.* \\| ${what} emergency\\\\_price`)),
      );
      for (const inOrder of [terms, actions]) expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
      const prices = [
        row(/price \| bot-\d in term \d+ \| ETH \$3,\d+\.\d\d, elizaOS /),
        row(/price \| the owner \| ETH \$3,300\.00, elizaOS \$0\.11/),
      ];
      expect([...terms, ...actions, ...prices]).not.toContain(-1);
      expect(page).toMatch(/\| alert \| bot-\d[^|]*\| (critical|warning|info): /);

      const audit = stateFile("audit-command-line.jsonl");
      writeFileSync(audit, readFileSync(audit, "utf8").replace("feed is wrong", "feed is right"));
      const again = await run("incident", "--since", "30m");
      expect(again.stdout).toContain("its chain is broken at line 2");
      expect((await run("incident", "--since", "30m", "--out", out)).exitCode).toBe(1);
    },
    TEST_MS,
  );
});
