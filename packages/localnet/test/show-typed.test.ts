/** `npm start` on a terminal, typed to by a person; and the consoles of the agents behind it. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import type { ServerLine } from "@jeju-oracle/kit/console";
import { createConsoleChannel } from "../../../plugins/alerts-chat/src/channels/console/index.ts";
import { ConsoleLinks } from "../src/show/console-links.ts";
import { eventually } from "./support/processes.ts";
import { startShowOnTerminal } from "./support/show-terminal.ts";

const DEADLINE_MS = 60_000;

test(
  "on a terminal a person types below the block, the log does not destroy it, and Ctrl-C ends everything",
  async () => {
    await using show = startShowOnTerminal(["--bots", "1"]);
    await show.shows(/Type \/help to speak with the fleet/, DEADLINE_MS);
    show.type("!hel");
    await show.shows(/> !hel\r/, DEADLINE_MS);
    // The block is drawn anew every second, and what was typed stands below it.
    await show.shows(/── bot-1 leads/, DEADLINE_MS);
    await show.shows(/> !hel\r/, DEADLINE_MS);
    show.type("p\r");
    await show.shows(/you {4}│ > !help/, DEADLINE_MS);
    await show.shows(/!kill-leader +kill -9 the leader/, DEADLINE_MS);
    show.type("!stop-jeju\r");
    await show.shows(/you {4}│ Jeju makes no block until !start-jeju/, DEADLINE_MS);
    show.type("!start-jeju\r");
    await show.shows(/you {4}│ Jeju makes blocks again/, DEADLINE_MS);
    show.type("!crash\r");
    await show.shows(/market │ plays "crash"/, DEADLINE_MS);
    await show.shows(/market │ ETH falls from/, DEADLINE_MS);
    show.type("\u0003");
    await show.shows(/Stopped, nothing is left running\./, DEADLINE_MS);
    expect(await show.exited).toBe(0);
  },
  3 * DEADLINE_MS,
);

test("a console is connected when its agent listens, and again when it was started again", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "links-"));
  const controller = new AbortController();
  const heard: string[] = [];
  const note = (botId: string, line: ServerLine) => void heard.push(`${botId} ${line.type}`);
  const channelOf = () =>
    createConsoleChannel({
      stateDir,
      botId: "bot-1",
      operator: "you",
      clock: systemClock,
      logger: silentLogger,
      raise: () => undefined,
    });
  const links = new ConsoleLinks(new Map([["bot-1", join(stateDir, "chat.sock")]]), note, controller.signal);
  try {
    expect(links.act("bot-1", (connection) => connection.say("x"))).toBeUndefined();
    for (const life of [1, 2]) {
      const channel = channelOf();
      channel.start(async (inbound) => {
        await channel.answer(inbound, { lines: [] }, controller.signal);
      });
      await eventually("connected", async () => links.connected.length === 1, 20_000);
      expect(await links.act("bot-1", (connection) => connection.say("x"))).toBe("answered");
      await channel.stop();
      await eventually("disconnected", async () => links.connected.length === 0, 20_000);
      expect(heard).toHaveLength(3 * life);
    }
  } finally {
    controller.abort();
    await links.over;
    rmSync(stateDir, { recursive: true, force: true });
  }
  expect(heard.slice(0, 3)).toEqual(["bot-1 hello", "bot-1 answer", "bot-1 done"]);
}, 60_000);
