/** What is shown of a fleet, from its state alone. */
import { describe, expect, test } from "bun:test";
import { fleetBlock, fleetLine } from "../src/show/fleet-status.ts";
import { type BotState, leaderOf } from "../src/show/fleet-watch.ts";
import type { Health } from "../src/show/health.ts";
import { hints } from "../src/show/hints.ts";
import { botLine, botPaint, namedLine } from "../src/show/log-prefix.ts";

const NOW_MS = Date.parse("2026-01-02T03:04:05Z");
const plain = botPaint(false);

const FOLLOWER: Health = {
  status: "healthy",
  role: "follower",
  term: 3,
  totalUpdates: 0,
  consecutiveFailures: 0,
  priceAgeS: 12,
  lastLookAgeS: 1,
  chainEthUsd8: "324567000000",
  sourceEthUsd8: "324600000000",
  chainElizaUsd8: "10818900",
  sourceElizaUsd8: "10820000",
  decision: { kind: "skip", reason: "not-leader" },
};
const LEADER: Health = {
  ...FOLLOWER,
  role: "leader",
  totalUpdates: 7,
  decision: { kind: "push", reason: "deviation" },
};

function bot(number: number, health: Health | undefined, more: Partial<BotState> = {}): BotState {
  return {
    botId: `bot-${number}`,
    pid: 4_000 + number,
    health,
    silentSinceMs: NOW_MS,
    everAnswered: true,
    ...more,
  };
}

function block(fleet: readonly BotState[], columns = 120): readonly string[] {
  return fleetBlock(fleet, columns, NOW_MS, plain);
}

describe("block below the log of a terminal", () => {
  test("who leads, a line per bot in columns, the prices", () => {
    expect(block([bot(1, FOLLOWER), bot(2, LEADER)], 84)).toEqual([
      `── bot-2 leads ${"─".repeat(69)}`,
      "bot-1  pid 4001  follower       healthy  skip not-leader  price 12 s old  0 updates",
      "bot-2  pid 4002  LEADER term 3  healthy  push deviation   price 12 s old  7 updates",
      "ETH $3246.00 (on chain $3245.67) | elizaOS $0.108200 (on chain $0.108189)",
    ]);
  });

  test("no line is longer than the terminal is wide, and what is cut off is seen to be", () => {
    const silent = bot(3, undefined, { silentSinceMs: NOW_MS - 60_000 });
    for (const columns of [1, 3, 10, 40, 79]) {
      for (const line of block([bot(1, LEADER), silent], columns)) {
        expect(line.length).toBeLessThanOrEqual(columns);
      }
    }
    expect(block([bot(1, LEADER)], 40)[1]).toBe("bot-1  pid 4001  LEADER term 3  healthy…");
  });

  test("an agent that does not answer says so, with since when, and whether it has a process", () => {
    const silent = bot(1, undefined, { silentSinceMs: NOW_MS - 12_300, pid: undefined });
    const [headline, row] = block([silent, bot(2, FOLLOWER)]);
    expect(headline).toStartWith("── nobody leads ─");
    expect(row).toBe("bot-1  no process  DOES NOT ANSWER since 03:03:52 (12 s)");
  });

  test("an agent that never answered is starting", () => {
    const starting = bot(1, undefined, { everAnswered: false, silentSinceMs: NOW_MS - 2_000 });
    expect(block([starting])).toEqual([
      `── nobody leads ${"─".repeat(104)}`,
      "bot-1  pid 4001  is starting, no answer yet after 2 s",
      "no prices read yet",
    ]);
  });

  test("what is wrong stands before the decision, and moves no other row", () => {
    const unhealthy: Health = {
      ...LEADER,
      status: "unhealthy",
      consecutiveFailures: 7,
      reasons: ["Base has been unreachable for over 60 s"],
    };
    const rows = block([bot(1, unhealthy), bot(2, FOLLOWER)]);
    expect(rows[1]).toStartWith(
      "bot-1  pid 4001  LEADER term 3  UNHEALTHY: Base has been unreachable for over 60 s, 7 failures in a row  push",
    );
    expect(rows[2]).toStartWith("bot-2  pid 4002  follower       healthy  skip not-leader");
  });

  test("a decision that the agent has not looked at again for long is told with its age", () => {
    expect(block([bot(1, { ...LEADER, lastLookAgeS: 34 })])[1]).toContain("push deviation 34 s ago");
    expect(block([bot(1, { ...LEADER, lastLookAgeS: 3 })])[1]).not.toContain(" ago");
  });

  test("of two that say they lead, the one with the higher term is the newer answer", () => {
    const fleet = [bot(1, { ...LEADER, term: 4 }), bot(2, { ...LEADER, term: 5 }), bot(3, LEADER)];
    expect(leaderOf(fleet)?.botId).toBe("bot-2");
    expect(block(fleet)[0]).toStartWith("── bot-2 leads");
  });

  test("each bot's name has a colour of its own, outside the width", () => {
    const lines = fleetBlock([bot(1, FOLLOWER), bot(2, LEADER)], 12, NOW_MS, botPaint(true));
    expect(lines[1]).toBe(`${botPaint(true)("bot-1", "bot-1")}  pid …`);
    const colours = [1, 2, 3, 4, 5].map((number) => botPaint(true)(`bot-${number}`, "x"));
    expect(new Set(colours).size).toBe(5);
  });
});

test("line in a log: the same facts", () => {
  const silent = bot(3, undefined, { silentSinceMs: NOW_MS - 60_000 });
  expect(fleetLine([bot(1, FOLLOWER), bot(2, LEADER), silent], NOW_MS)).toBe(
    "bot-2 leads" +
      " | bot-1 follower, healthy, skip not-leader, price 12 s old, 0 updates" +
      " | bot-2 LEADER term 3, healthy, push deviation, price 12 s old, 7 updates" +
      " | bot-3 DOES NOT ANSWER since 03:03:05 (60 s)" +
      " | ETH $3246.00 (on chain $3245.67) | elizaOS $0.108200 (on chain $0.108189)",
  );
});

describe("log lines", () => {
  const LINE = "03:40:51.704 warn  Cycle failed botId=bot-1 code=unexpected";

  test("the bot stands before the line instead of within it, in one column with the market", () => {
    expect(botLine("bot-1", LINE, plain, false)).toBe(
      "bot-1  │ 03:40:51.704 warn  Cycle failed code=unexpected",
    );
    expect(namedLine("market", "ETH $1.00").indexOf("│")).toBe("bot-1  ".length);
  });

  test("only with colours: the bot's name and the level of a warning or error", () => {
    const coloured = botLine("bot-1", LINE, botPaint(true), true);
    expect(coloured).toContain("\u001b[33mwarn\u001b[0m  Cycle failed code=unexpected");
    expect(botLine("bot-1", "bun: not a log line", botPaint(true), true)).toEndWith("│ bun: not a log line");
  });
});

describe("hints", () => {
  test("commands that work as they stand, each within 80 columns", () => {
    const lines = hints(bot(2, LEADER), "/tmp/localnet-AbC123/leader.lock");
    expect(lines).toEqual([
      "To see another take over, in another terminal in this directory:",
      "  kill -9 4002                          the leader, bot-2, dies",
      "  cat /tmp/localnet-AbC123/leader.lock  who leads, and its pid",
      "  rm /tmp/localnet-AbC123/leader.lock   the leader resigns and sits out a while",
      "  LEADER_LOCK_FILE=/tmp/localnet-AbC123/leader.lock npm run oracle-agent -- list",
      "Ctrl-C here ends everything.",
    ]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("a path that a shell would split or expand is quoted", () => {
    const lines = hints(undefined, "/tmp/it's a dir/$x.lock");
    expect(lines[2]).toStartWith("  cat '/tmp/it'\\''s a dir/$x.lock'");
  });
});
