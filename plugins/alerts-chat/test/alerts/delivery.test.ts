import { describe, expect, test } from "bun:test";
import { captureLog } from "@jeju-oracle/kit/testing";
import { HOUR_MS, MINUTE_MS, over, seen } from "./support/observations.ts";
import { away, refused, textOf } from "./support/team-chat.ts";
import { condition, TellingFleet } from "./support/telling-fleet.ts";

const STALE = condition("price-stale", "critical");
const GAS = condition("gas-too-high", "warning");

describe("one agent", () => {
  test("tells an alert, edits it when somebody takes care and when it is over, and sends no second message", async () => {
    await using fleet = new TellingFleet();
    const { center, desk } = await fleet.add("bot-1");
    center.raise(STALE);
    await fleet.clock.advance(1_000);
    expect(fleet.chat.heads()).toEqual([expect.stringContaining("CRITICAL OraclePriceStale")]);
    await desk.acknowledge("OraclePriceStale", "ann");
    await fleet.clock.advance(3_000);
    expect(fleet.chat.texts()[0]).toContain("✔ ann takes care");
    center.clear("price-stale");
    await fleet.clock.advance(3_000);
    expect(fleet.chat.heads()).toEqual([expect.stringContaining("OraclePriceStale is over")]);
    expect(fleet.chat.posts[0]?.edits).toBe(2);
  });

  test("tells what its run before saw and could not tell, criticals first", async () => {
    await using fleet = new TellingFleet();
    const before = await fleet.add("bot-1");
    fleet.chat.failure = () => away();
    before.center.raise(GAS);
    before.center.raise(STALE);
    await fleet.clock.advance(5_000);
    await fleet.kill("bot-1");
    fleet.chat.failure = () => undefined;
    await fleet.add("bot-1");
    await fleet.clock.advance(5_000);
    expect(fleet.chat.heads()).toEqual([
      expect.stringContaining("OraclePriceStale"),
      expect.stringContaining("OracleHighGasPrice"),
    ]);
  });

  test("ends after 90 seconds what its run before saw and this one does not, also what only the store still knew", async () => {
    await using fleet = new TellingFleet();
    const before = await fleet.add("bot-1");
    before.center.raise(STALE);
    before.center.raise(GAS);
    await fleet.clock.advance(10_000);
    await fleet.kill("bot-1");
    fleet.folder[Symbol.dispose]();
    const after = await fleet.add("bot-1");
    after.center.raise(GAS);
    await fleet.clock.advance(89_000);
    expect(fleet.chat.heads().join()).not.toContain("is over");
    await fleet.clock.advance(10_000);
    expect(fleet.chat.heads()).toEqual([
      expect.stringContaining("OraclePriceStale is over"),
      expect.stringContaining("WARNING OracleHighGasPrice"),
    ]);
  });

  test("without a store tells for itself, in nobody's name", async () => {
    await using fleet = new TellingFleet();
    const { center } = await fleet.add("bot-1", { hasStore: false });
    center.raise(STALE);
    await fleet.clock.advance(HOUR_MS / 60);
    expect(fleet.chat.texts()).toHaveLength(1);
    expect(fleet.chat.texts()[0]).not.toContain("alone");
  });

  test("tells an event once and asks for nothing", async () => {
    await using fleet = new TellingFleet();
    const { center } = await fleet.add("bot-1", { hasIncidents: true });
    await fleet.clock.advance(2_000);
    fleet.leader = "bot-2";
    fleet.term = 2;
    await fleet.clock.advance(HOUR_MS / 4);
    expect(fleet.chat.texts()).toEqual(["🔵 OracleLeaderChanged\nbot-2 leads (term 2), after bot-1"]);
    expect(fleet.incidents.told).toEqual([]);
    expect(center.progressAtMs).toBeGreaterThan(fleet.clock.monotonicMs() - 6_000);
  });

  test("opens, acknowledges and closes an incident, and does not call anybody for it", async () => {
    await using fleet = new TellingFleet();
    const { center, desk } = await fleet.add("bot-1", { channels: [], hasIncidents: true });
    center.raise(STALE);
    await fleet.clock.advance(3_000);
    await desk.acknowledge("all", "ann");
    await fleet.clock.advance(HOUR_MS / 2);
    center.clear("price-stale");
    await fleet.clock.advance(3_000);
    expect(fleet.incidents.told).toEqual([
      "trigger price-stale#1 critical",
      "acknowledge price-stale#1 critical",
      "resolve price-stale#1 critical",
    ]);
  });
});

describe("a channel that is away", () => {
  test("for a minute is an alert in the others, and over when it answers", async () => {
    await using fleet = new TellingFleet();
    const { center } = await fleet.add("bot-1", { channels: ["telegram", "discord"] });
    let isAway = true;
    fleet.chat.failure = (_text, _kind, channel) => (isAway && channel === "telegram" ? away() : undefined);
    center.raise(STALE);
    await fleet.clock.advance(59_000);
    const heads = () => fleet.chat.heads().filter((head) => head.includes("OracleAlertChannelDown"));
    expect(heads()).toEqual([]);
    await fleet.clock.advance(35_000);
    expect(heads()).toEqual([expect.stringContaining("CRITICAL")]);
    expect(fleet.chat.texts().join("\n")).toContain("do not reach telegram for more than 60 s");
    isAway = false;
    await fleet.clock.advance(MINUTE_MS);
    const downs = fleet.chat.posts.filter(({ message }) =>
      textOf(message).includes("OracleAlertChannelDown"),
    );
    expect(downs.map(({ channel, message }) => `${channel} ${message.severity}`)).toEqual([
      "discord resolved",
      "telegram resolved",
    ]);
  });

  test("gets everything when it is back, the criticals first, and nothing twice", async () => {
    await using fleet = new TellingFleet();
    const { center, desk } = await fleet.add("bot-1");
    fleet.chat.failure = () => away();
    await desk.observe(
      Array.from({ length: 60 }, (_, n) =>
        seen({
          rule: "external",
          fingerprint: `am:${n}`,
          raiser: "alertmanager",
          summary: `n${n};`,
          severity: n % 10 === 0 ? "critical" : "warning",
        }),
      ),
    );
    center.raise(STALE);
    await fleet.clock.advance(5 * MINUTE_MS);
    expect(fleet.chat.posts).toEqual([]);
    fleet.chat.failure = () => undefined;
    await fleet.clock.advance(MINUTE_MS);
    const all = fleet.chat.texts().join("\n");
    for (let n = 0; n < 60; n++) expect(all.split(`n${n};`)).toHaveLength(2);
    const severities = fleet.chat.posts
      .map(({ message }) => message.severity)
      .filter((each) => each !== "resolved");
    expect(severities).toEqual(
      severities.toSorted((a, b) => Number(b === "critical") - Number(a === "critical")),
    );
    expect(fleet.chat.posts.length).toBeLessThan(14);
  });

  test("that asks for a pause gets it, and else is tried at growing intervals of 30 seconds at most", async () => {
    await using fleet = new TellingFleet();
    const { center } = await fleet.add("bot-1");
    let askedMs: number | undefined = 45_000;
    fleet.chat.failure = () => away(askedMs);
    center.raise(STALE);
    await fleet.clock.advance(44_000);
    expect(fleet.chat.attemptsAtMs).toHaveLength(1);
    await fleet.clock.advance(2_000);
    expect(fleet.chat.attemptsAtMs).toHaveLength(2);
    askedMs = undefined;
    await fleet.clock.advance(10 * MINUTE_MS);
    const gaps = fleet.chat.attemptsAtMs
      .slice(2)
      .map((atMs, n) => atMs - (fleet.chat.attemptsAtMs[n + 1] ?? 0));
    expect(Math.max(...gaps.slice(1))).toBeLessThanOrEqual(30_100);
    expect(Math.min(...gaps.slice(6))).toBeGreaterThanOrEqual(15_000);
  });

  test("that hangs is given up after 15 seconds and tried again; the other channel does not wait for it", async () => {
    await using fleet = new TellingFleet();
    const { center } = await fleet.add("bot-1", { channels: ["telegram", "discord"] });
    let hangs = 0;
    fleet.chat.failure = () => (hangs++ === 0 ? "hang" : undefined);
    center.raise(STALE);
    await fleet.clock.advance(1_000);
    expect(fleet.chat.posts.map(({ channel }) => channel)).toEqual(["discord"]);
    await fleet.clock.advance(20_000);
    expect(fleet.chat.posts.map(({ channel }) => channel)).toEqual(["discord", "telegram"]);
  });

  test("that refuses a message for good says so in the others, takes the next, and is asked again after an hour", async () => {
    await using fleet = new TellingFleet();
    const log = captureLog();
    const { center, metrics } = await fleet.add("bot-1", {
      channels: ["telegram", "discord"],
      logger: log.logger,
    });
    const isOf = (channel: string) => fleet.chat.posts.filter((post) => post.channel === channel);
    let refusals = 0;
    fleet.chat.failure = (text, _kind, channel) =>
      channel === "telegram" && text.includes("OraclePriceStale") && refusals++ === 0 ? refused() : undefined;
    center.raise(STALE);
    await fleet.clock.advance(3_000);
    expect(isOf("telegram").filter(({ message }) => message.severity === "critical")).toEqual([]);
    expect(fleet.chat.texts().join("\n")).toContain("telegram refuses an alert for good: ");
    expect(log.matching("refuses an alert for good").length).toBeGreaterThan(0);
    center.raise(GAS);
    await fleet.clock.advance(5_000);
    expect(isOf("telegram").map(({ message }) => message.severity)).toContain("warning");
    await fleet.clock.advance(HOUR_MS);
    expect(isOf("telegram").map(({ message }) => message.severity)).toContain("critical");
    expect(await metrics.metrics()).toContain(
      'oracle_alert_deliveries_total{channel="telegram",outcome="refused"} 1',
    );
  });

  test("that refuses an edit for good leaves the message as it is and is not asked for ever", async () => {
    await using fleet = new TellingFleet();
    const { center } = await fleet.add("bot-1");
    center.raise(STALE);
    await fleet.clock.advance(1_000);
    fleet.chat.failure = (_text, kind) => (kind === "edit" ? refused("message can't be edited") : undefined);
    center.clear("price-stale");
    await fleet.clock.advance(MINUTE_MS);
    const asked = fleet.chat.attemptsAtMs.length;
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.attemptsAtMs.length).toBe(asked);
    expect(fleet.chat.heads()[0]).toContain("CRITICAL OraclePriceStale");
  });
});

describe("two agents", () => {
  test("of which one holds the chat lease tell each alert once", async () => {
    await using fleet = new TellingFleet();
    const [one, two] = [await fleet.add("bot-1"), await fleet.add("bot-2")];
    one.center.raise(STALE);
    two.center.raise(STALE);
    two.center.raise(condition("chain-unreachable", "critical"));
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.posts.map(({ by }) => by)).toEqual(["bot-1", "bot-1"]);
    one.center.clear("price-stale");
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.heads().join()).not.toContain("is over");
    two.center.clear("price-stale");
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.heads().filter((head) => head.includes("OraclePriceStale is over"))).toHaveLength(1);
  });

  test("pass on: whoever takes over sends nothing that was sent, and edits it", async () => {
    await using fleet = new TellingFleet();
    const [one, two] = [await fleet.add("bot-1"), await fleet.add("bot-2")];
    one.center.raise(STALE);
    two.center.raise(STALE);
    await fleet.clock.advance(5_000);
    await fleet.kill("bot-1");
    fleet.holder = "bot-2";
    await fleet.clock.advance(5_000);
    expect(fleet.chat.posts).toHaveLength(1);
    fleet.seeSilent("bot-1", MINUTE_MS);
    two.center.clear("price-stale");
    await fleet.clock.advance(10_000);
    expect(fleet.chat.heads()).toEqual([expect.stringContaining("is over")]);
    expect(fleet.chat.posts[0]).toMatchObject({ by: "bot-1", edits: 1 });
  });

  test("pass on what was only begun: it is sent again, once, for nobody knows whether it arrived", async () => {
    await using fleet = new TellingFleet();
    const [one] = [await fleet.add("bot-1"), await fleet.add("bot-2")];
    fleet.chat.failure = () => "hang";
    one.center.raise(STALE);
    await fleet.clock.advance(5_000);
    expect(fleet.store.alert("price-stale")?.slots["telegram/critical"]).toMatchObject({
      state: "sending",
      by: "bot-1",
    });
    await fleet.kill("bot-1");
    fleet.chat.failure = () => undefined;
    fleet.holder = "bot-2";
    await fleet.clock.advance(10_000);
    expect(fleet.chat.posts.map(({ by }) => by)).toEqual(["bot-2"]);
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.posts).toHaveLength(1);
    expect(fleet.store.alert("price-stale")?.slots["telegram/critical"]).toMatchObject({
      state: "sent",
      by: "bot-2",
    });
  });

  test("note in the store that they begin before they send", async () => {
    await using fleet = new TellingFleet();
    const { center } = await fleet.add("bot-1");
    const states: (string | undefined)[] = [];
    fleet.chat.taken = () => states.push(fleet.store.alert("price-stale")?.slots["telegram/critical"]?.state);
    center.raise(STALE);
    await fleet.clock.advance(5_000);
    expect(states).toEqual(["sending"]);
  });

  test("read what was told before the one with the new lease tells anything", async () => {
    await using fleet = new TellingFleet();
    fleet.holder = "bot-2";
    const one = await fleet.add("bot-1");
    await fleet.clock.advance(1_000);
    fleet.store.faultOf = ({ kind, client }) =>
      kind === "list" && client === "bot-1" ? { drop: "request" } : undefined;
    fleet.holder = "bot-1";
    one.center.raise(STALE);
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.posts).toEqual([]);
    fleet.store.faultOf = () => undefined;
    await fleet.clock.advance(5_000);
    expect(fleet.chat.posts).toHaveLength(1);
  });

  test("do not go without a teller: after 30 seconds without a holder the leader tells", async () => {
    await using fleet = new TellingFleet();
    fleet.leader = "bot-2";
    const [one, two] = [await fleet.add("bot-1"), await fleet.add("bot-2")];
    fleet.holder = undefined;
    one.center.raise(STALE);
    await fleet.clock.advance(27_000);
    expect(fleet.chat.posts).toEqual([]);
    await fleet.clock.advance(10_000);
    expect(fleet.chat.posts.map(({ by }) => by)).toEqual(["bot-2"]);
    fleet.holder = "bot-1";
    await fleet.clock.advance(5_000);
    two.center.raise(GAS);
    await fleet.clock.advance(15_000);
    expect(fleet.chat.posts.map(({ by }) => by)).toEqual(["bot-2", "bot-1"]);
  });

  test("wait for the leader when nobody holds the lease: a follower does not step in", async () => {
    await using fleet = new TellingFleet();
    fleet.leader = "bot-3";
    fleet.holder = undefined;
    const { center } = await fleet.add("bot-1");
    center.raise(STALE);
    await fleet.clock.advance(5 * MINUTE_MS);
    expect(fleet.chat.posts).toEqual([]);
  });

  test("count a holder that is dead as none", async () => {
    await using fleet = new TellingFleet();
    fleet.leader = "bot-2";
    await fleet.add("bot-1");
    const two = await fleet.add("bot-2");
    await fleet.kill("bot-1");
    two.center.raise(STALE);
    await fleet.clock.advance(40_000);
    expect(fleet.chat.posts.map(({ by }) => by)).toEqual(["bot-2"]);
  });
});

describe("a store that is away", () => {
  async function cutOff() {
    const fleet = new TellingFleet();
    const [one, two] = [await fleet.add("bot-1"), await fleet.add("bot-2")];
    await fleet.clock.advance(5_000);
    fleet.store.cutOff.add("bot-1").add("bot-2");
    return { fleet, one, two };
  }

  test("for ten seconds leaves each agent to tell what it sees itself, and to say who it is", async () => {
    const { fleet, one, two } = await cutOff();
    await using _fleet = fleet;
    one.center.raise(STALE);
    two.center.raise(STALE);
    two.center.raise(condition("chain-unreachable", "critical"));
    await fleet.clock.advance(8_000);
    expect(fleet.chat.posts).toEqual([]);
    await fleet.clock.advance(10_000);
    const told = fleet.chat
      .texts()
      .map((text) => `${text.split("\n").at(-1)} ${text.includes("OraclePriceStale")}`);
    expect(told.sort()).toEqual([
      "(told by bot-1 alone, without the store) true",
      "(told by bot-2 alone, without the store) false",
      "(told by bot-2 alone, without the store) true",
    ]);
  });

  test("and comes back has nothing told twice, and each copy is edited at the end", async () => {
    const { fleet, one, two } = await cutOff();
    await using _fleet = fleet;
    one.center.raise(STALE);
    two.center.raise(STALE);
    await fleet.clock.advance(20_000);
    expect(fleet.chat.posts).toHaveLength(2);
    fleet.store.cutOff.clear();
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.posts).toHaveLength(2);
    one.center.clear("price-stale");
    two.center.clear("price-stale");
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.heads().every((head) => head.includes("is over"))).toBe(true);
    expect(fleet.chat.posts).toHaveLength(2);
  });

  test("is read again before one speaks for the fleet: what another told alone is not told again", async () => {
    const { fleet, one, two } = await cutOff();
    await using _fleet = fleet;
    two.center.raise(condition("chain-unreachable", "critical"));
    one.center.raise(STALE);
    await fleet.clock.advance(20_000);
    fleet.store.cutOff.delete("bot-2");
    await fleet.clock.advance(10_000);
    fleet.store.cutOff.delete("bot-1");
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.posts).toHaveLength(2);
  });

  test("and gives no listing yet keeps the holder from telling what another told alone meanwhile", async () => {
    await using fleet = new TellingFleet();
    fleet.leaseOutlivesStore = true;
    const [, two] = [await fleet.add("bot-1"), await fleet.add("bot-2")];
    fleet.chat.failure = () => away();
    two.center.raise(condition("chain-unreachable", "critical"));
    await fleet.clock.advance(10_000);
    fleet.store.cutOff.add("bot-1").add("bot-2");
    await fleet.clock.advance(15_000);
    fleet.chat.failure = () => undefined;
    await fleet.clock.advance(40_000);
    expect(fleet.chat.posts.map(({ by }) => by)).toEqual(["bot-2"]);
    fleet.store.cutOff.delete("bot-2");
    await fleet.clock.advance(10_000);
    const { faultOf } = fleet.store;
    fleet.store.faultOf = (operation) =>
      operation.kind === "list" && operation.client === "bot-1" ? { drop: "request" } : faultOf(operation);
    fleet.store.cutOff.delete("bot-1");
    await fleet.clock.advance(MINUTE_MS);
    fleet.store.faultOf = faultOf;
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.posts).toHaveLength(1);
  });

  test("and comes back empty gets again what came from outside, and its end is an edit", async () => {
    await using fleet = new TellingFleet();
    const { desk } = await fleet.add("bot-1");
    const outside = seen({
      rule: "external",
      fingerprint: "am:1",
      raiser: "alertmanager",
      severity: "critical",
    });
    await desk.observe([outside]);
    await fleet.clock.advance(10_000);
    fleet.store.wipe();
    await fleet.clock.advance(20_000);
    expect(fleet.store.alert("am:1")?.slots["telegram/critical"]).toMatchObject({ state: "sent" });
    await desk.observe([over(outside)]);
    await fleet.clock.advance(10_000);
    expect(fleet.chat.heads()).toEqual([expect.stringContaining("is over")]);
  });

  test("does not keep care from counting here, and the fleet hears of it later", async () => {
    const { fleet, one, two } = await cutOff();
    await using _fleet = fleet;
    one.center.raise(STALE);
    await fleet.clock.advance(15_000);
    const [alert] = await one.desk.acknowledge("all", "ann");
    expect(alert?.acknowledged?.by).toBe("ann");
    await fleet.clock.advance(5_000);
    expect(fleet.chat.texts()[0]).toContain("✔ ann takes care");
    expect(await two.desk.list()).toEqual([]);
    fleet.store.cutOff.clear();
    await fleet.clock.advance(15_000);
    expect(await two.desk.list()).toMatchObject([{ acknowledged: { by: "ann" } }]);
  });
});

describe("what an agent sees that others believe to be gone", () => {
  test("is seen by nobody after a minute, and is there again when the agent is", async () => {
    await using fleet = new TellingFleet();
    await fleet.add("bot-1");
    const two = await fleet.add("bot-2");
    two.center.raise(condition("chain-unreachable", "critical"));
    await fleet.clock.advance(10_000);
    fleet.store.cutOff.add("bot-2");
    fleet.seeSilent("bot-2", MINUTE_MS);
    await fleet.clock.advance(10_000);
    expect(fleet.chat.heads()[0]).toContain("is seen by nobody");
    await fleet.clock.advance(5 * MINUTE_MS);
    fleet.store.cutOff.delete("bot-2");
    fleet.members = fleet.members.map((member) => ({ ...member, alive: true, silentForMs: 0 }));
    await fleet.clock.advance(30_000);
    const heads = fleet.chat.heads().filter((head) => head.includes("OracleChainUnreachable"));
    expect(heads.filter((head) => head.includes("CRITICAL")).length).toBeGreaterThan(0);
    expect(await two.desk.list()).toMatchObject([{ rule: "chain-unreachable" }]);
  });
});

describe("the console", () => {
  test("of each agent shows what that agent knows, whoever holds the lease, and nothing from before it started", async () => {
    await using fleet = new TellingFleet();
    const before = await fleet.add("bot-2", { channels: ["console"] });
    before.center.raise(GAS);
    before.center.clear("gas-too-high");
    before.center.raise(STALE);
    await fleet.clock.advance(5_000);
    expect(fleet.chat.heads()).toHaveLength(2);
    await fleet.kill("bot-2");
    await fleet.clock.advance(1_000);
    await fleet.add("bot-2", { channels: ["console"] });
    await fleet.clock.advance(5_000);
    expect(fleet.chat.heads().slice(2)).toEqual([expect.stringContaining("OraclePriceStale")]);
    expect(fleet.store.alert("price-stale")?.slots).toEqual({});
  });
});
