/** The whole of `npm start`, as a person meets it. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isAlive } from "./support/processes.ts";
import { startShow } from "./support/started.ts";

const REPOSITORY = resolve(import.meta.dir, "../../..");
const DEADLINE_MS = 60_000;
/** Late enough to look around before; the spike still climbs then, so that an update is due every few seconds. */
const KILL_AFTER_S = 10;

test(
  "it shows a fleet and how to try it, kills the leader when asked, tells who took over, and Ctrl-C ends everything",
  async () => {
    await using show = startShow(["--scenario", "spike", "--kill-leader-after", String(KILL_AFTER_S)]);
    const cat = await show.line(/^ {2}cat /, DEADLINE_MS);
    await show.line(/^Ctrl-C here/, DEADLINE_MS);
    const lockFile = /cat (\S+)/.exec(cat)?.[1] ?? "";
    expect(show.output()).toContain(`  rm ${lockFile} `);
    expect(show.output()).toContain(`  LEADER_LOCK_FILE=${lockFile} npm run oracle-agent -- list\n`);
    const first = JSON.parse(readFileSync(lockFile, "utf8")) as { botId: string; pid: number };
    expect(show.output()).toContain(`  kill -9 ${first.pid} `);
    for (const bot of [1, 2]) await show.line(new RegExp(`^bot-${bot} {2}│ .* Agent is ready `), DEADLINE_MS);

    const listed = await listFleet(lockFile);
    for (const bot of ["bot-1", "bot-2"]) expect(listed).toContain(bot);
    const killed = await show.line(/^kill {3}│ the leader /, DEADLINE_MS);
    expect(killed).toBe(`kill   │ the leader ${first.botId} is killed: kill -9 ${first.pid}`);
    await show.line(/^kill {3}│ bot-\d landed the next update \d+\.\d s after the kill /, DEADLINE_MS);
    const second = JSON.parse(readFileSync(lockFile, "utf8")) as { botId: string; pid: number };
    expect(second.botId).not.toBe(first.botId);
    expect(show.output()).toContain(`kill   │ ${second.botId} leads, term 2, `);
    await show.line(new RegExp(`^${second.botId} leads \\| bot-1 `), DEADLINE_MS);

    show.signal("SIGINT");
    expect(await show.exited).toBe(0);
    expect(show.output()).toEndWith("Stopped, nothing is left running.\n");
    expect(show.output()).not.toContain("\u001b");
    expect(await isAlive(second.pid)).toBe(false);
    expect(existsSync(dirname(lockFile))).toBe(false);
  },
  3 * DEADLINE_MS,
);

test(
  "a failover that did not happen in the time given ends with exit code 1 and says so",
  async () => {
    await using show = startShow(["--bots", "1", "--kill-leader-after", "1", "--seconds", "4"]);
    expect(await show.exited).toBe(1);
    expect(show.output()).toContain("The time was over before another agent had updated the oracle.");
    expect(show.output()).toEndWith("Stopped, nothing is left running.\n");
  },
  DEADLINE_MS,
);

/** What the command prints that the hints name. */
async function listFleet(lockFile: string): Promise<string> {
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn([process.execPath, "agent/src/cli.ts", "list"], {
    cwd: REPOSITORY,
    env: { PATH, HOME, LEADER_LOCK_FILE: lockFile },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const [printed, code] = await Promise.all([child.stdout.text(), child.exited]);
  expect(code).toBe(0);
  return printed;
}
