/** What a person can do to the network of `npm start`, without the network. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseOperators } from "../../../plugins/alerts-chat/src/people/operators-file.ts";
import { operatorsEnv } from "../src/show/operators-file.ts";
import { ScenarioCommands, scenarioHelp } from "../src/show/scenario-commands.ts";

function createStage({ pause = async () => undefined as undefined } = {}) {
  const done: string[] = [];
  const note = (what: string) => () => void done.push(what);
  const commands = new ScenarioCommands({
    agents: [],
    net: {
      feed: { stall: note("stall"), unstall: note("unstall") },
      jeju: {
        async pause() {
          done.push("pause");
          await pause();
        },
        resume: note("resume"),
      },
    },
    market: { crash: note("crash") },
    tell: note("tell"),
    signal: AbortSignal.abort(),
  });
  return { commands, done };
}

describe("scenario commands", () => {
  test("each does what it says, and says so", async () => {
    const { commands, done } = createStage();
    for (const typed of ["!stall-feed", "!start-feed", "!stop-jeju", "!start-jeju", "! crash"]) {
      expect((await commands.run(typed)).join()).not.toContain("there is no");
    }
    expect(done).toEqual(["stall", "unstall", "pause", "resume", "crash"]);
  });

  test("!help names every command in a line that fits 80 columns beside the name", async () => {
    const { commands } = createStage();
    const help = await commands.run("!help");
    expect(help).toEqual(scenarioHelp());
    expect(help.map((line) => line.split(" ")[0])).toEqual([
      "!kill-leader",
      "!stall-feed",
      "!start-feed",
      "!stop-jeju",
      "!start-jeju",
      "!crash",
    ]);
    for (const line of help) expect(line.length).toBeLessThan(70);
  });

  test("what there is not is said, also for names that every object has", async () => {
    const { commands, done } = createStage();
    for (const typed of ["!explode", "!constructor", "!toString"])
      expect(await commands.run(typed)).toEqual([`there is no ${typed}; !help lists what there is`]);
    expect(done).toEqual([]);
  });

  test("the same command does not run twice at a time", async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { commands, done } = createStage({ pause: () => promise });
    const first = commands.run("!stop-jeju");
    expect(await commands.run("!stop-jeju")).toEqual(["!stop-jeju is not over yet"]);
    resolve(undefined);
    await first;
    await commands.run("!stop-jeju");
    expect(done).toEqual(["pause", "pause"]);
  });

  test("one that fails says why, and can be tried again", async () => {
    const { commands } = createStage({ pause: () => Promise.reject(new Error("anvil is gone")) });
    for (const _ of [1, 2])
      expect(await commands.run("!stop-jeju")).toEqual(["!stop-jeju failed: anvil is gone"]);
  });

  test("without a leader to kill, that is said", async () => {
    const { commands } = createStage();
    expect(await commands.run("!kill-leader")).toEqual(["nobody took over in time"]);
  });
});

test("the operators file names `you` as approver, for the agents' console, and only its owner may read it", () => {
  const directory = mkdtempSync(join(tmpdir(), "operators-"));
  try {
    const { OPERATORS_FILE = "", CONSOLE_OPERATOR } = operatorsEnv(directory);
    expect(statSync(OPERATORS_FILE).mode & 0o777).toBe(0o600);
    const people = parseOperators(OPERATORS_FILE, readFileSync(OPERATORS_FILE, "utf8"));
    expect(people.byId(CONSOLE_OPERATOR ?? "")).toMatchObject({ id: "you", role: "approver" });
    expect(people.oncall).toEqual(["you"]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
