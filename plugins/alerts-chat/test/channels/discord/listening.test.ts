import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { serverError } from "../../support/discord-server.ts";
import { alice, card, RequestClock, Rig, until } from "./rig.ts";

/** discord.js waits up to 6.5 s before it identifies a second time: Discord allows one per 5 s. */
const IDENTIFY_AGAIN_MS = 30_000;
/** What passes for real in each second of a long simulated time: discord.js has clocks of its own. */
const STEP_TAKES_MS = 10;

let rig: Rig;
beforeEach(() => {
  rig = new Rig({ clock: new RequestClock() });
});
afterEach(() => rig.end());

async function takesPresses(): Promise<void> {
  const { messageId } = await rig.send(card);
  const before = rig.received.length;
  rig.server.press(alice, messageId, "Confirm");
  await until(() => rig.received.length === before + 1, "the press");
}

describe("who listens to Discord", () => {
  test("nobody before the chat lease is held; sending works all the same", async () => {
    rig.lease.isHeld = false;
    rig.listen();
    await rig.pass(() => rig.lease.reports.length > 0);
    expect(rig.lease.started).toBe(1);
    expect(rig.server.gateway.log).toEqual([]);
    await rig.send(card);
    rig.lease.isHeld = true;
    await rig.ready();
    await takesPresses();
  });

  test("whoever loses the lease leaves, and comes back with it", async () => {
    await rig.listening();
    rig.lease.isHeld = false;
    await rig.pass(() => rig.server.gateway.connections === 0);
    rig.lease.isHeld = true;
    await rig.ready();
    await takesPresses();
  });

  test("one agent after the other takes the presses of one card", async () => {
    await rig.listening();
    const other = new Rig({ server: rig.server, clock: rig.clock });
    other.lease.isHeld = false;
    other.listen();
    const { messageId } = await rig.send(card);
    rig.server.press(alice, messageId, "Confirm");
    await rig.pass(() => rig.received.length === 1);
    rig.lease.isHeld = false;
    await rig.pass(() => rig.server.gateway.connections === 0);
    other.lease.isHeld = true;
    await rig.pass(() => rig.server.gateway.present === 1);
    rig.server.press(alice, messageId, "Confirm");
    await rig.pass(() => other.received.length === 1);
    expect(rig.received).toHaveLength(1);
    await other.stop();
  });

  test("stopping leaves the gateway, also while a reconnect is under way", async () => {
    await rig.listening();
    rig.server.gateway.closeAll(4000);
    await until(() => rig.log.matching("closed the connection").length === 1);
    const { length } = rig.server.gateway.log;
    await rig.stop();
    // discord.js comes back half a second after a close.
    await Bun.sleep(1_000);
    expect(rig.server.gateway.log).toHaveLength(length);
    expect(rig.server.gateway.connections).toBe(0);
  });
});

describe("a gateway in trouble", () => {
  test("close 4000 is resumed: what was pressed meanwhile comes once", async () => {
    await rig.listening();
    const { messageId } = await rig.send(card);
    rig.server.gateway.closeAll(4000);
    await until(() => rig.server.gateway.connections === 0);
    rig.server.press(alice, messageId, "Confirm");
    await rig.pass(() => rig.received.length === 1);
    expect(rig.server.gateway.log).toEqual(["identify", "resume"]);
    await takesPresses();
    expect(rig.received).toHaveLength(2);
    // It counts as there: nothing replaces it, however long.
    await rig.advance(60_000);
    await takesPresses();
    expect(rig.server.gateway.log).toEqual(["identify", "resume"]);
  });

  test("a frame that is no message of the gateway changes nothing", async () => {
    await rig.listening();
    for (const frame of ["<html>", "null", "{}", "[]", "7", '{"op":99,"d":null}', ""])
      rig.server.gateway.sendRaw(frame);
    await takesPresses();
    expect(rig.server.gateway.log).toEqual(["identify"]);
  });

  test("a request to reconnect is followed by a resume", async () => {
    await rig.listening();
    rig.server.gateway.askReconnect();
    await rig.pass(() => rig.server.gateway.log.at(-1) === "resume");
    await takesPresses();
  });

  test(
    "close 4009 of a session that is over leads to a new one",
    async () => {
      await rig.listening();
      rig.server.gateway.forgetSessions();
      rig.server.gateway.closeAll(4009);
      await rig.pass(() => rig.server.gateway.present === 1);
      expect(rig.server.gateway.log).toEqual(["identify", "resume refused", "identify"]);
      await takesPresses();
    },
    IDENTIFY_AGAIN_MS,
  );

  test(
    "an invalid session leads to a new one",
    async () => {
      await rig.listening();
      rig.server.gateway.invalidateSessions();
      await rig.pass(() => rig.server.gateway.present === 1);
      expect(rig.server.gateway.log.at(-1)).toBe("identify");
      await takesPresses();
    },
    IDENTIFY_AGAIN_MS,
  );

  test(
    "a gateway that accepts and says nothing is replaced after 30 s, and the lease is told",
    async () => {
      rig.server.gateway.isMute = true;
      rig.listen();
      await rig.pass(() => rig.lease.reports.includes(false));
      expect(rig.log.matching("cannot be listened to").length).toBeGreaterThan(0);
      rig.server.gateway.isMute = false;
      await rig.ready();
      await rig.pass(() => rig.lease.reports.at(-1) === true);
      await takesPresses();
    },
    IDENTIFY_AGAIN_MS,
  );
});

describe("a Discord that is away", () => {
  test(
    "at the start: the agent finds it when it comes, said once and once that it is back",
    async () => {
      await rig.server.close();
      rig.listen();
      await rig.pass(() => rig.lease.reports.length >= 3);
      expect(rig.lease.reports).not.toContain(true);
      rig.server.open();
      await rig.ready();
      await rig.pass(() => rig.lease.reports.at(-1) === true);
      const warnings = rig.log.matching("cannot be listened to").filter((line) => line.includes('"warn"'));
      expect(warnings).toHaveLength(1);
      expect(rig.log.matching("Discord answers again")).toHaveLength(1);
      await takesPresses();
    },
    IDENTIFY_AGAIN_MS,
  );

  test(
    "for a while: the agent is back by itself",
    async () => {
      await rig.listening();
      await rig.server.close();
      await rig.pass(() => rig.lease.reports.includes(false));
      rig.server.open();
      await rig.pass(() => rig.server.gateway.present === 1);
      await takesPresses();
    },
    IDENTIFY_AGAIN_MS,
  );

  test(
    "for five minutes: said twice, tried at least every minute and no storm, and presses are taken again",
    async () => {
      await rig.listening();
      await rig.server.close();
      const startMs = rig.clock.monotonicMs();
      const triedAtMs = [startMs];
      while (rig.clock.monotonicMs() < startMs + 300_000) {
        const { length } = rig.lease.reports;
        await rig.advance(1_000);
        await Bun.sleep(STEP_TAKES_MS);
        if (rig.lease.reports.length > length) triedAtMs.push(rig.clock.monotonicMs());
      }
      const pausesMs = triedAtMs.slice(1).map((atMs, index) => atMs - triedAtMs[index]!);
      expect(pausesMs.length).toBeGreaterThan(5);
      expect(pausesMs.length).toBeLessThan(30);
      expect(Math.max(...pausesMs)).toBeLessThanOrEqual(62_000);
      rig.server.open();
      const backAtMs = rig.clock.monotonicMs();
      await rig.pass(() => rig.server.gateway.present === 1);
      expect(rig.clock.monotonicMs() - backAtMs).toBeLessThanOrEqual(60_000);
      await rig.pass(() => rig.lease.reports.at(-1) === true);
      await takesPresses();
      const warnings = rig.log.matching("cannot be listened to").filter((line) => line.includes('"warn"'));
      expect(warnings).toHaveLength(1);
      expect(rig.log.matching("Discord answers again")).toHaveLength(1);
    },
    IDENTIFY_AGAIN_MS,
  );

  test.each([
    ["a 5xx", serverError],
    ["a page of some proxy", { kind: "garbage", body: "<html>Sign in</html>", contentType: "text/html" }],
    ["JSON of another form", { kind: "garbage", body: '{"ok":true}', contentType: "application/json" }],
    ["what calls itself JSON", { kind: "garbage", body: "<html>", contentType: "application/json" }],
  ] as const)("%s at the log-in is waited out", async (_name, fault) => {
    rig.server.fail("getGateway", fault, 2);
    await rig.listening();
    expect(rig.server.count("getGateway")).toBeGreaterThanOrEqual(3);
    await takesPresses();
  });

  test("as long as Discord asks for rest at the log-in, it gets it", async () => {
    rig.server.fail("getGateway", { kind: "rate-limit", retryAfterS: 7 }, 1);
    rig.listen();
    await rig.pass(() => rig.log.matching("cannot be listened to").length === 1);
    expect(JSON.parse(rig.log.matching("cannot be listened to")[0] ?? "{}").waitMs).toBeGreaterThan(6_000);
    await rig.ready();
    expect(rig.lease.reports).not.toContain(false);
    await takesPresses();
  });

  test("reports that Discord answers while the lease is held, and without it as well", async () => {
    await rig.listening();
    await rig.pass(() => rig.lease.reports.length >= 3);
    expect(rig.lease.reports).not.toContain(false);
    rig.lease.isHeld = false;
    const { length } = rig.lease.reports;
    await rig.pass(() => rig.lease.reports.length > length + 1);
    expect(rig.lease.reports).not.toContain(false);
  });
});

describe("a token that Discord refuses", () => {
  test("over HTTP: said once, raised once, and the lease learns that this agent is of no use", async () => {
    rig.server.token = "another";
    rig.listen();
    await rig.pass(() => rig.lease.reports.length >= 3);
    expect(rig.raised.map(({ key }) => key)).toEqual(["discord-token-refused"]);
    expect(rig.log.matching("refuses the bot's token")).toHaveLength(1);
    expect(rig.lease.reports).not.toContain(true);
    expect(rig.server.requests).toHaveLength(1);
  });

  test("at the gateway (4004): the same", async () => {
    await rig.listening();
    rig.server.gateway.closeAll(4004);
    await rig.pass(() => rig.raised.length > 0);
    const { length } = rig.server.requests;
    await rig.pass(() => rig.lease.reports.filter((reachable) => !reachable).length >= 2);
    expect(rig.raised.map(({ key }) => key)).toEqual(["discord-token-refused"]);
    expect(rig.server.requests).toHaveLength(length);
    expect(rig.server.gateway.log).toEqual(["identify"]);
  });

  test("is not in the log", async () => {
    await rig.listening();
    rig.server.gateway.closeAll(4004);
    await rig.pass(() => rig.raised.length > 0);
    expect(rig.log.lines.join()).not.toContain(rig.server.token);
  });
});

describe("the commands", () => {
  test("are tried again until Discord takes them; buttons work meanwhile", async () => {
    rig.server.fail("putCommands", serverError, 2);
    rig.listen();
    await rig.pass(() => rig.server.gateway.present === 1);
    await rig.ready();
    expect(rig.log.matching("does not know our commands")).toHaveLength(1);
    await takesPresses();
  });

  test("that a person must put right are raised, and cleared when they are there", async () => {
    rig.server.isMember = false;
    rig.listen();
    await rig.pass(() => rig.raised.length > 0);
    expect(rig.raised).toMatchObject([{ key: "discord-commands-missing", severity: "warning" }]);
    rig.server.isMember = true;
    await rig.ready();
    await rig.pass(() => rig.cleared.includes("discord-commands-missing"));
  });

  test("that Discord would refuse are a defect that shows at once", () => {
    expect(() => rig.channel.registerMenu([{ name: "Not Allowed", about: "x" }])).toThrow("a-z");
    expect(() => rig.channel.registerMenu([{ name: "ok", about: " " }])).toThrow("description");
    const many = Array.from({ length: 101 }, (_, n) => ({ name: `c${n}`, about: "x" }));
    expect(() => rig.channel.registerMenu(many)).toThrow("more commands");
  });
});
