import { afterEach, describe, expect, test } from "bun:test";
import { captureLog } from "@jeju-oracle/kit/testing";
import { ChannelError } from "../../src/conversation/channel-error.ts";
import { drillRecordName, encodeDrillRecord } from "../../src/drills/drill-record.ts";
import { FleetOfTellers } from "./support/fleet-of-tellers.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let fleet = new FleetOfTellers();
afterEach(async () => {
  await fleet.stop();
  fleet = new FleetOfTellers();
});

const broken = (retryable: boolean) =>
  new ChannelError("telegram", "does not answer", { retryable, nextStep: "Wait." });

/** Adds a run that was passed `daysAgo`. */
function drilled(drill: "crash" | "maintenance" | "partition", daysAgo: number, passed = true): void {
  const atMs = fleet.clock.wallMs() - daysAgo * DAY_MS;
  const value = encodeDrillRecord({
    drill,
    atMs,
    by: "ann",
    passed,
    elapsedMs: 3_000,
    nonce: String(daysAgo),
  });
  fleet.server.compareAndSet(drillRecordName(drill, atMs), null, value);
}

describe("who tells", () => {
  test("of several agents only the one that answers the chats", async () => {
    fleet.add("bot-1", { holds: () => false });
    fleet.add("bot-2", { holds: () => true });
    fleet.add("bot-3", { holds: () => false });
    await fleet.strike("daily digest");
    await fleet.clock.advance(10 * MINUTE_MS);
    expect(fleet.told.map(({ botId }) => botId)).toEqual(["bot-2"]);
  });

  test("when all believe that they answer the chats, one tells", async () => {
    for (const botId of ["bot-1", "bot-2", "bot-3", "bot-4", "bot-5"]) fleet.add(botId);
    await fleet.strike("daily digest");
    await fleet.clock.advance(10 * MINUTE_MS);
    expect(fleet.told).toHaveLength(1);
  });

  test("when the lease moves in that minute, whoever gets it tells, and the one before does not tell again", async () => {
    let holder = "nobody";
    fleet.add("bot-1", { holds: () => holder === "bot-1" });
    fleet.add("bot-2", { holds: () => holder === "bot-2" });
    await fleet.strike("daily digest");
    await fleet.clock.advance(30_000);
    expect(fleet.told).toEqual([]);
    holder = "bot-2";
    await fleet.clock.advance(10_000);
    expect(fleet.told.map(({ botId }) => botId)).toEqual(["bot-2"]);
    holder = "bot-1";
    await fleet.clock.advance(10 * MINUTE_MS);
    expect(fleet.told).toHaveLength(1);
  });

  test("when nobody answers the chats for minutes, nobody tells, and nobody waits on", async () => {
    let holder = "nobody";
    fleet.add("bot-1", { holds: () => holder === "bot-1" });
    await fleet.strike("daily digest");
    await fleet.clock.advance(10 * MINUTE_MS);
    holder = "bot-1";
    await fleet.clock.advance(10 * MINUTE_MS);
    expect(fleet.told).toEqual([]);
  });

  test("an agent that starts again in the same minute does not tell a second time", async () => {
    const first = fleet.add("bot-1");
    await fleet.strike("daily digest");
    await fleet.clock.advance(1_000);
    await first.stop();
    const second = fleet.add("bot-1");
    second.cron.strike("daily digest", fleet.clock.wallMs());
    await fleet.clock.advance(10 * MINUTE_MS);
    expect(fleet.told).toHaveLength(1);
  });

  test("a claim whose answer was lost is found to be ours", async () => {
    let lost = 0;
    fleet.server.faultOf = ({ kind, name }) =>
      kind === "cas" && name.startsWith("digest/") && lost++ === 0 ? { drop: "reply" } : undefined;
    fleet.add("bot-1");
    await fleet.strike("daily digest");
    await fleet.clock.advance(10 * MINUTE_MS);
    expect(fleet.told).toHaveLength(1);
  });

  test("while the store is away nobody tells: twice would be worse than not", async () => {
    fleet.server.faultOf = () => ({ drop: "request" });
    fleet.add("bot-1");
    await fleet.strike("daily digest");
    await fleet.clock.advance(20 * MINUTE_MS);
    expect(fleet.told).toEqual([]);
  });

  test("without a store each agent tells for itself and names itself", async () => {
    fleet.add("bot-1", { isAlone: true });
    fleet.add("bot-2", { isAlone: true });
    await fleet.strike("daily digest");
    await fleet.clock.advance(1_000);
    expect(fleet.told.map(({ text }) => text.split("\n").at(-1))).toEqual([
      "(told by bot-1 alone: no store is shared)",
      "(told by bot-2 alone: no store is shared)",
    ]);
  });

  test("each console is told by its own agent, in copies that say that they are the same news", async () => {
    fleet.add("bot-1", { holds: () => false, channels: ["console"] });
    fleet.add("bot-2", { holds: () => true, channels: ["console", "telegram"] });
    await fleet.strike("daily digest");
    await fleet.clock.advance(10 * MINUTE_MS);
    expect(fleet.told.map(({ botId, channel }) => `${botId} ${channel}`)).toEqual([
      "bot-1 console",
      "bot-2 console",
      "bot-2 telegram",
    ]);
    expect(new Set(fleet.told.map(({ message }) => message.about))).toEqual(new Set(["digest/2023-11-14"]));
  });

  test("each day anew, and claims of a week are kept", async () => {
    fleet.add("bot-1");
    fleet.add("bot-2");
    for (let day = 0; day < 12; day++) {
      await fleet.strike("daily digest");
      await fleet.clock.advance(DAY_MS);
    }
    expect(fleet.told).toHaveLength(12);
    const claims = fleet.server.list("digest/").map(({ name }) => name);
    expect(claims).toHaveLength(7);
    expect([claims[0], claims[6]]).toEqual(["digest/2023-11-19", "digest/2023-11-25"]);
  });
});

describe("a channel that fails", () => {
  test("is tried again until it takes the digest, and only that one", async () => {
    let failures = 3;
    fleet.add("bot-1", {
      channels: ["telegram", "discord"],
      failure: (channel) => (channel === "telegram" && failures-- > 0 ? broken(true) : undefined),
    });
    await fleet.strike("daily digest");
    await fleet.clock.advance(15 * MINUTE_MS);
    expect(fleet.told.map(({ channel }) => channel)).toEqual(["discord", "telegram"]);
    expect(fleet.attempts).toBe(5);
  });

  test("is given up after six attempts within a quarter of an hour, and the log says so", async () => {
    const log = captureLog();
    fleet.add("bot-1", { failure: () => broken(true), logger: log.logger });
    await fleet.strike("daily digest");
    await fleet.clock.advance(15 * MINUTE_MS);
    expect(fleet.attempts).toBe(6);
    expect(log.matching("The daily digest was not sent")).toHaveLength(1);
    await fleet.clock.advance(DAY_MS);
    expect(fleet.attempts).toBe(6);
  });

  test("that asks for patience is left alone for that long", async () => {
    const busy = new ChannelError("telegram", "429", {
      retryable: true,
      nextStep: "Wait.",
      retryAfterMs: 90_000,
    });
    fleet.add("bot-1", { failure: () => (fleet.attempts === 1 ? busy : undefined) });
    await fleet.strike("daily digest");
    await fleet.clock.advance(89_000);
    expect(fleet.attempts).toBe(1);
    await fleet.clock.advance(2_000);
    expect(fleet.told).toHaveLength(1);
  });

  test("that refuses for good is not asked again", async () => {
    fleet.add("bot-1", { failure: () => broken(false) });
    await fleet.strike("daily digest");
    await fleet.clock.advance(15 * MINUTE_MS);
    expect(fleet.attempts).toBe(1);
  });

  test("by not answering is given up as well, and the next day begins anew", async () => {
    fleet.add("bot-1", { failure: () => "hangs" });
    await fleet.strike("daily digest");
    await fleet.clock.advance(15 * MINUTE_MS);
    expect(fleet.attempts).toBe(6);
    await fleet.clock.advance(DAY_MS);
    await fleet.strike("daily digest");
    await fleet.clock.advance(1_000);
    expect(fleet.attempts).toBe(7);
  });

  test.each([broken(true), "hangs"] as const)(
    "does not hold up the end of the process: %p",
    async (failure) => {
      const { stop } = fleet.add("bot-1", { failure: () => failure });
      await fleet.strike("daily digest");
      await fleet.clock.advance(1_000);
      await stop();
      await fleet.clock.advance(DAY_MS);
      expect(fleet.attempts).toBe(1);
    },
  );
});

describe("the reminder", () => {
  test("names the drill whose pass is longest ago, how to run it and who is first on call", async () => {
    drilled("crash", 40);
    drilled("partition", 65);
    drilled("partition", 3, false);
    drilled("maintenance", 10);
    fleet.add("bot-1");
    await fleet.strike("drill reminder");
    await fleet.clock.advance(1_000);
    expect(fleet.told.map(({ text }) => text.split("\n"))).toEqual([
      [
        "🧯 Drill due: partition",
        "Last passed 65 d ago",
        "The last try failed, 3 d ago",
        "Steps: /runbook drill_partition",
        "Stop-watch: oracle-agent drill partition",
        "📟 ann is first on call",
      ],
    ]);
    expect(fleet.told[0]?.message.buttons?.[0]?.[0]?.data).toBe("r:drill-partition:open");
  });

  test("a drill that nobody ever passed comes first", async () => {
    drilled("crash", 400);
    drilled("partition", 5);
    drilled("maintenance", 3, false);
    fleet.add("bot-1");
    await fleet.strike("drill reminder");
    await fleet.clock.advance(1_000);
    expect(fleet.told[0]?.text).toStartWith("🧯 Drill due: maintenance\nNobody has passed it yet");
  });

  test("nothing is said when all were passed within a month", async () => {
    for (const drill of ["crash", "partition", "maintenance"] as const) drilled(drill, 30);
    fleet.add("bot-1");
    await fleet.strike("drill reminder");
    await fleet.clock.advance(1_000);
    expect(fleet.told).toEqual([]);
  });

  test("the digest and the reminder of one day do not take each other's turn", async () => {
    fleet.add("bot-1");
    await fleet.strike("daily digest");
    await fleet.strike("drill reminder");
    await fleet.clock.advance(1_000);
    expect(fleet.told.map(({ message }) => message.about).toSorted()).toEqual([
      "digest/2023-11-14",
      "drill-reminder/2023-11-14",
    ]);
  });
});
