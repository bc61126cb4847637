import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RealFleet } from "./support/real-fleet.ts";
import { type CliRun, runCli } from "./support/run-cli.ts";

/** Everything here is one story of one fleet: two real agents on real chains, and the command line as a process. */
let fleet: RealFleet;
const TEST_MS = 90_000;

beforeAll(async () => {
  fleet = await RealFleet.start();
}, TEST_MS);

afterAll(() => fleet.stop(), TEST_MS);

const run = (...words: readonly string[]) => runCli(words, fleet.operatorEnv);

/** The one JSON object that a successful command prints, and nothing else. */
async function json(...words: readonly string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await run(...words, "--json");
  if (exitCode !== 0) throw new Error(`${words.join(" ")} ended with ${exitCode}: ${stdout}${stderr}`);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const WHY = ["--reason", "drill", "--yes"];

describe("a fleet of two real agents", () => {
  test(
    "is listed, for people and for scripts",
    async () => {
      const { leader, follower, term } = await fleet.roles();
      const listed = await json("list", "--require-leader");
      expect(listed).toMatchObject({
        leader,
        term,
        directive: null,
        overrides: [],
        failover: null,
        notes: [],
      });
      expect(listed.members).toMatchObject(
        [leader, follower].sort().map((botId) => ({
          botId,
          role: botId === leader ? "leader" : "follower",
          state: "healthy",
          term: botId === leader ? term : null,
          chainEthUsd8: expect.stringMatching(/^\d+$/),
          processDead: false,
        })),
      );
      const { stdout } = await run("list");
      expect(stdout).toMatch(
        new RegExp(`^${leader} .* leader +healthy +${term} +\\$[\\d,.]+ \\$[\\d.]+ `, "m"),
      );
      expect(stdout).toContain("Updates   running\n");
    },
    TEST_MS,
  );

  test(
    "hands over on failover, within a ttl, and the new leader pushes",
    async () => {
      const { leader, follower, term } = await fleet.roles();
      const { exitCode, stdout, stderr } = await run("failover", "--to", follower, ...WHY);
      expect(stderr).toBe("");
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(
        new RegExp(`^${follower} leads since term ${term + 1}, \\d+(\\.\\d)? s after the request\\.\n$`),
      );
      const updates = await fleet.updates();
      while ((await fleet.updates()) === updates) await Bun.sleep(50);
      expect(await json("list")).toMatchObject({ leader: follower, term: term + 1, lease: { from: leader } });
    },
    TEST_MS,
  );

  test(
    "pauses: nothing lands any more, until it is resumed",
    async () => {
      const paused = await json("pause", "--for", "30m", ...WHY);
      expect(paused).toMatchObject({ ok: true, obeyedBy: ["bot-1", "bot-2"], inFlight: false });
      const updates = await fleet.updates();
      const listed = await json("list");
      expect(listed.directive).toMatchObject({
        kind: "pause",
        reason: "drill",
        obeyedBy: ["bot-1", "bot-2"],
      });
      // Three heartbeats.
      await Bun.sleep(3_000);
      expect(await fleet.updates()).toBe(updates);
      expect(await json("resume", ...WHY)).toMatchObject({ ok: true, obeyedBy: ["bot-1", "bot-2"] });
      while ((await fleet.updates()) === updates) await Bun.sleep(50);
    },
    TEST_MS,
  );

  test(
    "takes a setting over, and gives it back",
    async () => {
      const words = ["set", "max-gas-price-gwei", "200", "--for", "2h", ...WHY];
      expect(await json(...words)).toMatchObject({ ok: true, name: "max-gas-price-gwei", value: "200" });
      for (const { agent } of fleet.bots.values()) {
        expect(JSON.parse(await agent.line("Override in force"))).toMatchObject({
          name: "max-gas-price-gwei",
          value: "200",
        });
      }
      expect((await json("list")).overrides).toMatchObject([{ name: "max-gas-price-gwei", value: "200" }]);
      await json("set", "max-gas-price-gwei", "--clear", "--yes");
      for (const { agent } of fleet.bots.values()) await agent.line("Override ended");
      expect((await json("list")).overrides).toEqual([]);
    },
    TEST_MS,
  );

  test(
    "restarts one agent, whose supervisor brings it back as another process",
    async () => {
      const { follower } = await fleet.roles();
      const { pid } = fleet.bot(follower).agent;
      const result = await json("restart", follower, ...WHY);
      expect(result).toMatchObject({ ok: true, botId: follower, pid: fleet.bot(follower).agent.pid });
      expect(result.pid).not.toBe(pid);
      await fleet.until(({ members }) => members.every(({ report }) => report.healthy));
    },
    TEST_MS,
  );

  test(
    "gets another leader by force while the old one hangs, once its lease has run out",
    async () => {
      const { leader, follower, term } = await fleet.roles();
      fleet.bot(leader).agent.signal("SIGSTOP");
      let forced: CliRun;
      try {
        forced = await run("force-leader", follower, ...WHY, "--json");
      } finally {
        fleet.bot(leader).agent.signal("SIGCONT");
      }
      expect(forced.exitCode).toBe(0);
      expect(JSON.parse(forced.stdout)).toMatchObject({ ok: true, leader: follower, from: leader });
      const { elapsedMs } = JSON.parse(forced.stdout) as { elapsedMs: number };
      expect(elapsedMs).toBeGreaterThan(3_000);
      const report = await fleet.until(({ lease }) => lease?.holder?.botId === follower);
      expect(report.lease?.term).toBeGreaterThan(term);
    },
    TEST_MS,
  );

  test(
    "refuses what makes no sense, with exit code 1 and the names there are",
    async () => {
      const { leader } = await fleet.roles();
      const unknown = await run("failover", "--to", "bot-9", ...WHY);
      expect([unknown.exitCode, unknown.stdout]).toEqual([1, ""]);
      expect(unknown.stderr).toBe(
        "oracle-agent: there is no member bot-9\nName a member: members are bot-1, bot-2.\n",
      );
      const same = await run("force-leader", leader, ...WHY, "--json");
      expect(same.exitCode).toBe(1);
      expect(JSON.parse(same.stdout)).toMatchObject({
        ok: false,
        error: { code: "intent-refused", message: `${leader} leads already` },
      });
    },
    TEST_MS,
  );

  test(
    "with every agent stopped can still be listed, and its history read; orders wait",
    async () => {
      await Promise.all([...fleet.bots.values()].map((bot) => bot.stop()));
      const listed = await json("list");
      expect(listed).toMatchObject({ leader: null, members: [{ state: "stopped" }, { state: "stopped" }] });
      expect((await run("list", "--require-leader")).exitCode).toBe(1);
      const { terms } = (await json("history")) as { terms: { term: number; why: string }[] };
      expect(terms.map(({ term }) => term)).toEqual(terms.map((_, index) => index + 1));
      expect(terms[1]?.why).toMatch(/^failover to bot-\d by ana@.+: drill$/);
      expect(terms.some(({ why }) => /^forced to bot-\d by ana@.+: drill$/.test(why))).toBe(true);
      const table = (await run("history", "--limit", "1")).stdout.trimEnd().split("\n");
      expect(table).toHaveLength(2);
      expect((await run("failover", ...WHY)).exitCode).toBe(1);
      expect((await run("restart", "bot-1", ...WHY)).stderr).toContain("bot-1 is not running");
      const paused = await run("pause", ...WHY, "--json");
      expect(paused.exitCode).toBe(75);
      expect(JSON.parse(paused.stdout)).toMatchObject({
        ok: false,
        outcome: "unconfirmed",
        why: "no agent runs",
      });
    },
    TEST_MS,
  );

  test(
    "an agent that starts obeys the pause that was written meanwhile",
    async () => {
      const updates = await fleet.updates();
      fleet.bot("bot-1").start();
      const report = await fleet.until(({ members }) =>
        members.some(
          ({ identity, report: { pausedBy } }) => identity.botId === "bot-1" && pausedBy !== undefined,
        ),
      );
      expect(report.orders.directive).toMatchObject({ kind: "pause" });
      expect(await fleet.updates()).toBe(updates);
    },
    TEST_MS,
  );
});
