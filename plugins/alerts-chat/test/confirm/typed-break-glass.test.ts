/** Break-glass as words: parsed, judged as the press that it stands for, refused in every way in which that press would be. */
import { describe, expect, test } from "bun:test";
import { silentLogger } from "@jeju-oracle/kit";
import { captureLog } from "@jeju-oracle/kit/testing";
import { renderKeyboard, renderParts } from "../../src/channels/telegram/render.ts";
import { COMMANDS } from "../../src/commands/index.ts";
import { Router } from "../../src/commands/router.ts";
import { cardOf } from "../../src/confirm/card.ts";
import type { PressResult } from "../../src/confirm/press-desk.ts";
import { codeOf, typedPressOf } from "../../src/confirm/typed-press.ts";
import { breakGlassOf } from "../../src/conversation/break-glass-of.ts";
import type { Channel, InboundHandler } from "../../src/conversation/channel.ts";
import { Chat } from "../../src/conversation/chat.ts";
import type { InboundMessage } from "../../src/conversation/inbound.ts";
import { decodeBase32, totpAt } from "../../src/people/totp.ts";
import { type Agent, ALICE, BOB, CAROL, createAgent, createWorld, PLACE } from "./support/bench-of-agents.ts";

const STEP_MS = 30_000;

function bench(risk: "normal" | "critical" = "critical") {
  const world = createWorld();
  return { world, agent: createAgent(world, "bot-1", risk) };
}

async function cardBy({ confirmations }: Agent, proposer = ALICE, place: InboundMessage["place"] = PLACE) {
  const wish = { action: "count", params: { n: 1 }, proposer, via: "human", reason: "test", place } as const;
  return (await confirmations.bind(await confirmations.propose(wish), "card")).proposal;
}

function passwordAt(wallMs: number): string {
  return totpAt(decodeBase32(ALICE.totp?.reveal() ?? "") ?? new Uint8Array(), Math.floor(wallMs / STEP_MS));
}

function messageOf(text: string, sentAtMs: number, change: Partial<InboundMessage> = {}): InboundMessage {
  return {
    kind: "message",
    eventId: crypto.randomUUID(),
    caller: {
      platform: "telegram",
      userId: ALICE.telegram ?? "",
      displayName: "Alice",
      isBot: false,
      isAnonymous: false,
    },
    place: PLACE,
    messageId: "7",
    text,
    sentAtMs,
    isEdit: false,
    isForwarded: false,
    ...change,
  };
}

describe("words of break-glass", () => {
  test("are code, password and reason", () => {
    const words = { code: "Kx3_9a", totp: "123456", reason: "all others are asleep" };
    for (const text of [
      "/break_glass Kx3_9a 123456 all others are asleep",
      "  /break_glass@oracle_bot  Kx3_9a 123456\nall others  are asleep ",
      "/Break-Glass Kx3_9a 123 456 all others are asleep",
      "/breakglass Kx3_9a 123456 all others are asleep",
    ]) {
      expect(breakGlassOf(text)).toEqual(words);
    }
  });

  test("may be incomplete: the judgement says what is missing", () => {
    expect(breakGlassOf("/break_glass")).toEqual({ code: "", totp: "", reason: "" });
    expect(breakGlassOf("/break_glass Kx3_9a 123456")).toEqual({
      code: "Kx3_9a",
      totp: "123456",
      reason: "",
    });
    expect(breakGlassOf("/break_glass Kx3_9a 123 not a password")?.totp).toBe("123");
  });

  test("are nothing else", () => {
    for (const text of ["break_glass a 1 b", "/break_glasses a 1 b", "/pause 30m", "say /break_glass", ""])
      expect(breakGlassOf(text)).toBeUndefined();
  });

  test("name one proposal by the beginning of its id, or none", async () => {
    const { agent } = bench();
    const proposal = await cardBy(agent);
    const of = (code: string, proposals = [proposal]) =>
      typedPressOf(messageOf("", 0), { code, totp: "1", reason: "r" }, proposals)?.press.messageId;
    expect(of(codeOf(proposal))).toBe("card");
    expect(of(proposal.id)).toBe("card");
    expect(of(codeOf(proposal).slice(0, 5))).toBeUndefined();
    expect(of("")).toBeUndefined();
    expect(
      of(codeOf(proposal), [proposal, { ...proposal, id: `${codeOf(proposal)}another` }]),
    ).toBeUndefined();
  });
});

describe("a typed break-glass", () => {
  test("confirms what is critical for one approver alone; reason in the audit, password nowhere", async () => {
    const { world, agent } = bench();
    const password = passwordAt(world.clock.wallMs());
    const code = codeOf(await cardBy(agent));
    const text = `/break_glass ${code} ${password} all others are asleep`;
    const result = await agent.confirmations.breakGlass(messageOf(text, world.clock.wallMs()));
    expect(result).toMatchObject({ kind: "done", text: "verified: counted" });
    expect(world.runs).toBe(1);
    expect(world.notes.find(({ what }) => what === "confirmed")?.detail).toBe(
      "break-glass: all others are asleep",
    );
    const kept = [...world.server.list("").map(({ value }) => value), JSON.stringify(world.notes)];
    expect(kept.filter((one) => one.includes(password))).toEqual([]);
  });

  test("is undefined for any other message: the router answers that", async () => {
    const { agent } = bench();
    expect(await agent.confirmations.breakGlass(messageOf("/status", 0))).toBeUndefined();
  });

  test("is no command: nothing that a model can call, or that the router runs, confirms", async () => {
    expect(COMMANDS.map(({ name }) => name).filter((name) => name.includes("glass"))).toEqual([]);
    const { world, agent } = bench();
    const router = new Router({
      commands: COMMANDS,
      run: async () => undefined,
      people: agent.people,
      clock: world.clock,
      logger: silentLogger,
      refused: () => undefined,
    });
    const answer = await router.answer(messageOf("/break_glass a 1 b", world.clock.wallMs()));
    expect(answer?.lines[0]?.[0]?.text).toBe("There is no /break_glass.");
  });
});

interface Bench {
  readonly world: ReturnType<typeof createWorld>;
  readonly agent: Agent;
}
interface Case {
  readonly refusal: string;
  readonly risk?: "normal";
  readonly runs?: number;
  act(bench: Bench, text: string): Promise<PressResult | undefined>;
}

const say = ({ world, agent }: Bench, text: string, change: Partial<InboundMessage> = {}) =>
  agent.confirmations.breakGlass(messageOf(text, world.clock.wallMs(), change));
const byAnother = (userId: string | undefined, change: Partial<InboundMessage["caller"]> = {}) => ({
  caller: { ...messageOf("", 0).caller, userId: userId ?? "", ...change },
});
const count = { action: "count", params: { n: 1 }, via: "human", reason: "test", place: PLACE } as const;

/** By what is wrong with a message that is right in all else. */
const CASES: Readonly<Record<string, Case>> = {
  "an edited message": {
    refusal: "not-own-words",
    act: (bench, text) => say(bench, text, { isEdit: true }),
  },
  "a forwarded message": {
    refusal: "not-own-words",
    act: (bench, text) => say(bench, text, { isForwarded: true }),
  },
  "a message older than 60 s": {
    refusal: "stale",
    act: (bench, text) => say(bench, text, { sentAtMs: bench.world.clock.wallMs() - 60_001 }),
  },
  "a bot": {
    refusal: "not-a-person",
    act: (bench, text) => say(bench, text, byAnother(ALICE.telegram, { isBot: true })),
  },
  "an anonymous admin": {
    refusal: "not-a-person",
    act: (bench, text) => say(bench, text, byAnother(ALICE.telegram, { isAnonymous: true })),
  },
  "nobody in the file": {
    refusal: "not-linked",
    act: (bench, text) => say(bench, text, byAnother("666")),
  },
  "an operator, although the action asks for no more": {
    refusal: "no-right",
    act: (bench, text) => say(bench, text, byAnother(CAROL.telegram)),
  },
  "an approver without a secret": {
    refusal: "no-totp-secret",
    act: (bench, text) => say(bench, text, byAnother(BOB.telegram)),
  },
  "another chat": {
    refusal: "wrong-chat",
    act: (bench, text) => say(bench, text, { place: { platform: "telegram", chatId: "-200" } }),
  },
  "the other platform": {
    refusal: "wrong-chat",
    act: (bench, text) =>
      say(bench, text, {
        ...byAnother(ALICE.discord, { platform: "discord" }),
        place: { platform: "discord", chatId: PLACE.chatId },
      }),
  },
  "a code that no card shows": {
    refusal: "unknown",
    act: (bench, text) => say(bench, text.replace(/ \S+/, " AAAAAA")),
  },
  "a code alone": {
    refusal: "totp-missing",
    act: (bench, text) => say(bench, text.split(" ").slice(0, 2).join(" ")),
  },
  "no reason, and the password is still good afterwards": {
    refusal: "reason-missing",
    async act(bench, text) {
      const refused = await say(bench, text.split(" ").slice(0, 3).join(" "));
      expect(bench.world.server.list("chat/totp/")).toEqual([]);
      return refused;
    },
  },
  "a wrong password": {
    refusal: "totp-wrong",
    act: (bench, text) => say(bench, text.replace(/ \d{6} /, " 000000 ")),
  },
  "a password of two minutes ago": {
    refusal: "totp-wrong",
    async act(bench, text) {
      await bench.world.clock.advance(4 * STEP_MS);
      return say(bench, text);
    },
  },
  "a password that was used for another proposal": {
    refusal: "totp-reused",
    runs: 1,
    async act(bench, text) {
      await say(bench, text);
      const next = await cardBy(bench.agent);
      return say(bench, text.replace(/ \S+/, ` ${codeOf(next)}`));
    },
  },
  "the right password after five wrong ones within a minute": {
    refusal: "totp-locked",
    async act(bench, text) {
      for (let guess = 0; guess < 5; guess++) await say(bench, text.replace(/ \d{6} /, ` 00000${guess} `));
      return say(bench, text);
    },
  },
  "what is not critical": {
    refusal: "not-critical",
    risk: "normal",
    act: (bench, text) => say(bench, text),
  },
  "a proposal whose time is over": {
    refusal: "expired",
    async act(bench) {
      await bench.world.clock.advance(300_000);
      const [filed] = await bench.agent.book.list();
      const password = passwordAt(bench.world.clock.wallMs());
      return say(bench, `/break_glass ${filed === undefined ? "" : codeOf(filed.proposal)} ${password} late`);
    },
  },
  "a proposal that another one replaced": {
    refusal: "not-awaiting",
    async act(bench, text) {
      await cardBy(bench.agent);
      return say(bench, text);
    },
  },
  "a proposal that was run already": {
    refusal: "not-awaiting",
    runs: 1,
    async act(bench, text) {
      await say(bench, text);
      return say(bench, text);
    },
  },
  "one message that the platform delivers twice": {
    refusal: "duplicate",
    runs: 1,
    async act(bench, text) {
      await say(bench, text, { eventId: "e-1" });
      return say(bench, text, { eventId: "e-1" });
    },
  },
  "a proposal whose card was not shown yet": {
    refusal: "never-bound",
    async act(bench) {
      const { proposal } = await bench.agent.confirmations.propose({ ...count, proposer: ALICE });
      const password = passwordAt(bench.world.clock.wallMs());
      return say(bench, `/break_glass ${codeOf(proposal)} ${password} early`);
    },
  },
  "a state that is not the one that was shown, and the password is still good afterwards": {
    refusal: "changed",
    async act(bench, text) {
      bench.world.leader = "bot-9";
      const refused = await say(bench, text);
      expect(bench.world.server.list("chat/totp/")).toEqual([]);
      return refused;
    },
  },
  "no store that the whole fleet shares": {
    refusal: "no-shared-store",
    act(bench, text) {
      bench.world.sharedStore = false;
      return say(bench, text);
    },
  },
};

describe("a typed break-glass does nothing and says why:", () => {
  for (const [what, { refusal, risk, runs = 0, act }] of Object.entries(CASES)) {
    test(what, async () => {
      const made = bench(risk);
      const password = passwordAt(made.world.clock.wallMs());
      const proposal = await cardBy(made.agent);
      const settled = act(made, `/break_glass ${codeOf(proposal)} ${password} all others are asleep`);
      let isSettled = false;
      void settled.finally(() => {
        isSettled = true;
      });
      // A card that is not bound yet is waited for.
      for (let look = 0; look < 40 && !isSettled; look++) {
        await Bun.sleep(0);
        if (refusal === "never-bound") await made.world.clock.advance(200);
      }
      expect(await settled).toMatchObject({ kind: "refused", refusal });
      expect(made.world.runs).toBe(runs);
      expect(JSON.stringify(made.world.notes)).not.toContain(password);
    });
  }
});

describe("the message with the password", () => {
  for (const [what, remove] of [
    ["is taken away before anything is judged", async () => undefined],
    ["counts although it cannot be taken away", () => Promise.reject(new Error("no right to delete"))],
    ["counts although taking it away hangs", () => new Promise<void>(() => undefined)],
    ["counts where nothing can be taken away", undefined],
  ] as const) {
    test(what, async () => {
      const { world, agent } = bench();
      const log = captureLog("debug");
      const removed: string[] = [];
      const answers: string[] = [];
      let hear: InboundHandler = async () => undefined;
      const channel: Channel = {
        id: "telegram",
        interactive: true,
        send: async () => ({ platform: "telegram", chatId: "", messageId: "1" }),
        edit: async (reference) => reference,
        answer: async (_inbound, { lines }) => {
          answers.push(
            lines
              .flat()
              .map(({ text }) => text)
              .join(" "),
          );
          return { platform: "telegram", chatId: "", messageId: "2" };
        },
        ...(remove === undefined
          ? {}
          : {
              remove: ({ messageId }: InboundMessage) => {
                removed.push(`${messageId} after ${world.runs} runs`);
                return remove();
              },
            }),
        start: (handler) => {
          hear = handler;
        },
        stop: async () => undefined,
      };
      const { confirmations, book, actions, people } = agent;
      const { clock } = world;
      const router = new Router({
        ...{ commands: COMMANDS, people, clock, logger: log.logger },
        run: async () => undefined,
        refused: () => undefined,
      });
      const chat = new Chat({
        ...{ channels: [channel], router, confirmations, book, actions, clock, logger: log.logger },
        pressOther: async () => undefined,
        looksAfter: () => false,
        isHome: () => true,
      });
      chat.start();
      const password = passwordAt(clock.wallMs());
      const text = `/break_glass ${codeOf(await cardBy(agent))} ${password} asleep`;
      await hear(messageOf(text, clock.wallMs()));
      await chat.stop();
      expect(answers).toEqual(["✔ verified: counted"]);
      expect(removed).toEqual(remove === undefined ? [] : ["7 after 0 runs"]);
      expect(log.lines.join()).not.toContain(password);
    });
  }
});

describe("the card of something critical", () => {
  test("in Telegram, which has no forms, tells what to type instead of a button", async () => {
    const { agent } = bench();
    const proposal = await cardBy(agent);
    const card = cardOf(proposal, "Count");
    const text = renderParts(card)
      .map((part) => part.text)
      .join("\n");
    expect(text).toContain(`Break glass: /break_glass ${codeOf(proposal)} one-time-password reason`);
    const labels = renderKeyboard(card)
      ?.inline_keyboard.flat()
      .map((button) => button.text);
    expect(labels).toEqual(["Confirm", "Cancel"]);
  });

  test("tells it only while it can be confirmed, and not of what is not critical", async () => {
    const { agent } = bench();
    const proposal = await cardBy(agent);
    for (const shown of [
      { ...proposal, state: "verified" as const },
      { ...proposal, risk: "normal" as const },
    ]) {
      const text = renderParts(cardOf(shown, "Count"))
        .map((part) => part.text)
        .join("\n");
      expect(text).not.toContain("break_glass");
    }
  });
});
