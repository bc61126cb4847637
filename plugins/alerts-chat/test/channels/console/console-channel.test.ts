import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { consoleEnv } from "../../../src/channels/console/index.ts";
import { createPeople } from "../../../src/people/operators-file.ts";
import { createRig, NEVER, says } from "./rig.ts";

const card = { ...says("Pause?"), buttons: [[{ label: "Confirm", data: "p:c", style: "primary" as const }]] };

describe("who speaks", () => {
  test("the operator that is configured, at the console of this agent", async () => {
    await using rig = createRig({ operator: "alice" });
    await rig.start();
    const client = await rig.client();
    expect(await client.hears("hello")).toEqual({ type: "hello", agent: "bot-1", operator: "alice" });
    const beforeMs = Date.now();
    expect(await client.say("/status")).toBe("answered");
    expect(rig.inbounds).toEqual([
      {
        kind: "message",
        eventId: expect.any(String),
        caller: {
          platform: "console",
          userId: "alice",
          displayName: "alice",
          isBot: false,
          isAnonymous: false,
        },
        place: { platform: "console", chatId: "bot-1" },
        messageId: expect.any(String),
        text: "/status",
        sentAtMs: expect.any(Number),
        isEdit: false,
        isForwarded: false,
      },
    ]);
    const [inbound] = rig.inbounds;
    expect(inbound?.kind === "message" && inbound.sentAtMs).toBeWithin(beforeMs, Date.now() + 1);
  });

  test("without an operator nobody: no principal, whoever is in the file", async () => {
    await using rig = createRig();
    await rig.start();
    const client = await rig.client();
    expect(await client.hears("hello")).toMatchObject({ operator: null });
    await client.say("/pause");
    const people = createPeople(
      [{ id: "alice", role: "approver", telegram: undefined, discord: undefined, totp: undefined }],
      [],
    );
    expect(rig.inbounds.map(({ caller }) => people.principalOf(caller))).toEqual([undefined]);
  });

  test("a press carries message, data and form, and never the id of another event", async () => {
    await using rig = createRig({ operator: "alice" });
    await rig.start();
    const client = await rig.client();
    const form = { totp: "123456", reason: "alone" };
    await client.press({ source: "", messageId: "m-1", data: "p:b", form });
    await client.press({ source: "", messageId: "m-1", data: "p:b" });
    expect(rig.inbounds).toMatchObject([
      { kind: "press", messageId: "m-1", data: "p:b", form },
      { kind: "press" },
    ]);
    expect(rig.inbounds[1]).not.toHaveProperty("form");
    expect(new Set(rig.inbounds.map(({ eventId }) => eventId)).size).toBe(2);
  });

  test("a line that waited in the socket keeps the time at which it was typed", async () => {
    await using rig = createRig({ operator: "alice" });
    await rig.start();
    const socket = connect(rig.channel.socketPath);
    const done = new Promise<void>((resolve) => {
      socket.on("data", (piece: Buffer) => {
        if (piece.toString().includes('"done"')) resolve();
      });
    });
    const atMs = Date.now() - 600_000;
    socket.write(`${JSON.stringify({ type: "say", request: 1, atMs, text: "/pause" })}\n`);
    await done;
    socket.destroy();
    expect(rig.inbounds).toMatchObject([{ sentAtMs: atMs }]);
  });

  test("CONSOLE_OPERATOR tells in its description that the socket's owner is the authority", () => {
    expect(consoleEnv.CONSOLE_OPERATOR.about).toMatch(/Whoever may open the socket/);
    expect(consoleEnv.CONSOLE_OPERATOR.schema.safeParse("alice; rm").success).toBe(false);
    expect(consoleEnv.CONSOLE_OPERATOR.schema.parse(undefined)).toBeUndefined();
  });
});

describe("what is said", () => {
  test("an answer goes to whoever asked and to nobody else, before its request is done", async () => {
    await using rig = createRig({
      operator: "alice",
      handle: async (inbound, channel) => {
        const text = inbound.kind === "message" ? inbound.text : "";
        await channel.answer(inbound, says(`you said ${text}`), NEVER);
      },
    });
    await rig.start();
    const [one, two] = [await rig.client(), await rig.client()];
    await Promise.all([one.say("1"), two.say("2")]);
    expect(one.heard).toMatchObject([
      { type: "hello" },
      { type: "answer", request: 1, message: says("you said 1") },
      { type: "done", request: 1 },
    ]);
    expect(two.heard).toMatchObject([{}, { message: says("you said 2") }, {}]);
  });

  test("an alert and its edit go to every client, under one id", async () => {
    await using rig = createRig();
    await rig.start();
    const clients = [await rig.client(), await rig.client()];
    await Promise.all(clients.map((client) => client.hears("hello")));
    const reference = await rig.channel.send(card, NEVER);
    expect(reference).toEqual({ platform: "console", chatId: "bot-1", messageId: expect.any(String) });
    expect(await rig.channel.edit(reference, says("Paused"), NEVER)).toEqual(reference);
    const { messageId } = reference;
    for (const client of clients) {
      expect(await client.hears("edit")).toEqual({ type: "edit", messageId, message: says("Paused") });
      expect(await client.hears("message")).toEqual({ type: "message", messageId, message: card });
    }
  });

  test("what nobody has seen is kept as it stands now, and shown once to the person who comes", async () => {
    await using rig = createRig();
    const reference = await rig.channel.send(says("firing"), NEVER);
    await rig.start();
    await rig.channel.send(says("second"), NEVER);
    await rig.channel.edit(reference, says("resolved"), NEVER);
    const passing = await rig.client();
    await passing.say("a client without a person hears nothing of it");
    expect(passing.heard.map(({ type }) => type)).toEqual(["hello", "done"]);
    const shown = async () => {
      const client = await rig.client();
      client.watch();
      await client.say("x");
      return client.heard.flatMap((line) => (line.type === "message" ? [line.message] : []));
    };
    expect(await shown()).toEqual([says("resolved"), says("second")]);
    expect(await shown()).toEqual([]);
  });

  test("of what nobody has seen the last 100 are kept", async () => {
    await using rig = createRig();
    await rig.start();
    for (let index = 0; index < 105; index++) await rig.channel.send(says(`${index}`), NEVER);
    const client = await rig.client();
    client.watch();
    await client.say("x");
    const shown = client.heard.flatMap((line) => (line.type === "message" ? [line.message] : []));
    expect(shown).toEqual(Array.from({ length: 100 }, (_, index) => says(`${index + 5}`)));
  });

  test("a card that can still be pressed is shown to each person who comes, a finished one is not", async () => {
    await using rig = createRig();
    await rig.start();
    const reference = await rig.channel.send(card, NEVER);
    const cardsSeen = async () => {
      const client = await rig.client();
      client.watch();
      await client.say("x");
      return client.heard.filter(({ type }) => type === "message").length;
    };
    expect([await cardsSeen(), await cardsSeen()]).toEqual([1, 1]);
    await rig.channel.edit(reference, says("Cancelled"), NEVER);
    await cardsSeen();
    const late = await rig.client();
    late.watch();
    await late.say("x");
    expect(late.heard.map(({ type }) => type)).toEqual(["hello", "done"]);
  });

  test("an answer to whoever has gone is kept for the next person", async () => {
    const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    await using rig = createRig({
      handle: async (inbound, channel) => {
        if (inbound.kind === "message" && inbound.text !== "slow") return;
        await gone;
        await channel.answer(inbound, says("late"), NEVER);
        answer();
      },
    });
    await rig.start();
    const first = await rig.client();
    const said = first.say("slow");
    while (rig.inbounds.length === 0) await Bun.sleep(5);
    first.close();
    expect(await said).toBe("lost");
    await (await rig.client()).say("by now the agent has seen the first one go");
    leave();
    await answered;
    const next = await rig.client();
    next.watch();
    await next.say("x");
    expect(next.heard).toContainEqual({
      type: "message",
      messageId: expect.any(String),
      message: says("late"),
    });
  });

  test("an edit of what another agent's console has shown is said anew", async () => {
    await using rig = createRig();
    await rig.start();
    const other = { platform: "console", chatId: "bot-2", messageId: "theirs-1" };
    const reference = await rig.channel.edit(other, says("moved here"), NEVER);
    expect(reference.messageId).not.toBe(other.messageId);
    expect(reference.chatId).toBe("bot-1");
  });
});

describe("clients that misbehave", () => {
  const raw = async (path: string, text: string) => {
    const socket = connect(path);
    let heard = "";
    socket.on("data", (piece: Buffer) => {
      heard += piece.toString();
    });
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("end", () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.write(text);
    return { socket, closed, heard: () => heard };
  };

  test("a line that is no line of the protocol is refused and hurts nobody", async () => {
    await using rig = createRig();
    await rig.start();
    const bad = await raw(
      rig.channel.socketPath,
      'nonsense\n{"type":"say"}\n{"type":"say","request":1,"atMs":0,"text":""}\n',
    );
    const client = await rig.client();
    expect(await client.say("still here")).toBe("answered");
    while (bad.heard().split('"refused"').length < 4) await Bun.sleep(5);
    expect(rig.inbounds).toHaveLength(1);
    bad.socket.destroy();
  });

  test("a line without an end is not collected: the client is let go", async () => {
    await using rig = createRig();
    await rig.start();
    const bad = await raw(rig.channel.socketPath, "x".repeat(100_000));
    await bad.closed;
    expect(bad.heard()).toContain("too long");
  });

  test("no more than 16 requests of one client are handled at a time", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using rig = createRig({ handle: () => promise });
    await rig.start();
    const client = await rig.client();
    const said = Array.from({ length: 17 }, (_, index) => client.say(`${index}`));
    expect(await client.hears("refused")).toMatchObject({ request: 17 });
    expect(rig.inbounds).toHaveLength(16);
    resolve();
    await Promise.all(said);
  });

  test("no more than 32 clients are served", async () => {
    await using rig = createRig();
    await rig.start();
    const clients = await Promise.all(Array.from({ length: 32 }, () => rig.client()));
    await Promise.all(clients.map((client) => client.hears("hello")));
    const surplus = await rig.client();
    expect((await surplus.hears("refused")).problem).toContain("32 clients");
    await surplus.closed;
  });

  test("a client that reads nothing is let go instead of filling the memory", async () => {
    await using rig = createRig();
    await rig.start();
    const deaf = await raw(rig.channel.socketPath, "");
    const client = await rig.client();
    await client.hears("hello");
    deaf.socket.pause();
    let closed = false;
    void deaf.closed.then(() => {
      closed = true;
    });
    for (let index = 0; index < 20; index++) {
      const { messageId } = await rig.channel.send(says("x".repeat(500_000)), NEVER);
      await client.hears("message", (line) => line.messageId === messageId);
    }
    deaf.socket.resume();
    await deaf.closed;
    expect(closed).toBe(true);
    expect(await client.say("the others stay")).toBe("answered");
  });
});
