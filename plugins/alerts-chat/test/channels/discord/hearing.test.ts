import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { plainLine } from "../../../src/conversation/outbound.ts";
import { OTHER_CHANNEL_ID, serverError, TEAM_CHANNEL_ID } from "../../support/discord-server.ts";
import { alice, bob, card, MENU, RequestClock, Rig, says, until } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await new Rig({ clock: new RequestClock() }).listening();
});
afterEach(() => rig.end());

describe("what people do on Discord", () => {
  test("each command of the menu is a slash command with one optional text", () => {
    expect(rig.server.commands).toEqual(
      MENU.map(({ name, about, usage }) => ({
        type: 1,
        name,
        description: about,
        options: [{ type: 3, name: "args", description: usage, required: false }],
      })),
    );
  });

  test("only the intent Guilds is asked for", () => {
    expect(rig.server.gateway.intents).toEqual([1]);
  });

  test("a slash command comes in as the text that it stands for, with who, where and when", async () => {
    const atMs = Date.now() - 500;
    const done = rig.server.command(alice, "emergency_price", "3500.5 feed is down", { atMs });
    await until(() => rig.received.length === 1);
    expect(rig.received).toEqual([
      {
        kind: "message",
        eventId: done.id,
        caller: {
          platform: "discord",
          userId: alice.id,
          displayName: "Alice",
          isBot: false,
          isAnonymous: false,
        },
        place: { platform: "discord", chatId: TEAM_CHANNEL_ID },
        messageId: done.id,
        text: "/emergency_price 3500.5 feed is down",
        sentAtMs: atMs,
        isEdit: false,
        isForwarded: false,
      },
    ]);
    rig.server.command(bob, "status");
    await until(() => rig.received.length === 2);
    expect(rig.received[1]).toMatchObject({ text: "/status", caller: { userId: bob.id } });
  });

  test("a press comes in with the message that carries the button and with the button's data", async () => {
    const { messageId } = await rig.send(card);
    const press = rig.server.press(alice, messageId, "Confirm");
    await until(() => rig.received.length === 1);
    expect(rig.received).toMatchObject([
      {
        kind: "press",
        eventId: press.id,
        caller: { userId: alice.id, isBot: false },
        place: { platform: "discord", chatId: TEAM_CHANNEL_ID },
        messageId,
        data: "p:c:1",
      },
    ]);
    expect(rig.received[0]).not.toHaveProperty("form");
  });

  test("break-glass opens a form; what is filled in comes as a press of that button", async () => {
    const { messageId } = await rig.send(card);
    const press = rig.server.press(alice, messageId, "Break glass");
    await until(() => press.form !== undefined);
    expect(press.form).toMatchObject({ title: "Break glass" });
    expect(rig.received).toEqual([]);
    const submitted = rig.server.submitModal(alice, press, { totp: "123456", reason: " feed is wrong " });
    await until(() => rig.received.length === 1);
    expect(rig.received).toMatchObject([
      {
        kind: "press",
        eventId: submitted.id,
        caller: { userId: alice.id },
        messageId,
        data: "p:b:1",
        form: { totp: "123456", reason: "feed is wrong" },
      },
    ]);
  });

  test("a bot is told as one, and another channel as another", async () => {
    rig.server.command({ ...bob, isBot: true }, "status", "", { channelId: OTHER_CHANNEL_ID });
    await until(() => rig.received.length === 1);
    expect(rig.received).toMatchObject([
      { caller: { isBot: true }, place: { platform: "discord", chatId: OTHER_CHANNEL_ID } },
    ]);
  });

  test("a button that is none of this channel's making is left alone", async () => {
    const { messageId } = await rig.send(card);
    const foreign = rig.server.forge(alice, messageId, "somebody-elses");
    rig.server.press(alice, messageId, "Confirm");
    await until(() => rig.received.length === 1);
    expect(rig.received).toMatchObject([{ data: "p:c:1" }]);
    expect(foreign.callback).toBeUndefined();
  });
});

describe("answers on Discord", () => {
  test("the answer to a command is seen by its author alone, in the place of the thinking", async () => {
    const command = rig.server.command(alice, "status");
    await until(() => rig.received.length === 1);
    await rig.answer(rig.received[0] as never, says("**All well**"));
    expect(command).toMatchObject({ callback: 5, isThinking: false });
    expect(rig.server.messages).toEqual([]);
    expect(rig.server.privateTo(alice)).toMatchObject([{ content: "**All well**" }]);
  });

  test("a long answer follows in parts that only its author sees", async () => {
    rig.handler = async (inbound) => {
      const lines = Array.from({ length: 100 }, (_, n) => plainLine(`line number ${n} of the long report`));
      await rig.answer(inbound, { lines });
    };
    rig.server.command(alice, "status");
    await until(() => rig.server.privateTo(alice).length === 2);
    expect(rig.server.messages).toEqual([]);
  });

  test("a refused press is answered to its author alone, and the card stays as it is", async () => {
    const { messageId } = await rig.send(card);
    rig.handler = async (inbound) => void (await rig.answer(inbound, says("you may not")));
    const press = rig.server.press(bob, messageId, "Confirm");
    await until(() => rig.server.privateTo(bob).length === 1);
    expect(press.callback).toBe(6);
    expect(rig.server.privateTo(bob)).toMatchObject([{ content: "you may not" }]);
    expect(rig.server.messages).toMatchObject([{ id: messageId, isEdited: false }]);
  });

  test("a form is answered to its author alone", async () => {
    const { messageId } = await rig.send(card);
    rig.handler = async (inbound) => void (await rig.answer(inbound, says("wrong password")));
    const press = rig.server.press(alice, messageId, "Break glass");
    await until(() => press.form !== undefined);
    rig.server.submitModal(alice, press, { totp: "000000", reason: "x" });
    await until(() => rig.server.privateTo(alice).length === 1);
    expect(rig.server.privateTo(alice)).toMatchObject([{ content: "wrong password" }]);
  });

  test("a command that needs no answer here does not think for ever", async () => {
    const command = rig.server.command(alice, "status");
    await until(() => command.callback !== undefined && !command.isThinking);
    expect(rig.server.privateTo(alice)).toEqual([]);
  });

  test("a handler that throws ends the thinking too, is logged, and the next command is handled", async () => {
    rig.handler = async () => {
      throw new Error("a defect");
    };
    const command = rig.server.command(alice, "status");
    await until(() => command.callback !== undefined && !command.isThinking);
    await until(() => rig.log.matching("was not handled").length === 1);
    rig.handler = async (inbound) => void (await rig.answer(inbound, says("well")));
    rig.server.command(alice, "status");
    await until(() => rig.server.privateTo(alice).length === 1);
  });

  test("what nobody asked here is answered in the channel", async () => {
    rig.server.command(alice, "status");
    await until(() => rig.received.length === 1);
    const [inbound] = rig.received;
    if (inbound === undefined) throw new Error("nothing came in");
    await rig.answer({ ...inbound, eventId: "another" }, says("to everybody"));
    expect(rig.server.messages).toMatchObject([{ content: "to everybody" }]);
  });

  test("an answer after the interaction's 15 minutes goes to the channel", async () => {
    rig.server.command(alice, "status");
    await rig.pass(() => rig.received.length === 1);
    await rig.advance(15 * 60_000 + 1);
    const [inbound] = rig.received;
    if (inbound === undefined) throw new Error("nothing came in");
    await rig.answer(inbound, says("late"));
    expect(rig.server.messages).toMatchObject([{ content: "late" }]);
  });
});

describe("the claim of an interaction", () => {
  test("comes before anything else is done: a handler that takes its time has already claimed", async () => {
    const { messageId } = await rig.send(card);
    let wasClaimed: boolean | undefined;
    const press = rig.server.press(alice, messageId, "Confirm");
    rig.handler = async () => {
      wasClaimed = press.callback !== undefined;
    };
    await until(() => wasClaimed !== undefined);
    expect(wasClaimed).toBe(true);
    expect(press.claimedAfterMs).toBeLessThan(3_000);
  });

  test("is made for a second press while the first is still handled", async () => {
    const { messageId } = await rig.send(card);
    const slow = Promise.withResolvers<void>();
    rig.handler = () => slow.promise;
    const presses = [alice, bob].map((person) => rig.server.press(person, messageId, "Confirm"));
    await until(() => rig.received.length === 2);
    expect(presses.map(({ callback }) => callback)).toEqual([6, 6]);
    slow.resolve();
  });

  test("that somebody else has made: the press is not handled here", async () => {
    const { messageId } = await rig.send(card);
    const other = new Rig({ server: rig.server, clock: rig.clock });
    other.listen();
    await rig.pass(() => rig.server.gateway.present === 2, "two agents of one token");
    rig.server.press(alice, messageId, "Confirm");
    await until(() => rig.server.count("callback") === 2);
    await until(() => rig.received.length + other.received.length > 0);
    await other.stop();
    await rig.stop();
    expect(rig.received.length + other.received.length).toBe(1);
  });

  test("an event that is delivered twice is handled once", async () => {
    const { messageId } = await rig.send(card);
    rig.server.press(alice, messageId, "Confirm");
    await until(() => rig.received.length === 1);
    // The gateway may repeat an event in a resume.
    rig.server.gateway.repeatLast();
    rig.server.press(bob, messageId, "Confirm");
    await until(() => rig.received.length > 1 && rig.server.count("callback") === 3);
    await rig.stop();
    expect(rig.received.map(({ caller }) => caller.userId)).toEqual([alice.id, bob.id]);
  });

  test("that fails or comes too late: the press is not acted on, and that is logged", async () => {
    const { messageId } = await rig.send(card);
    rig.server.fail("callback", serverError, 1);
    rig.server.press(alice, messageId, "Confirm");
    await until(() => rig.log.matching("could not be claimed").length === 1);
    const old = rig.server.press(alice, messageId, "Confirm", { atMs: Date.now() - 4_000 });
    await until(() => rig.log.matching("could not be claimed").length === 2);
    expect(old.refusedCallbacks).toBe(1);
    expect(rig.received).toEqual([]);
    rig.server.press(alice, messageId, "Confirm");
    await until(() => rig.received.length === 1);
  });

  test("that gets no answer is given up when Discord would no longer take it", async () => {
    const { messageId } = await rig.send(card);
    rig.server.fail("callback", { kind: "hang" }, 1);
    rig.server.press(alice, messageId, "Confirm");
    await until(() => rig.server.hanging === 1);
    await rig.advance(3_000);
    await until(() => rig.server.hanging === 0);
    expect(rig.received).toEqual([]);
  });

  test("is not made without the chat lease", async () => {
    const { messageId } = await rig.send(card);
    rig.lease.isHeld = false;
    const press = rig.server.press(alice, messageId, "Confirm");
    await rig.pass(() => rig.server.gateway.present === 0, "the agent to leave");
    expect(press.callback).toBeUndefined();
    expect(rig.received).toEqual([]);
  });

  test("a hundred handlers at once are the limit: what comes then is not claimed", async () => {
    const { messageId } = await rig.send(card);
    const slow = Promise.withResolvers<void>();
    rig.handler = () => slow.promise;
    const presses = Array.from({ length: 101 }, () => rig.server.press(alice, messageId, "Confirm"));
    await until(() => rig.received.length === 100);
    expect(presses.filter(({ callback }) => callback === undefined)).toHaveLength(1);
    expect(rig.log.matching("Too much at once")).toHaveLength(1);
    slow.resolve();
  });
});
