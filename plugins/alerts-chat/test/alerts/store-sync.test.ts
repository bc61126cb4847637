import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { StoreUnavailableError, StoreUnusableError } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import type { Alert } from "../../src/alerts/alert.ts";
import { acknowledge, tell } from "../../src/alerts/episode.ts";
import type { Silence } from "../../src/alerts/silence.ts";
import { TestAgent, TestFolder, TestStore } from "./support/agents.ts";
import { HOUR_MS, MINUTE_MS, messageOf, over, seen, slot, T0 } from "./support/observations.ts";

const LATER_MS = 10 * MINUTE_MS;

let folder: TestFolder;
let clock: SimulatedClock;
let store: TestStore;
let agents: TestAgent[];

function start(botId: string, more = {}): TestAgent {
  const agent = new TestAgent(botId, { store, clock, stateDir: folder.path, ...more });
  agents.push(agent);
  agent.start();
  return agent;
}

function notes(agent: TestAgent, key: string, fingerprint = "source-rejected"): void {
  agent.book.change(fingerprint, (alert) =>
    tell(
      alert,
      alert.episode,
      key,
      slot({ atMs: clock.wallMs(), message: messageOf(key) }),
      crypto.randomUUID(),
    ),
  );
}

const stored = (fingerprint = "source-rejected") => store.alert(fingerprint);
const raisersOf = (alert: Alert | undefined) =>
  Object.entries(alert?.raisers ?? {})
    .filter(([, { endedAtMs }]) => endedAtMs === undefined)
    .map(([raiser]) => raiser)
    .sort();

beforeEach(() => {
  folder = new TestFolder();
  clock = new SimulatedClock(T0);
  store = new TestStore();
  agents = [];
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  folder[Symbol.dispose]();
});

describe("what one agent sees", () => {
  test("the others know a listing later, and what they add comes back", async () => {
    const [one, two] = [start("bot-1"), start("bot-2")];
    one.book.take(seen());
    await clock.advance(5_000);
    expect(two.active()).toEqual(["source-rejected #1"]);
    two.book.change("source-rejected", (alert) => acknowledge(alert, "ann", clock.wallMs(), "n"));
    await clock.advance(5_000);
    expect(one.book.find("source-rejected")?.acknowledged?.by).toBe("ann");
    expect(one.book.unsynced()).toEqual([]);
    expect(two.book.unsynced()).toEqual([]);
  });

  test("at the same moment is one alert of both, whoever wins the race", async () => {
    const [one, two] = [start("bot-1"), start("bot-2")];
    one.book.take(seen());
    two.book.take(seen({ raiser: "bot-2", severity: "critical" }));
    await clock.advance(15_000);
    expect(raisersOf(stored())).toEqual(["bot-1", "bot-2"]);
    expect(stored()).toMatchObject({ severity: "critical", episode: 1 });
    expect(one.book.find("source-rejected")?.severity).toBe("critical");
  });

  test("of the same kind long after others saw it end is a new episode, not the old one again", async () => {
    const one = start("bot-1");
    one.book.take(seen());
    notes(one, "telegram/warning");
    one.book.take(over(seen()));
    await clock.advance(LATER_MS);
    const two = start("bot-2", { pullEveryMs: () => undefined });
    two.book.take(seen({ raiser: "bot-2" }));
    await clock.advance(15_000);
    expect(stored()).toMatchObject({ episode: 2 });
    expect(Object.keys(stored()?.slots ?? {})).toEqual(["1~telegram/warning"]);
    expect(one.active()).toEqual(["source-rejected #2"]);
  });

  test("is a new episode too where this agent knows the one before, and others had another since", async () => {
    let isIdle = false;
    const one = start("bot-1");
    const two = start("bot-2", { pullEveryMs: () => (isIdle ? undefined : 5_000) });
    const episode = async (agent: TestAgent, raiser: string) => {
      agent.book.take(seen({ raiser }));
      notes(agent, "telegram/warning");
      agent.book.take(over(seen({ raiser })));
      await clock.advance(LATER_MS);
    };
    await episode(one, "bot-1");
    isIdle = true;
    await clock.advance(LATER_MS);
    await episode(one, "bot-1");
    expect(two.book.find("source-rejected")?.episode).toBe(1);
    two.book.take(seen({ raiser: "bot-2" }));
    await clock.advance(15_000);
    expect(stored()).toMatchObject({ episode: 3 });
    expect(raisersOf(stored())).toEqual(["bot-2"]);
  });

  test("is brought to the store once although the answer to the first write was lost", async () => {
    const one = start("bot-1");
    await clock.advance(0);
    let lost = 0;
    store.faultOf = ({ kind }) => (kind === "cas" && lost++ === 0 ? { drop: "reply" } : undefined);
    one.book.take(seen());
    await clock.advance(10_000);
    expect(lost).toBeGreaterThan(0);
    expect(stored()).toMatchObject({ episode: 1, returns: 0 });
    expect(one.book.unsynced()).toEqual([]);
  });
});

describe("a store that is away", () => {
  test("holds nothing up here, and gets everything when it is back", async () => {
    const one = start("bot-1", { pullEveryMs: () => undefined });
    await clock.advance(0);
    store.cutOff.add("bot-1");
    one.book.take(seen());
    one.book.take(over(seen()));
    one.book.take(seen({ rule: "price-stale", severity: "critical" }));
    await clock.advance(HOUR_MS);
    expect(one.active()).toEqual(["price-stale #1"]);
    expect(stored()).toBeUndefined();
    store.cutOff.clear();
    await clock.advance(5_000);
    expect(stored()).toMatchObject({ resolvedAtMs: T0 });
    expect(stored("price-stale")).toMatchObject({ severity: "critical" });
  });

  test("is not asked in a circle", async () => {
    const one = start("bot-1");
    await clock.advance(0);
    store.cutOff.add("bot-1");
    for (let n = 0; n < 50; n++) one.book.take(seen({ rule: "external", fingerprint: `am:${n}` }));
    const before = { ...store.operations };
    await clock.advance(MINUTE_MS);
    const asked =
      store.operations.cas +
      store.operations.list +
      store.operations.read -
      before.cas -
      before.list -
      before.read;
    expect(asked).toBeLessThanOrEqual(60);
    expect(asked).toBeGreaterThan(10);
  });

  test("at the start of an agent is found when it is there", async () => {
    store.cutOff.add("bot-1");
    start("bot-2").book.take(seen({ raiser: "bot-2" }));
    const one = start("bot-1", { pullEveryMs: () => undefined });
    await clock.advance(MINUTE_MS);
    expect(one.active()).toEqual([]);
    store.cutOff.clear();
    await clock.advance(5_000);
    expect(one.active()).toEqual(["source-rejected #1"]);
  });
});

describe("a store that lost what it knew", () => {
  test("gets from each agent what it sees itself; what others saw and ended does not come back", async () => {
    const [one, two] = [start("bot-1"), start("bot-2")];
    one.book.take(seen());
    two.book.take(seen({ rule: "price-stale", raiser: "bot-2" }));
    await clock.advance(10_000);
    expect(one.active()).toEqual(["price-stale #1", "source-rejected #1"]);
    await two.stop();
    store.wipe();
    await clock.advance(15_000);
    expect(stored()).toMatchObject({ episode: 1 });
    expect(stored("price-stale")).toBeUndefined();
    expect(one.active()).toEqual(["source-rejected #1"]);
  });

  test("gets what this agent knows better when it was set back to an earlier state", async () => {
    const one = start("bot-1");
    one.book.take(seen());
    await clock.advance(1_000);
    const early = JSON.stringify({ ...stored(), nonce: "set back" });
    notes(one, "telegram/warning");
    await clock.advance(10_000);
    store.put("alert/a/source-rejected", early);
    await clock.advance(10_000);
    expect(stored()?.slots).toHaveProperty(["telegram/warning", "state"], "sent");
  });

  test("record by record: a damaged one harms no other and is replaced by the next change", async () => {
    store.put("alert/a/source-rejected", "{ damaged");
    store.put("alert/s/damaged", "[]");
    store.put("alert/a/price-stale", JSON.stringify({ of: "another version" }));
    const one = start("bot-1");
    one.book.take(seen());
    one.book.take(seen({ rule: "gas-too-high" }));
    await clock.advance(10_000);
    expect(stored()).toMatchObject({ episode: 1 });
    expect(stored("gas-too-high")).toMatchObject({ episode: 1 });
    expect(one.active()).toEqual(["gas-too-high #1", "source-rejected #1"]);
    expect(one.sync.silences).toEqual([]);
  });

  test("or takes one of them never, takes the others all the same, and is listed", async () => {
    store.faultOf = ({ kind, name }) => {
      if (kind === "cas" && name.includes("price-stale"))
        throw new StoreUnusableError("too large", { nextStep: "" });
      return undefined;
    };
    const [one, two] = [start("bot-1"), start("bot-2")];
    one.book.take(seen({ rule: "price-stale", severity: "critical" }));
    one.book.take(seen());
    two.book.take(seen({ rule: "gas-too-high", raiser: "bot-2" }));
    await clock.advance(20_000);
    expect(stored()).toMatchObject({ episode: 1 });
    expect(one.active()).toContain("gas-too-high #1");
  });
});

describe("an agent that nobody needs", () => {
  test("lists once after its start and then asks nothing, until something begins", async () => {
    const one = start("bot-1", { pullEveryMs: () => undefined });
    await clock.advance(HOUR_MS);
    expect(store.operations).toMatchObject({ list: 1, cas: 0, read: 0 });
    one.book.take(seen());
    await clock.advance(1_000);
    expect(stored()).toMatchObject({ episode: 1 });
  });

  test("and one whose record grew past a name still has its record", async () => {
    const one = start("bot-1");
    const odd = `am:${"x".repeat(200)} /../`;
    one.book.take(seen({ rule: "external", fingerprint: odd }));
    await clock.advance(1_000);
    const names = store.list("alert/a/").map(({ name }) => name);
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^alert\/a\/[0-9a-f]{64}$/);
    const two = start("bot-2");
    await clock.advance(10_000);
    expect(two.book.find(odd)).toMatchObject({ fingerprint: odd });
  });
});

describe("what ended a day ago", () => {
  async function endedOnBoth(): Promise<readonly [TestAgent, TestAgent]> {
    const [one, two] = [start("bot-1"), start("bot-2")];
    one.book.take(seen());
    one.book.take(over(seen()));
    await clock.advance(10_000);
    await clock.advance(24 * HOUR_MS);
    return [one, two];
  }

  test("is removed from the store and from memory", async () => {
    const [one, two] = await endedOnBoth();
    expect(stored()).toBeDefined();
    await one.sync.tidy();
    expect(stored()).toBeUndefined();
    expect(one.book.all()).toEqual([]);
    await two.sync.tidy();
    expect(two.book.all()).toEqual([]);
    await clock.advance(HOUR_MS);
    expect(store.list("alert/")).toEqual([]);
  });

  test("stays while the store is away, and goes when it is back", async () => {
    const [one] = await endedOnBoth();
    store.cutOff.add("bot-1");
    await expect(one.sync.tidy()).rejects.toThrow(StoreUnavailableError);
    expect(one.book.all()).toHaveLength(1);
    store.cutOff.clear();
    await one.sync.tidy();
    expect(stored()).toBeUndefined();
  });

  test("is not removed when somebody else changed it meanwhile", async () => {
    const [one] = await endedOnBoth();
    store.put(
      "alert/a/source-rejected",
      JSON.stringify({ ...stored(), summary: "again", nonce: "of bot-2" }),
    );
    await one.sync.tidy();
    expect(stored()).toMatchObject({ summary: "again" });
  });
});

describe("a silence", () => {
  const silence = (changes: Partial<Silence> = {}): Silence => ({
    id: "a3f19c",
    nonce: crypto.randomUUID(),
    matches: "source-rejected",
    by: "ann",
    reason: "known",
    sinceMs: T0,
    untilMs: T0 + HOUR_MS,
    ...changes,
  });

  test("of one agent is known to the others, and so is its end", async () => {
    const [one, two] = [start("bot-1"), start("bot-2")];
    await one.sync.keepSilence(silence());
    expect(one.sync.silences).toHaveLength(1);
    await clock.advance(6_000);
    expect(two.sync.silences).toMatchObject([{ id: "a3f19c" }]);
    await two.sync.keepSilence(silence({ untilMs: T0 + 1 }));
    await clock.advance(6_000);
    expect(one.sync.silences).toMatchObject([{ untilMs: T0 + 1 }]);
  });

  test("is refused while the store is away: the others would not know", async () => {
    const one = start("bot-1");
    store.cutOff.add("bot-1");
    await expect(one.sync.keepSilence(silence())).rejects.toThrow(StoreUnavailableError);
    expect(one.sync.silences).toEqual([]);
  });

  test("is forgotten a day after its end, with a store and without", async () => {
    const one = start("bot-1");
    await one.sync.keepSilence(silence());
    const alone = new TestAgent("bot-9", { store: undefined, clock, stateDir: folder.path });
    alone.sync.keepOwnSilence(silence());
    for (const { sync } of [one, alone]) {
      await sync.tidy();
      expect(sync.silences).toHaveLength(1);
    }
    await clock.advance(25 * HOUR_MS + 1);
    for (const { sync } of [one, alone]) {
      await sync.tidy();
      expect(sync.silences).toEqual([]);
    }
    expect(store.list("alert/")).toEqual([]);
    alone.book.close();
  });
});
