/**
 * No unconfirmed action: every way in which a press or a message is not what it has to be, from what the platform tells to the answer.
 * Router, conversation, confirmation and store are the real ones; each case begins with a card that its right press would confirm.
 */
import { describe, expect, test } from "bun:test";
import { silentLogger } from "@jeju-oracle/kit";
import type { Command, CommandContext } from "../../src/commands/command.ts";
import { proposeCommand } from "../../src/commands/propose-command.ts";
import { Router } from "../../src/commands/router.ts";
import { encodeButton, newProposalId } from "../../src/confirm/buttons.ts";
import type { Channel, InboundHandler } from "../../src/conversation/channel.ts";
import { Chat } from "../../src/conversation/chat.ts";
import type { Caller, Inbound, InboundMessage, InboundPress, Place } from "../../src/conversation/inbound.ts";
import type { OutboundMessage } from "../../src/conversation/outbound.ts";
import { decodeBase32, totpAt } from "../../src/people/totp.ts";
import { ALICE, BOB, CAROL, createAgent, createWorld, DAN, PLACE } from "./support/bench-of-agents.ts";

const DISCORD_PLACE: Place = { platform: "discord", chatId: "900" };

const telegramAs = (userId: string | undefined): Caller => ({
  platform: "telegram",
  userId: userId ?? "",
  displayName: "somebody",
  isBot: false,
  isAnonymous: false,
});
const alice = telegramAs(ALICE.telegram);
const bob = telegramAs(BOB.telegram);
const aliceOnDiscord: Caller = { ...alice, platform: "discord", userId: ALICE.discord ?? "" };

/** A team's two chats with an agent, and what was answered there. */
class Team {
  readonly world = createWorld();
  readonly answers: string[] = [];
  readonly cards: { readonly messageId: string; readonly message: OutboundMessage }[] = [];
  /** What the router refused. */
  readonly refusedCommands: string[] = [];
  readonly agent;
  readonly chat: Chat;
  readonly #handlers = new Map<string, InboundHandler>();

  constructor(risk: "normal" | "critical") {
    this.agent = createAgent(this.world, "bot-1", risk);
    const { actions, people, confirmations, book } = this.agent;
    const { clock } = this.world;
    const commands = [...actions.values()].map(proposeCommand);
    const router = new Router({
      commands,
      run: (command: Command, args, asking) =>
        command.run({ proposals: this.chat } as unknown as CommandContext, args, asking),
      people,
      clock,
      logger: silentLogger,
      refused: (who, command, why) => this.refusedCommands.push(`${who} ${command} ${why}`),
    });
    const homes = [PLACE, DISCORD_PLACE].map(({ platform, chatId }) => `${platform}:${chatId}`);
    this.chat = new Chat({
      channels: [this.#channel("telegram"), this.#channel("discord")],
      router,
      confirmations,
      book,
      actions,
      pressOther: async () => undefined,
      looksAfter: () => false,
      isHome: ({ platform, chatId }) => homes.includes(`${platform}:${chatId}`),
      clock,
      logger: silentLogger,
    });
    this.chat.start();
  }

  get card() {
    const card = this.cards.at(-1);
    if (card === undefined) throw new Error("there is no card");
    return card;
  }

  get refusals(): readonly (string | undefined)[] {
    return this.world.notes.filter(({ what }) => what === "refused").map(({ detail }) => detail);
  }

  says(caller: Caller, text: string, change: Partial<InboundMessage> = {}): Promise<void> {
    return this.#hear({
      kind: "message",
      eventId: crypto.randomUUID(),
      caller,
      place: PLACE,
      messageId: "7",
      text,
      sentAtMs: this.world.clock.wallMs(),
      isEdit: false,
      isForwarded: false,
      ...change,
    });
  }

  presses(caller: Caller, label: string, change: Partial<InboundPress> = {}): Promise<void> {
    const { messageId, message } = this.card;
    const button = message.buttons?.flat().find((one) => one.label === label);
    if (button === undefined) throw new Error(`the card has no button ${label}`);
    return this.#hear({
      kind: "press",
      eventId: crypto.randomUUID(),
      caller,
      place: PLACE,
      messageId,
      data: button.data,
      ...change,
    });
  }

  /** A form filled in with the password of now. */
  form() {
    const secret = decodeBase32(ALICE.totp?.reveal() ?? "") ?? new Uint8Array();
    const step = Math.floor(this.world.clock.wallMs() / 30_000);
    return { totp: totpAt(secret, step), reason: "all others are asleep" };
  }

  async #hear(inbound: Inbound): Promise<void> {
    await this.#handlers.get(inbound.place.platform)?.(inbound);
  }

  #channel(id: string): Channel {
    return {
      id,
      interactive: true,
      send: async (message) => {
        const messageId = `card-${this.cards.length + 1}`;
        this.cards.push({ messageId, message });
        return { platform: id, chatId: "", messageId };
      },
      edit: async (reference) => reference,
      answer: async (_inbound, { lines }) => {
        this.answers.push(lines.flatMap((line) => line.map(({ text }) => text)).join(" "));
        return { platform: id, chatId: "", messageId: "answer" };
      },
      start: (handler) => void this.#handlers.set(id, handler),
      stop: async () => undefined,
    };
  }
}

interface Refused {
  /** In the audit: the refusal's name. Undefined: it was nobody's press at all. */
  readonly refusal?: string;
  /** In the answer; undefined: there is none. */
  readonly answer?: string;
  /** Runs that were confirmed before. */
  readonly runs?: number;
  act(team: Team): Promise<void>;
}

/** By what is wrong. The card is Alice's, critical, in Telegram; Bob's press of "Confirm" is the right one. */
const PRESSES: Readonly<Record<string, Refused>> = {
  "the proposer of something critical": {
    ...{ refusal: "needs-second-person", answer: "second person" },
    act: (team) => team.presses(alice, "Confirm"),
  },
  "the same person by the account on the other platform": {
    ...{ refusal: "needs-second-person", answer: "second person" },
    async act(team) {
      const wish = { action: "count", args: [], proposer: ALICE, via: "human", reason: "test" } as const;
      await team.chat.propose({ ...wish, place: DISCORD_PLACE });
      await team.presses(aliceOnDiscord, "Confirm", { place: DISCORD_PLACE });
    },
  },
  "a user who is not linked to anybody": {
    ...{ refusal: "not-linked", answer: "not in the operators file" },
    act: (team) => team.presses(telegramAs("666"), "Confirm"),
  },
  "a role that does not suffice": {
    ...{ refusal: "no-right", answer: "needs the role approver; carol is operator" },
    async act(team) {
      Object.assign(team.agent.actions.get("count") ?? {}, { role: "approver" });
      await team.presses(telegramAs(CAROL.telegram), "Confirm");
    },
  },
  "a bot, even by a linked id": {
    ...{ refusal: "not-a-person", answer: "Only a person" },
    act: (team) => team.presses({ ...bob, isBot: true }, "Confirm"),
  },
  "an anonymous admin, even by a linked id": {
    ...{ refusal: "not-a-person", answer: "Only a person" },
    act: (team) => team.presses({ ...bob, isAnonymous: true }, "Confirm"),
  },
  "a chat that is none of the team's": {
    act: (team) => team.presses(bob, "Confirm", { place: { platform: "telegram", chatId: "-200" } }),
  },
  "the team's other chat": {
    ...{ refusal: "wrong-chat", answer: "belongs to another chat" },
    act: (team) => team.presses(aliceOnDiscord, "Confirm", { place: DISCORD_PLACE }),
  },
  "a cancel by somebody who may only read": {
    ...{ refusal: "no-right", answer: "Cancelling needs the role responder; dan is viewer" },
    act: (team) => team.presses(telegramAs(DAN.telegram), "Cancel"),
  },
  "a cancel in the team's other chat": {
    answer: "belongs to another chat",
    act: (team) => team.presses(aliceOnDiscord, "Cancel", { place: DISCORD_PLACE }),
  },
  "another message than the card": {
    ...{ refusal: "wrong-message", answer: "original card" },
    act: (team) => team.presses(bob, "Confirm", { messageId: "7" }),
  },
  "a button that was forwarded: the same data below a copy": {
    ...{ refusal: "wrong-message", answer: "original card" },
    act: (team) => team.presses(bob, "Confirm", { messageId: "copy-of-card-1" }),
  },
  "an id that nobody knows": {
    ...{ refusal: "unknown", answer: "not known any more" },
    act: (team) =>
      team.presses(bob, "Confirm", {
        data: encodeButton({ kind: "confirm", id: newProposalId(), digestPiece: "0".repeat(16) }),
      }),
  },
  "a button for other parameters": {
    ...{ refusal: "other-parameters", answer: "other parameters" },
    act(team) {
      const id = team.card.message.buttons?.[0]?.[0]?.data.split(":")[2] ?? "";
      const data = encodeButton({ kind: "confirm", id, digestPiece: "0".repeat(16) });
      return team.presses(bob, "Confirm", { data });
    },
  },
  "a card whose time is over": {
    ...{ refusal: "expired", answer: "" },
    async act(team) {
      await team.world.clock.advance(300_000);
      await team.presses(bob, "Confirm");
    },
  },
  "a second press": {
    ...{ refusal: "not-awaiting", answer: "verified already", runs: 1 },
    async act(team) {
      await team.presses(bob, "Confirm");
      await team.presses(bob, "Confirm");
    },
  },
  "one event that the platform delivers twice": {
    ...{ answer: "handled already", runs: 1 },
    async act(team) {
      await team.presses(bob, "Confirm", { eventId: "e-1" });
      await team.presses(bob, "Confirm", { eventId: "e-1" });
    },
  },
  "a state that is not the one that was shown": {
    ...{ refusal: "changed", answer: "leader was bot-1 and is bot-9" },
    async act(team) {
      team.world.leader = "bot-9";
      await team.presses(bob, "Confirm");
    },
  },
  "a one-time password that was used already": {
    ...{ refusal: "totp-reused", answer: "", runs: 1 },
    async act(team) {
      const form = team.form();
      await team.presses(alice, "Break glass", { form });
      await team.says(alice, "/count");
      await team.presses(alice, "Break glass", { form });
    },
  },
  "no store that the whole fleet shares": {
    ...{ refusal: "no-shared-store", answer: "" },
    async act(team) {
      team.world.sharedStore = false;
      await team.presses(bob, "Confirm");
    },
  },
};

describe("a press does nothing, says why, and stands in the audit:", () => {
  test("but the right one confirms", async () => {
    const team = new Team("critical");
    await team.says(alice, "/count");
    await team.presses(bob, "Confirm");
    expect(team.world.runs).toBe(1);
    expect(team.refusals).toEqual([]);
  });

  for (const [what, { refusal, answer, runs = 0, act }] of Object.entries(PRESSES)) {
    test(what, async () => {
      const team = new Team("critical");
      await team.says(alice, "/count");
      expect(team.cards).toHaveLength(1);
      await act(team);
      expect(team.world.runs).toBe(runs);
      expect(team.refusals).toHaveLength(refusal === undefined ? 0 : 1);
      expect(team.refusals[0] ?? "").toStartWith(refusal === undefined ? "" : `${refusal}: `);
      if (answer === undefined) expect(team.answers).toEqual([]);
      else expect(team.answers.at(-1)).toContain(`⛔`);
      expect(team.answers.at(-1) ?? "").toContain(answer ?? "");
    });
  }
});

/** Messages after which there is no card, so that nobody can confirm anything. */
const MESSAGES: Readonly<Record<string, Refused>> = {
  "a message that was edited into an order": { act: (team) => team.says(alice, "/count", { isEdit: true }) },
  "an order that was forwarded": { act: (team) => team.says(alice, "/count", { isForwarded: true }) },
  "an order that is older than 60 s": {
    answer: "older than a minute",
    act: (team) => team.says(alice, "/count", { sentAtMs: team.world.clock.wallMs() - 60_001 }),
  },
  "an order by nobody in the file": {
    ...{ answer: "not in the operators file", refusal: "telegram:666 count" },
    act: (team) => team.says(telegramAs("666"), "/count"),
  },
  "an order by a bot": {
    ...{ answer: "not in the operators file", refusal: "telegram:22 count" },
    act: (team) => team.says({ ...bob, isBot: true }, "/count"),
  },
  "an order by an anonymous admin": {
    ...{ answer: "not in the operators file", refusal: "telegram:22 count" },
    act: (team) => team.says({ ...bob, isAnonymous: true }, "/count"),
  },
  "an order in a chat that is none of the team's": {
    act: (team) => team.says(alice, "/count", { place: { platform: "telegram", chatId: "-200" } }),
  },
  "an order without a store that the whole fleet shares": {
    answer: "not shared by all agents",
    async act(team) {
      team.world.sharedStore = false;
      await team.says(alice, "/count");
    },
  },
};

describe("a message proposes nothing:", () => {
  for (const [what, { refusal, answer, act }] of Object.entries(MESSAGES)) {
    test(what, async () => {
      const team = new Team("normal");
      await act(team);
      expect(team.cards).toEqual([]);
      expect(await team.agent.book.list()).toEqual([]);
      expect(team.refusedCommands.map((text) => text.split(" ").slice(0, 2).join(" "))).toEqual(
        refusal === undefined ? [] : [refusal],
      );
      expect(team.answers).toHaveLength(answer === undefined ? 0 : 1);
      expect(team.answers[0] ?? "").toContain(answer ?? "");
    });
  }
});
