import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import { encodeLease } from "../../../plugins/leader-lock/src/election/lease-record.ts";
import { encodeMember } from "../../../plugins/leader-lock/src/fleet/member-record.ts";
import { historyName, memberName, ORACLE_LEASE } from "../../../plugins/leader-lock/src/fleet/names.ts";
import { openStore } from "../../../plugins/leader-lock/src/stores/open-store.ts";
import { identityOf, reportWith } from "../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import { CLI, runCli, TerminalRun } from "./support/run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "cli-process-"));
afterAll(() => rmSync(directory, { recursive: true }));

function open(lockFile: string) {
  return openStore(`file://${lockFile}`, { opTimeoutMs: 3_000, clock: systemClock, logger: silentLogger });
}

/** A file store with two members on other hosts that wrote a moment ago; the first leads. */
async function recordedFleet(): Promise<{ readonly LEADER_LOCK_FILE: string }> {
  const LEADER_LOCK_FILE = join(mkdtempSync(join(directory, "fleet-")), "leader.lock");
  const store = await open(LEADER_LOCK_FILE);
  const signal = new AbortController().signal;
  const timestamp = systemClock.wallMs();
  for (const bot of ["bot-1", "bot-2"]) {
    const record = {
      identity: identityOf(bot),
      stopped: false,
      timestamp,
      nonce: "nonce-0001",
      report: reportWith(),
    };
    await store.cas(memberName(bot), null, encodeMember(record), signal);
  }
  const lease = { term: 6, holder: identityOf("bot-1"), ttlMs: 20_000, timestamp, nonce: "nonce-0002" };
  await store.cas(ORACLE_LEASE, null, encodeLease({ ...lease, why: "first", from: null }), signal);
  await store.close();
  return { LEADER_LOCK_FILE };
}

const WHY = ["--reason", "drill"];

describe("the command line as a process", () => {
  test("needs no variable but the store's, and leaves an empty place empty", async () => {
    const empty = mkdtempSync(join(directory, "empty-"));
    const env = { LEADER_LOCK_FILE: join(empty, "leader.lock") };
    const listed = await runCli(["list", "--json"], env);
    expect(listed.exitCode).toBe(0);
    expect(JSON.parse(listed.stdout)).toMatchObject({ store: `file://${env.LEADER_LOCK_FILE}`, members: [] });
    expect((await runCli(["history"], env)).exitCode).toBe(0);
    expect((await runCli(["pause", ...WHY, "--yes"], env)).stderr).toContain("has never held a fleet");
    expect(readdirSync(empty)).toEqual([]);
  });

  test("without a terminal wants --yes, says what would happen, and changes nothing", async () => {
    const env = await recordedFleet();
    const { exitCode, stdout, stderr } = await runCli(["failover", "--to", "bot-2", ...WHY], env);
    expect([exitCode, stdout]).toEqual([64, ""]);
    expect(stderr).toContain("add --yes to do it all the same");
    expect(stderr).toContain("This hands the lead from bot-1 (term 6) to bot-2.");
    expect(JSON.parse((await runCli(["list", "--json"], env)).stdout)).toMatchObject({ failover: null });
  });

  test("has no colour and no live line where it writes into a pipe", async () => {
    const env = await recordedFleet();
    const listed = await runCli(["list"], env);
    expect(listed.stdout).toContain("bot-1");
    expect(listed.stdout + listed.stderr).not.toContain("\u001b");
  });

  test("wrong variables are 78 with one line each; with --json they are data", async () => {
    const env = { LEADER_LOCK_URL: "redis://ana:hunter2hunter2@db.example.com", LEADER_LOCK_TTL_MS: "soon" };
    const plain = await runCli(["list"], env);
    expect(plain.exitCode).toBe(78);
    expect(plain.stderr).toContain("LEADER_LOCK_TTL_MS: must be a whole number");
    const unknown = await runCli(["list", "--json"], { LEADER_LOCK_URL: env.LEADER_LOCK_URL });
    expect(unknown.exitCode).toBe(78);
    expect(JSON.parse(unknown.stdout)).toMatchObject({
      ok: false,
      error: { code: "invalid-configuration", problems: [{ variable: "LEADER_LOCK_URL" }] },
    });
    expect(plain.stderr + unknown.stdout).not.toContain("hunter2");
  });

  test("a store that does not answer is 69 with what to do, and its password stays hidden", async () => {
    const env = { LEADER_LOCK_URL: "postgres://oracle:hunter2hunter2@127.0.0.1:9/oracle" };
    const { exitCode, stdout, stderr } = await runCli(["list"], env);
    expect([exitCode, stdout]).toEqual([69, ""]);
    expect(stderr.trimEnd().split("\n").length).toBe(2);
    expect(stderr).not.toContain("hunter2");
  });

  test("a store that may not be used is 69 with what to change", async () => {
    const root = mkdtempSync(join(directory, "open-"));
    mkdirSync(join(root, "leader.lock.d"));
    chmodSync(join(root, "leader.lock.d"), 0o777);
    const { exitCode, stderr } = await runCli(["list"], { LEADER_LOCK_FILE: join(root, "leader.lock") });
    expect(exitCode).toBe(69);
    expect(stderr).toContain("chmod 700");
  });

  test("SIGINT ends the waiting, not the request: exit code 130", async () => {
    const env = await recordedFleet();
    const words = ["failover", "--to", "bot-2", ...WHY, "--yes", "--json"];
    const { exitCode, stdout } = await runCli(words, env, async (kill) => {
      const pending = async () =>
        (JSON.parse((await runCli(["list", "--json"], env)).stdout) as { failover: unknown }).failover;
      while ((await pending()) === null) await Bun.sleep(50);
      kill("SIGINT");
    });
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, outcome: "unconfirmed", interrupted: true });
    expect(JSON.parse((await runCli(["list", "--json"], env)).stdout)).toMatchObject({
      failover: { to: "bot-2" },
    });
  });

  test("a long result comes whole, also through a pipe that is read late", async () => {
    const { LEADER_LOCK_FILE } = await recordedFleet();
    const store = await open(LEADER_LOCK_FILE);
    const signal = new AbortController().signal;
    for (let term = 1; term <= 200; term++) {
      const entry = {
        term,
        leader: "bot-1",
        host: "ops-1",
        from: null,
        why: "because ".repeat(80),
        timestamp: 1,
      };
      await store.cas(historyName(term), null, JSON.stringify(entry), signal);
    }
    await store.close();
    const script = `"$0" "$1" history --limit 200 --json | (sleep 0.5; cat)`;
    const child = Bun.spawn(["sh", "-c", script, process.execPath, CLI], {
      env: { LEADER_LOCK_FILE, PATH: process.env.PATH ?? "" },
      stdin: "ignore",
    });
    const text = await new Response(child.stdout).text();
    expect(text.length).toBeGreaterThan(100_000);
    expect((JSON.parse(text) as { terms: unknown[] }).terms).toHaveLength(200);
    expect(await child.exited).toBe(0);
  });
});

describe("on a terminal", () => {
  const asks = "This hands the lead from bot-1 (term 6) to bot-2. Continue? [y/N] ";
  const words = ["failover", "--to", "bot-2", ...WHY];
  const isPending = async (env: { readonly LEADER_LOCK_FILE: string }) =>
    (JSON.parse((await runCli(["list", "--json"], env)).stdout) as { failover: unknown }).failover !== null;

  test("a person is asked, sees what is waited for, and can stop waiting with Ctrl-C", async () => {
    const env = await recordedFleet();
    await using run = new TerminalRun(words, env);
    await run.shown(asks);
    run.type("y\n");
    await run.shown("waiting for bot-1 to hand over");
    expect(await isPending(env)).toBe(true);
    run.type("\u0003");
    expect(await run.exitCode()).toBe(130);
    expect(run.screen).toContain("The request stands in the store.");
  });

  test("no, nothing and Ctrl-C change nothing", async () => {
    const env = await recordedFleet();
    for (const keys of ["n\n", "\n", "\u0004", "\u0003"]) {
      await using run = new TerminalRun(words, env);
      await run.shown(asks);
      run.type(keys);
      expect(await run.exitCode()).toBe(1);
      expect(run.screen).toContain("Nothing was changed.");
    }
    expect(await isPending(env)).toBe(false);
  });

  test("the table is coloured, unless NO_COLOR is set, and as narrow as the terminal", async () => {
    const env = await recordedFleet();
    await using coloured = new TerminalRun(["list"], env);
    expect(await coloured.exitCode()).toBe(0);
    expect(coloured.screen).toContain("\u001b[32mhealthy\u001b[0m");
    await using plain = new TerminalRun(["list"], { ...env, NO_COLOR: "1" });
    expect(await plain.exitCode()).toBe(0);
    expect(plain.screen).not.toContain("\u001b[32m");
    for (const line of plain.screen.split("\r\n")) expect(line.length).toBeLessThanOrEqual(110);
  });
});
