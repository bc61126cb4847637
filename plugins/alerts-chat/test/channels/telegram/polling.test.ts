import { afterEach, describe, expect, test } from "bun:test";
import {
  garbage,
  serverError,
  TelegramServer,
  tooManyRequests,
  unauthorized,
} from "../../support/telegram-server.ts";
import { alice, bob, MemoryRecords, Rig, type RigOptions, until } from "./rig.ts";

const rigs: Rig[] = [];
function rigOf(options: RigOptions = {}): Rig {
  const rig = new Rig(options);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.end();
});

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, open: resolve };
}

describe("polling of Telegram", () => {
  test("hands over what was said before and after it began, in order, once", async () => {
    const rig = rigOf();
    rig.server.says(alice, "/one");
    rig.server.says(alice, "/two");
    rig.listen();
    await until(() => rig.received.length === 2);
    rig.server.says(bob, "/three");
    await until(() => rig.received.length === 3);
    await rig.quiet();
    expect(rig.texts).toEqual(["/one", "/two", "/three"]);
    expect(rig.lease.started).toBe(1);
  });

  test("asks with a long poll, and only for what it understands", async () => {
    const rig = rigOf();
    rig.listen();
    await rig.server.arrived("getUpdates", 1);
    expect(rig.server.requests.at(-1)?.parameters).toEqual({
      timeout: 25,
      limit: 100,
      allowed_updates: ["message", "edited_message", "callback_query"],
    });
  });

  test("does not confirm an update before it is handled", async () => {
    const held = gate();
    const rig = rigOf({ handler: () => held.promise });
    rig.server.says(alice, "/status");
    rig.listen();
    await until(() => rig.received.length === 1);
    await rig.pass(500, () => rig.server.count("getUpdates") >= 4);
    expect(rig.server.unconfirmed).toHaveLength(1);
    expect(rig.records.offset ?? 0).toBeLessThanOrEqual(rig.server.unconfirmed[0] ?? 0);
    held.open();
    await rig.quiet();
    expect(rig.texts).toEqual(["/status"]);
  });

  test("a slow chat keeps its order and holds up no other", async () => {
    const held = gate();
    const rig = rigOf();
    rig.handler = (inbound) => (inbound.caller.userId === "111" ? held.promise : Promise.resolve());
    rig.server.says(alice, "/slow");
    rig.server.says(alice, "/behind", {});
    rig.server.says(bob, "/other", { where: "private" });
    rig.listen();
    await until(() => rig.received.length === 2);
    rig.server.says(bob, "/later", { where: "private" });
    await rig.pass(500, () => rig.received.length === 3);
    expect(rig.texts).toEqual(["/slow", "/other", "/later"]);
    held.open();
    await until(() => rig.received.length === 4);
    expect(rig.texts.at(-1)).toBe("/behind");
  });

  test("a handler that never ends gives way after 30 s", async () => {
    const rig = rigOf();
    rig.handler = (inbound) =>
      inbound.kind === "message" && inbound.text === "/stuck"
        ? new Promise(() => undefined)
        : Promise.resolve();
    rig.server.says(alice, "/stuck");
    rig.server.says(alice, "/next");
    rig.listen();
    await until(() => rig.received.length === 1);
    const passedMs = await rig.pass(500, () => rig.received.length === 2);
    expect(passedMs).toBeGreaterThanOrEqual(30_000);
    expect(passedMs).toBeLessThanOrEqual(31_000);
    await rig.quiet();
  });

  test("an update whose handler throws is said and does not stop the next", async () => {
    const rig = rigOf();
    rig.handler = async (inbound) => {
      if (inbound.kind === "message" && inbound.text === "/bad") throw new Error("a defect");
    };
    rig.server.says(alice, "/bad");
    rig.server.says(alice, "/good");
    rig.listen();
    await until(() => rig.received.length === 2);
    await rig.quiet();
    expect(rig.log.matching("was not handled")).toHaveLength(1);
    expect(process.exitCode ?? 0).toBe(0);
  });

  test("more than one answer can hold arrives whole and in order", async () => {
    const rig = rigOf();
    const said = Array.from({ length: 250 }, (_, index) => `/n${index}`);
    for (const text of said) rig.server.says(alice, text);
    rig.listen();
    await until(() => rig.received.length === said.length);
    await rig.quiet();
    expect(rig.texts).toEqual(said);
  });
});

describe("where polling goes on", () => {
  test("at another agent: where the first one was, without losing or repeating a message", async () => {
    const records = new MemoryRecords();
    const server = TelegramServer.start();
    const first = rigOf({ server, records });
    server.says(alice, "/one");
    first.listen();
    await until(() => records.offset !== undefined);
    first.lease.isHeld = false;
    const second = rigOf({ server, records });
    server.says(alice, "/two");
    await first.pass(1_000, () => first.log.lines.length >= 0);
    second.listen();
    await until(() => second.received.length === 1);
    expect(first.texts).toEqual(["/one"]);
    expect(second.texts).toEqual(["/two"]);
  });

  test("at another agent: where the record says, even if the API never heard it", async () => {
    const records = new MemoryRecords();
    const handled = { bot: 1_234_567, offset: 900_002, nonce: "n" };
    await records.cas("chat/telegram-offset", null, JSON.stringify(handled));
    const rig = rigOf({ records });
    rig.server.says(alice, "/handled-by-another");
    rig.server.says(alice, "/new");
    rig.listen();
    await rig.quiet();
    expect(rig.texts).toEqual(["/new"]);
  });

  test("a message in hand when its agent died comes again at the next one, with the same event id", async () => {
    const records = new MemoryRecords();
    const server = TelegramServer.start();
    const dying = rigOf({ server, records, handler: () => new Promise(() => undefined) });
    server.says(alice, "/pause");
    dying.listen();
    await until(() => dying.received.length === 1);
    dying.lease.isHeld = false;
    const next = rigOf({ server, records });
    next.listen();
    await until(() => next.received.length === 1);
    expect(next.received[0]?.eventId).toBe(dying.received[0]?.eventId ?? "");
  });

  test("an update that waited for its turn when the lease was lost is left to the next holder", async () => {
    const held = gate();
    const rig = rigOf({ handler: () => held.promise });
    rig.server.says(alice, "/one");
    rig.server.says(alice, "/two");
    rig.listen();
    await until(() => rig.received.length === 1);
    rig.lease.isHeld = false;
    held.open();
    await rig.pass(500, () => rig.server.count("getMe") === 2);
    expect(rig.texts).toEqual(["/one"]);
    expect(rig.server.unconfirmed).not.toHaveLength(0);
    rig.lease.isHeld = true;
    await rig.pass(1_000, () => rig.received.length === 2);
    expect(rig.texts).toEqual(["/one", "/two"]);
  });

  test("a store that is away costs nothing but the record", async () => {
    const rig = rigOf();
    rig.records.isDown = true;
    rig.listen();
    rig.server.says(alice, "/one");
    await until(() => rig.received.length === 1);
    await rig.quiet();
    rig.records.isDown = false;
    rig.server.says(alice, "/two");
    await until(() => rig.records.offset !== undefined);
    expect(rig.texts).toEqual(["/one", "/two"]);
  });

  test("without a store the agent remembers by itself", async () => {
    const rig = rigOf();
    rig.records.available = false;
    rig.server.says(alice, "/one");
    rig.listen();
    await until(() => rig.received.length === 1);
    await rig.quiet();
    expect(rig.log.matching("offset")).toEqual([]);
  });

  test("the offset of another bot is not taken over", async () => {
    const rig = rigOf();
    await rig.records.cas(
      "chat/telegram-offset",
      null,
      JSON.stringify({ bot: 99, offset: 5_000_000, nonce: "n" }),
    );
    rig.server.says(alice, "/one");
    rig.listen();
    await until(() => rig.received.length === 1);
    await until(() => (rig.records.offset ?? 0) < 5_000_000);
  });

  test("stopping confirms what is handled", async () => {
    const rig = rigOf();
    rig.handler = async () => void rig.channel.stop();
    rig.server.says(alice, "/restart");
    rig.listen();
    await until(() => rig.received.length === 1);
    await rig.quiet();
  });
});

describe("who polls", () => {
  test("only the holder of the chat lease; others look whether the API answers", async () => {
    const rig = rigOf();
    rig.lease.isHeld = false;
    rig.server.says(alice, "/one");
    rig.listen();
    await rig.pass(1_000, () => rig.server.count("getMe") === 3);
    expect(rig.server.count("getUpdates")).toBe(0);
    expect(rig.lease.reports.every(Boolean)).toBe(true);
    rig.lease.isHeld = true;
    await rig.pass(1_000, () => rig.received.length === 1);
  });

  test("a poll ends within a second of losing the lease", async () => {
    const server = TelegramServer.start();
    const old = rigOf({ server });
    old.listen();
    await server.arrived("getUpdates", 1);
    old.lease.isHeld = false;
    await old.clock.advance(1_000);
    await until(() => !server.isPolled);
    server.says(alice, "/one");
    const next = rigOf({ server });
    next.listen();
    await until(() => next.received.length === 1);
    expect(old.received).toEqual([]);
    expect(old.log.matching("cannot be polled")).toEqual([]);
  });

  test("what arrives just after the lease was lost is neither handled nor acknowledged here", async () => {
    const rig = rigOf();
    rig.listen();
    await until(() => rig.server.isPolled);
    rig.lease.isHeld = false;
    rig.server.forges(alice, { message_id: 1, chat: { id: 1, type: "supergroup" } }, "p:c:1");
    await rig.pass(500, () => rig.server.count("getMe") === 2);
    expect(rig.received).toEqual([]);
    expect(rig.server.spinningButtons).toBe(1);
    expect(rig.server.unconfirmed).toHaveLength(1);
  });

  test("another poller is met with a pause, not with the end", async () => {
    const rig = rigOf();
    rig.listen();
    await rig.server.arrived("getUpdates", 1);
    const url = `${rig.server.apiRoot}/bot${rig.server.token}/getUpdates`;
    await (await fetch(url)).json();
    await until(() => rig.log.matching("409").length === 1);
    expect(rig.lease.reports.at(-1)).toBe(true);
    rig.server.says(alice, "/one");
    await rig.pass(500, () => rig.received.length === 1);
  });
});

describe("when Telegram is in trouble", () => {
  test.each([
    ["a server error", serverError],
    ["a page of some proxy", garbage],
    ["JSON of another form", { kind: "garbage", status: 200, body: '{"ok":true,"result":"none"}' }],
    ["an error of another form", { kind: "garbage", status: 500, body: "{}" }],
  ] as const)("%s is waited out, 1 to 30 s at a time", async (_name, fault) => {
    const rig = rigOf();
    rig.server.fail("getUpdates", fault, 8);
    rig.server.says(alice, "/one");
    rig.listen();
    await rig.pass(500, () => rig.received.length === 1);
    const waits = rig.log.matching("cannot be polled").map((line) => JSON.parse(line).waitMs);
    expect(waits).toEqual([1_000, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500, 22_500]);
    expect(rig.lease.reports.filter((reachable) => !reachable)).toHaveLength(8);
    expect(rig.lease.reports.at(-1)).toBe(true);
    expect(rig.log.matching("Telegram answers again")).toHaveLength(1);
    expect(rig.log.matching('"level":"warn"')).toHaveLength(1);
  });

  test("an API that is down at the start is found when it comes up", async () => {
    const server = TelegramServer.start();
    await server.close();
    const rig = rigOf({ server });
    rig.listen();
    await until(() => rig.lease.reports.includes(false));
    server.open();
    server.says(alice, "/one");
    await rig.pass(500, () => rig.received.length === 1);
  });

  test("five minutes without an API cost no message and two lines; the agent is back within 30 s", async () => {
    const rig = rigOf();
    rig.listen();
    await rig.server.arrived("getUpdates", 1);
    await rig.server.close();
    const awayUntilMs = rig.clock.monotonicMs() + 300_000;
    await rig.pass(1_000, () => rig.clock.monotonicMs() >= awayUntilMs);
    expect(rig.lease.reports.filter((reachable) => !reachable).length).toBeGreaterThan(10);
    rig.server.says(alice, "/one");
    rig.server.open();
    expect(await rig.pass(500, () => rig.received.length === 1)).toBeLessThanOrEqual(30_000);
    await rig.quiet();
    expect(rig.lease.reports.at(-1)).toBe(true);
    expect(rig.log.matching('"level":"warn"')).toHaveLength(1);
    expect(rig.log.matching("Telegram answers again")).toHaveLength(1);
  });

  test("a restart that keeps its state, and one that loses it, are survived", async () => {
    const rig = rigOf();
    rig.listen();
    await rig.server.arrived("getUpdates", 1);
    await rig.server.close();
    rig.server.says(alice, "/kept");
    rig.server.open();
    await rig.pass(500, () => rig.received.length === 1);
    await rig.server.close();
    rig.server.loseState();
    rig.server.says(alice, "/new");
    rig.server.open();
    await rig.pass(500, () => rig.received.length === 2);
    expect(rig.texts).toEqual(["/kept", "/new"]);
  });

  test("as long as Telegram asks for rest, it gets it", async () => {
    const rig = rigOf();
    rig.server.fail("getUpdates", tooManyRequests(17), 1);
    rig.listen();
    await until(() => rig.log.matching("cannot be polled").length === 1);
    expect(await rig.pass(500, () => rig.server.count("getUpdates") === 2)).toBe(17_000);
    expect(rig.lease.reports).not.toContain(false);
  });

  test("a poll that is never answered is given up", async () => {
    const rig = rigOf();
    rig.server.fail("getUpdates", { kind: "hang" }, 1);
    rig.server.says(alice, "/one");
    rig.listen();
    await rig.server.arrived("getUpdates", 1);
    await rig.clock.advance(34_000);
    expect(rig.received).toEqual([]);
    await rig.pass(500, () => rig.received.length === 1);
    expect(rig.log.matching("deadline-passed")).toHaveLength(1);
  });

  test("a refused token is said once; the channel then refuses to send, and the agent lives", async () => {
    const rig = rigOf({ token: "1234567:revoked-token-of-nobody" });
    rig.listen();
    await until(() => rig.raised.length === 1);
    const send = () => rig.channel.send({ lines: [] }, rig.signal);
    await expect(send()).rejects.toMatchObject({ code: "channel-failed", retryable: false });
    await rig.clock.advance(90_000);
    expect(rig.lease.reports).toEqual([false, false, false, false]);
    expect(rig.raised).toMatchObject([{ key: "telegram-token-refused", severity: "critical" }]);
    expect(rig.server.requests).toEqual([]);
  });

  test("a token that is revoked while the agent runs ends polling and sending", async () => {
    const rig = rigOf();
    rig.listen();
    await until(() => rig.server.isPolled);
    rig.server.fail("*", unauthorized);
    await expect(rig.channel.send({ lines: [] }, rig.signal)).rejects.toMatchObject({ errorCode: 401 });
    rig.server.says(alice, "/one");
    await until(() => rig.lease.reports.includes(false));
    await expect(rig.channel.send({ lines: [] }, rig.signal)).rejects.toThrow("the bot's token is refused");
    expect(rig.server.count("sendMessage")).toBe(1);
    expect(rig.raised).toHaveLength(1);
  });

  test("no line and no error shows the token", async () => {
    const server = TelegramServer.start();
    const rig = rigOf({ server });
    await server.close();
    const key = server.token.split(":")[1] ?? "";
    const error = await rig.channel.send({ lines: [] }, rig.signal).catch((reason: unknown) => reason);
    rig.listen();
    await until(() => rig.log.lines.length > 0);
    expect(Bun.inspect(error)).toContain("sendMessage failed");
    expect(Bun.inspect(error)).not.toContain(key);
    expect(rig.log.lines.join("\n")).not.toContain(key);
  });
});
