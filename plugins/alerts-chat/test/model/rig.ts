/**
 * A conversation with a model: a real elizaOS runtime with a plugin whose model says what the test wants, the real router, and the
 * real confirmations over a store in memory. Only the channel and the system behind the commands are stand-ins.
 */
import { AgentRuntime, type GenerateTextParams, type Plugin } from "@elizaos/core";
import { InvariantError, type SharedRecords, silentLogger } from "@jeju-oracle/kit";
import { captureLog } from "@jeju-oracle/kit/testing";
import { elizaLoggerTo, redirectGlobalElizaLog } from "../../../../agent/src/eliza-log.ts";
import { MemoryAdapter } from "../../../../agent/src/memory-adapter.ts";
import oracleOps from "../../../../characters/oracle-ops.ts";
import { MemoryStoreServer } from "../../../leader-lock/test/support/memory-store.ts";
import { CONTROL_ACTIONS } from "../../src/actions/index.ts";
import type { SystemView } from "../../src/actions/system-view.ts";
import type { Alert } from "../../src/alerts/alert.ts";
import type { AlertDesk } from "../../src/alerts/alert-desk.ts";
import type { AuditNote } from "../../src/audit/audit-log.ts";
import type { CommandContext } from "../../src/commands/command.ts";
import { runAsAction, toAction } from "../../src/commands/eliza-actions.ts";
import { COMMANDS } from "../../src/commands/index.ts";
import { Router } from "../../src/commands/router.ts";
import { Confirmations } from "../../src/confirm/confirmations.ts";
import type { Proposal } from "../../src/confirm/proposal.ts";
import { ProposalBook } from "../../src/confirm/proposal-book.ts";
import { TotpGuard } from "../../src/confirm/totp-guard.ts";
import type { Channel, InboundHandler } from "../../src/conversation/channel.ts";
import { Chat } from "../../src/conversation/chat.ts";
import type { Caller, Inbound, InboundMessage } from "../../src/conversation/inbound.ts";
import type { OutboundMessage } from "../../src/conversation/outbound.ts";
import { ask } from "../../src/model/ask.ts";
import { freeText } from "../../src/model/free-text.ts";
import { createPeople } from "../../src/people/operators-file.ts";
import type { Role } from "../../src/people/people.ts";
import { FakeSystem } from "../support/fake-view.ts";

const PLACE = { platform: "telegram", chatId: "-100" } as const;
const ID_BY_NAME = { vic: "1", ola: "2", ann: "3", abe: "4", stranger: "99" } as const;
const PATIENCE_MS = 10_000;
export type Name = keyof typeof ID_BY_NAME;

const person = (id: Name, role: Role) =>
  ({ id, role, telegram: ID_BY_NAME[id], discord: undefined, totp: undefined }) as const;
const people = createPeople(
  [person("vic", "viewer"), person("ola", "operator"), person("ann", "approver"), person("abe", "approver")],
  [],
);
const commands = [...COMMANDS.filter(({ name }) => name !== ask.name), ask];

/** What a model does with a prompt. */
export type Model = (prompt: string, params: GenerateTextParams) => unknown;

export class Rig {
  readonly system = new FakeSystem();
  readonly log = captureLog("debug");
  readonly notes: AuditNote[] = [];
  readonly prompts: string[] = [];
  readonly alerts: Alert[] = [];
  /** Everything that the channel shows, oldest first. */
  readonly shown: OutboundMessage[] = [];
  readonly book: ProposalBook;
  readonly runtime: AgentRuntime;
  model: Model = () => "{}";
  #hear: InboundHandler = async () => undefined;
  readonly #chat: Chat;
  readonly #records: SharedRecords;

  private constructor(runtime: AgentRuntime, contextOf: { context?: CommandContext }) {
    this.runtime = runtime;
    this.#records = recordsOver(new MemoryStoreServer());
    this.book = new ProposalBook(this.#records);
    const { system, book, log, notes } = this;
    const { clock } = system;
    const { logger } = log;
    const view: SystemView = { ...system.view(), records: this.#records, owner: system.view().owner };
    const actions = new Map(CONTROL_ACTIONS.map((action) => [action.id, action]));
    const confirmations = new Confirmations({
      view,
      actions,
      people,
      book,
      totp: new TotpGuard(this.#records, clock),
      audit: { write: (note) => void notes.push(note) },
      clock,
      logger,
      botId: "bot-1",
      incarnation: "bot-1-first",
      isAlive: () => true,
      changed: () => undefined,
    });
    const refused = (who: string, action: string, detail: string) =>
      void notes.push({ who, what: "refused", action, detail });
    const router: Router = new Router({
      commands,
      run: (command, args, asking) => runAsAction(runtime, command, args, asking),
      people,
      clock,
      logger,
      refused,
      freeText: (message, asking) => answerFreeText(message, asking),
    });
    this.#chat = new Chat({
      channels: [this.#channel()],
      router,
      confirmations,
      book,
      actions,
      looksAfter: () => false,
      pressOther: async () => undefined,
      isHome: () => true,
      clock,
      logger,
    });
    const answerFreeText = freeText({
      runtime,
      commands,
      actions,
      answer: (message) => router.answer(message),
      proposals: this.#chat,
      refused,
      clock,
      logger,
    });
    contextOf.context = {
      view,
      proposals: this.#chat,
      people,
      alerts: this.#alertDesk(),
      audit: { since: () => [] },
      commandsFor: () => commands,
    };
    this.#chat.start();
  }

  static async start(hasModel = true): Promise<Rig> {
    redirectGlobalElizaLog(silentLogger);
    const holder: { rig?: Rig; context?: CommandContext } = {};
    const chatPlugin: Plugin = {
      name: "chat",
      description: "the commands of the chat",
      actions: commands.map((command) => toAction(command, () => holder.context)),
    };
    const modelPlugin: Plugin = {
      name: "model",
      description: "a model that does what a test wants",
      models: {
        TEXT_SMALL: async (_runtime, params) => {
          const prompt = String(params.prompt);
          holder.rig?.prompts.push(prompt);
          return (await holder.rig?.model(prompt, params as GenerateTextParams)) as string;
        },
      },
    };
    const runtime = new AgentRuntime({
      character: structuredClone(oracleOps),
      plugins: hasModel ? [chatPlugin, modelPlugin] : [chatPlugin],
      adapter: new MemoryAdapter(),
      settings: {},
    });
    runtime.logger = elizaLoggerTo(silentLogger);
    await runtime.initialize();
    holder.rig = new Rig(runtime, holder);
    return holder.rig;
  }

  async stop(): Promise<void> {
    await this.#chat.stop();
    await this.runtime.stop();
  }

  /** Says something in the team's chat. @returns what was answered, as text; a card is in {@link shown}. */
  async says(name: Name, text: string, more: Partial<InboundMessage> = {}): Promise<string | undefined> {
    const answers: OutboundMessage[] = [];
    const inbound: InboundMessage = {
      kind: "message",
      eventId: crypto.randomUUID(),
      caller: callerOf(name),
      place: PLACE,
      messageId: crypto.randomUUID(),
      text,
      sentAtMs: this.system.clock.wallMs(),
      isEdit: false,
      isForwarded: false,
      ...more,
    };
    this.#answers.set(inbound.eventId, answers);
    await this.#hear(inbound);
    return answers[0] === undefined ? undefined : textOf(answers[0]);
  }

  async until(isTrue: () => boolean): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    while (!isTrue()) {
      if (performance.now() > endMs) throw new Error(`waited in vain for: ${isTrue.toString()}`);
      await Bun.sleep(1);
    }
  }

  /** Presses a button of the newest message that has it. */
  async presses(name: Name, label: string): Promise<string | undefined> {
    const index = this.shown.findLastIndex(({ buttons }) => buttons?.flat().some((b) => b.label === label));
    const data = this.shown[index]?.buttons?.flat().find((button) => button.label === label)?.data;
    if (data === undefined) throw new Error(`nothing shown has a button ${label}`);
    const answers: OutboundMessage[] = [];
    const inbound: Inbound = {
      kind: "press",
      eventId: crypto.randomUUID(),
      caller: callerOf(name),
      place: PLACE,
      messageId: String(index),
      data,
    };
    this.#answers.set(inbound.eventId, answers);
    await this.#hear(inbound);
    return answers[0] === undefined ? undefined : textOf(answers[0]);
  }

  async proposals(): Promise<readonly Proposal[]> {
    return (await this.book.list()).map(({ proposal }) => proposal);
  }

  /** Whatever could have been changed, as it stands. */
  async traces(): Promise<unknown> {
    const { asked, sent } = this.system;
    const audited = this.notes.filter(({ what }) => what !== "refused");
    return { asked: [...asked], sent: [...sent], proposals: await this.proposals(), audited };
  }

  #alertDesk(): AlertDesk {
    const changing = (what: string) => async (): Promise<never> => {
      this.system.asked.push([what]);
      throw new InvariantError(what);
    };
    return {
      list: async () => this.alerts,
      silences: async () => [],
      acknowledge: changing("acknowledge"),
      unacknowledge: changing("unacknowledge"),
      silence: changing("silence"),
      unsilence: changing("unsilence"),
      observe: changing("observe"),
    };
  }

  readonly #answers = new Map<string, OutboundMessage[]>();

  #channel(): Channel {
    const show = (message: OutboundMessage) => ({
      ...PLACE,
      messageId: String(this.shown.push(message) - 1),
    });
    return {
      id: "telegram",
      interactive: true,
      send: async (message) => show(message),
      edit: async (_reference, message) => show(message),
      answer: async ({ eventId }, message) => {
        this.#answers.get(eventId)?.push(message);
        return show(message);
      },
      start: (handler) => {
        this.#hear = handler;
      },
      stop: async () => undefined,
    };
  }
}

export function textOf({ lines }: OutboundMessage): string {
  return lines.map((spans) => spans.map(({ text }) => text).join("")).join("\n");
}

function callerOf(name: Name): Caller {
  return {
    platform: "telegram",
    userId: ID_BY_NAME[name],
    displayName: name,
    isBot: false,
    isAnonymous: false,
  };
}

function recordsOver(server: MemoryStoreServer): SharedRecords {
  const store = server.client("bot-1");
  const { signal } = new AbortController();
  return {
    available: true,
    reachable: () => true,
    read: (name) => store.read(name, signal),
    list: (prefix) => store.list(prefix, signal),
    cas: (name, previous, next) => store.cas(name, previous, next, signal),
    watch: () => () => undefined,
  };
}
