/** A store that answers and yet does not let the fleet agree on who tells: an alert reaches people all the same. */
import { describe, expect, test } from "bun:test";
import { MINUTE_MS } from "./support/observations.ts";
import { away, refused } from "./support/team-chat.ts";
import { condition, TellingFleet } from "./support/telling-fleet.ts";

const STALE = condition("price-stale", "critical");
const GAS = condition("gas-too-high", "warning");

describe("a store that answers", () => {
  test("and takes no write, so that nobody leads or holds the chat lease, leaves each agent to tell what it sees", async () => {
    await using fleet = new TellingFleet();
    const [one, two] = [await fleet.add("bot-1"), await fleet.add("bot-2")];
    await fleet.clock.advance(5_000);
    const { faultOf } = fleet.store;
    fleet.store.faultOf = (operation) =>
      operation.kind === "cas" ? { drop: "request" } : faultOf(operation);
    fleet.holder = undefined;
    fleet.leader = undefined;
    one.center.raise(STALE);
    two.center.raise(STALE);
    await fleet.clock.advance(30_000);
    expect(fleet.chat.posts).toEqual([]);
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.posts.map(({ by }) => by).sort()).toEqual(["bot-1", "bot-2"]);
    expect(fleet.chat.texts()[0]).toContain("alone");
  });

  test("and takes writes again has nothing told twice", async () => {
    await using fleet = new TellingFleet();
    const one = await fleet.add("bot-1");
    await fleet.add("bot-2");
    fleet.holder = undefined;
    fleet.leader = undefined;
    one.center.raise(STALE);
    await fleet.clock.advance(MINUTE_MS + 5_000);
    expect(fleet.chat.posts).toHaveLength(1);
    fleet.holder = "bot-2";
    fleet.leader = "bot-1";
    await fleet.clock.advance(2 * MINUTE_MS);
    expect(fleet.chat.posts).toHaveLength(1);
  });

  test("and never takes the record of one alert does not keep it, or those behind it, from people", async () => {
    await using fleet = new TellingFleet();
    const { center } = await fleet.add("bot-1");
    await fleet.clock.advance(5_000);
    const { faultOf } = fleet.store;
    fleet.store.faultOf = (operation) =>
      operation.kind === "cas" && operation.name.endsWith("price-stale")
        ? { drop: "request" }
        : faultOf(operation);
    center.raise(STALE);
    center.raise(GAS);
    await fleet.clock.advance(50_000);
    expect(fleet.chat.posts).toEqual([]);
    await fleet.clock.advance(MINUTE_MS);
    expect(fleet.chat.heads()).toEqual([
      expect.stringContaining("OraclePriceStale"),
      expect.stringContaining("OracleHighGasPrice"),
    ]);
  });

  test("and gives no listing holds the one with the lease up for two minutes, not for ever", async () => {
    await using fleet = new TellingFleet();
    fleet.holder = "bot-2";
    const one = await fleet.add("bot-1");
    await fleet.clock.advance(1_000);
    fleet.store.faultOf = ({ kind, client }) =>
      kind === "list" && client === "bot-1" ? { drop: "request" } : undefined;
    fleet.holder = "bot-1";
    one.center.raise(STALE);
    await fleet.clock.advance(110_000);
    expect(fleet.chat.posts).toEqual([]);
    await fleet.clock.advance(20_000);
    expect(fleet.chat.posts).toHaveLength(1);
  });
});

test("a channel that asks to be left alone for an hour is an alert in the others at once", async () => {
  await using fleet = new TellingFleet();
  const { center } = await fleet.add("bot-1", { channels: ["telegram", "discord"] });
  fleet.chat.failure = (_text, _kind, channel) => (channel === "telegram" ? away(3_600_000) : undefined);
  center.raise(STALE);
  await fleet.clock.advance(10_000);
  expect(fleet.chat.heads()).toEqual([
    expect.stringContaining("OraclePriceStale"),
    expect.stringContaining("OracleAlertChannelDown"),
  ]);
});

test("what holds and was refused for good is told at once after a restart, and what is over is not", async () => {
  await using fleet = new TellingFleet();
  const before = await fleet.add("bot-1");
  fleet.chat.failure = () => refused("the token is revoked");
  before.center.raise(STALE);
  before.center.raise(GAS);
  await fleet.clock.advance(20_000);
  before.center.clear("gas-too-high");
  await fleet.clock.advance(5_000);
  await fleet.kill("bot-1");
  fleet.chat.failure = () => undefined;
  const after = await fleet.add("bot-1");
  after.center.raise(STALE);
  await fleet.clock.advance(10_000);
  const heads = fleet.chat.heads().join();
  expect(heads).toContain("OraclePriceStale");
  expect(heads).not.toContain("OracleHighGasPrice");
});
